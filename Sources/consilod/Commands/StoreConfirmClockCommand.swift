import ArgumentParser
import Domain
import Store

/// Declares the host's clock to be right.
struct StoreConfirmClockCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "confirm-clock",
        abstract: "Tell consilod that this host's clock is right, so that it deletes what has expired again.",
        discussion: """
            When the host's clock contradicts what the store remembers, consilod reports it as degraded and deletes nothing. \
            It trusts the clock again once it has run for 24 hours without a step, or after this command. Compare the clock with \
            another one first. Works while the daemon runs, which takes it up within seconds.
            """)

    @OptionGroup var arguments: StoreArguments

    func run() async throws {
        let location = try await arguments.location()
        let store = try await RiskStore.beside(location)
        let before: ClockRecord
        do {
            before = try await store.clockRecord()
            try await store.confirmClock(at: .now, by: .operator)
            try store.close()
        } catch {
            try store.close()
            throw error
        }
        print("store      \(location)")
        print("last use   \(before.trustedAt.map { "\($0)" } ?? "unknown")")
        print("now        \(Timestamp.now), confirmed")
    }
}
