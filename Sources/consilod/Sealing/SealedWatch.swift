import Domain
import Logging
import QueryAPI
import ServiceLifecycle
import Store
import Synchronization
import Vault
import WorkLoop

/// Looks now and then whether the configured keys open what is sealed in the store, for `/health`.
struct SealedWatch: Service, CustomStringConvertible {
    /// What was seen last.
    final class Board: Sendable {
        private let survey = Mutex<SealedSurvey?>(nil)

        var latest: SealedSurvey? {
            get { survey.withLock { $0 } }
            set { survey.withLock { $0 = newValue } }
        }

        var component: HealthReport.Component {
            guard let survey = latest, survey.unreadableCount > 0 else {
                return .init(status: .healthy, detail: "the keys open every sealed value")
            }
            return .init(
                status: .degraded,
                detail: "no configured key opens \(survey.unreadableText); webhooks and deliveries that need them wait",
                reason: .secretsUnreadable)
        }
    }

    /// Between two looks: each opens every value.
    private static let pause = Duration.seconds(600)
    /// As long as something cannot be opened, so that its cure is seen.
    private static let shortPause = Duration.seconds(30)

    let store: RiskStore
    let vault: Vault
    let board: Board
    let logger: Logger

    /// Without the keys: services are logged with all they hold.
    var description: String { "SealedWatch" }

    func run() async throws {
        let nextAt = Mutex(ContinuousClock.now)
        await WorkLoop.run(every: .seconds(5), nudges: Nudge().stream) {
            guard ContinuousClock.now >= nextAt.withLock({ $0 }) else { return }
            let before = board.latest?.unreadableCount ?? 0
            await look()
            let unreadable = board.latest?.unreadableCount ?? 0
            nextAt.withLock { $0 = .now + (unreadable > 0 ? Self.shortPause : Self.pause) }
            guard unreadable != before else { return }
            logger.log(
                level: unreadable > 0 ? .error : .notice,
                unreadable > 0 ? "sealed values cannot be opened" : "sealed values can be opened again",
                metadata: unreadable > 0 ? ["values": "\(board.latest?.unreadableText ?? "")"] : [:])
        }
    }

    private func look() async {
        do {
            board.latest = try await SealedSurvey.run(of: store, with: vault, waitingOnly: true)
        } catch {
            // The store's own failure, which /health reports; the next look is soon enough.
            logger.warning("cannot read the sealed values", metadata: ["error": "\(error)"])
        }
    }
}

extension SealedSurvey {
    /// As a check of `doctor`.
    var check: DiagnosticCheck {
        let name = "encryption"
        guard unreadableCount == 0 else {
            return DiagnosticCheck(
                name, .failed, "no configured key opens \(unreadableText)",
                remedy: "add the key that encrypted them to encryption.key, or enter the lost secrets again")
        }
        guard older == 0 else {
            return DiagnosticCheck(
                name, .warning,
                "\(older) of \(total) sealed values still need an older key than the first",
                remedy: "run consilod store reseal, then remove the older key")
        }
        return DiagnosticCheck(name, .ok, "the first key opens all of the \(total) sealed values")
    }
}
