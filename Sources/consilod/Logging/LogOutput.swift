import Glibc
import Logging
import Synchronization

/// Where log entries go, and from which level on: one level for the whole process, so that SIGHUP can change it.
enum LogOutput {
    private static let current = Mutex(Logger.Level.info)

    static var level: Logger.Level { current.withLock { $0 } }
    static func setLevel(_ level: Logger.Level) { current.withLock { $0 = level } }

    /// Sends all logging to the journal where stderr leads there, else to stderr. Call once, first.
    static func bootstrap(level: Logger.Level) {
        setLevel(level)
        // A reader of the log that has gone away must not end the daemon.
        signal(SIGPIPE, SIG_IGN)
        let destination: any LogDestination = Journal.isConnected ? Journal() : StandardError()
        LoggingSystem.bootstrap { DaemonLogHandler(label: $0, destination: destination) }
    }
}
