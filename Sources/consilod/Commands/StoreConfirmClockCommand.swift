import ArgumentParser
import Domain
import Store

/// Declares the host's clock to be right.
struct StoreConfirmClockCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "confirm-clock",
        abstract: "Confirm that this host's clock is right, so that consilod resumes deleting expired data.",
        discussion: """
            If the host's clock contradicts the time recorded in the store, consilod reports it as degraded and \
            deletes nothing by age. It trusts the clock again after 24 hours without a step, or after this command. \
            Compare the clock with another one first. A running daemon notices the confirmation within seconds.
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
