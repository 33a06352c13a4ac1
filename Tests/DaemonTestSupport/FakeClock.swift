import Foundation
import TestSupport

/// The wall clock of a daemon in a test, moved by libfaketime (package `faketime`); its monotonic clocks run as they are.
struct FakeClock {
    private let file: URL

    private static let library = ["x86_64", "aarch64"].map { "/usr/lib/\($0)-linux-gnu/faketime/libfaketimeMT.so.1" }
        .first { FileManager.default.fileExists(atPath: $0) }

    /// Whether the library is installed.
    static var isInstalled: Bool { library != nil }
    static let isMissing = "libfaketime is not installed (apt-get install faketime)"

    /// Gives a daemon that is not started yet this clock.
    init(of daemon: DaemonProcess) throws {
        file = daemon.folder.appendingPathComponent("faketime")
        guard let library = Self.library else { throw Unexpected(Self.isMissing) }
        try set(days: 0)
        let timers = try Self.timers(in: daemon.folder)
        for (name, value) in [
            ("LD_PRELOAD", "\(timers):\(library)"), ("FAKETIME_TIMESTAMP_FILE", file.path), ("FAKETIME_NO_CACHE", "1"),
            ("FAKETIME_DONT_FAKE_MONOTONIC", "1"), ("DONT_FAKE_MONOTONIC", "1"), ("NO_FAKE_STAT", "1"),
        ] {
            daemon.setEnvironment(name, value)
        }
        // The library changes the environment of the first process that it is loaded into, and from there on Swift finds no
        // arguments.
        daemon.launcher = ["/usr/bin/env"]
    }

    /// Sets the clock so many days ahead of the true time, or behind where they are negative.
    func set(days: Int) throws {
        try "\(days < 0 ? "" : "+")\(days)d\n".write(to: file, atomically: true, encoding: .utf8)
    }

    /// A library that leaves the kernel's timers alone, to be loaded before libfaketime: that (0.9.10) moves timers of the monotonic
    /// clock too, though it is told to leave this clock alone, and one that is set while the clock is wrong ends at another time or is refused
    /// (`findings/faketime-moves-monotonic-timers.sh`).
    private static func timers(in folder: URL) throws -> String {
        let source = """
            #include <sys/syscall.h>
            #include <sys/timerfd.h>
            #include <unistd.h>
            int timerfd_settime(int timer, int flags, const struct itimerspec *value, struct itimerspec *old) {
                return (int)syscall(SYS_timerfd_settime, timer, flags, value, old);
            }
            """
        let (code, library) = (folder.appendingPathComponent("timers.c"), folder.appendingPathComponent("timers.so"))
        try source.write(to: code, atomically: true, encoding: .utf8)
        let compiler = Process()
        compiler.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        compiler.arguments = ["clang", "-shared", "-fPIC", "-o", library.path, code.path]
        try compiler.run()
        compiler.waitUntilExit()
        guard compiler.terminationStatus == 0 else { throw Unexpected("clang cannot compile \(code.path)") }
        return library.path
    }
}
