import Domain
import Logging
import ServiceLifecycle
import Store
import WorkLoop

/// Makes the pictures of tenants that somebody looks at (decision 0044), each on one node at a time.
struct RiskPictureWorker: Service {
    /// How long a claim is exclusive. Pictures that take longer may be made twice, and are written once.
    private static let leaseSeconds: Int64 = 600
    /// After a failure.
    private static let retrySeconds: Int64 = 300
    /// How long pictures are good at least.
    private static let freshSeconds: Int64 = 20
    /// They are good for this many times the time that they took, so that looking at them never keeps a processor busy.
    private static let restFactor: Int64 = 30

    let store: RiskStore
    /// The trusted clock.
    let now: @Sendable () -> Timestamp
    /// Where pictures are put together; nil for where everything runs.
    let executor: @Sendable (TenantID) -> (any TaskExecutor)?
    let logger: Logger

    /// Works until graceful shutdown; looks once a second.
    func run() async throws {
        await WorkLoop.run(nudges: Nudge().stream) {
            while !Task.isShuttingDownGracefully, await workOnNext() {}
        }
    }

    /// Works on the next tenant whose pictures are due; false when none are, or the store failed.
    func workOnNext() async -> Bool {
        let claim: RiskPictureClaim
        do {
            let now = now()
            let next = try await store.claimRiskPictures(
                now: now, leaseUntil: now.adding(seconds: Self.leaseSeconds))
            guard let next else { return false }
            claim = next
        } catch {
            logger.error("failed to read the due dashboard figures", metadata: ["error": "\(error)"])
            return false
        }
        do {
            try await work(on: claim)
        } catch {
            logger.error(
                "failed to compute dashboard figures; retrying later",
                metadata: ["tenant": "\(claim.tenantID)", "error": "\(error)"])
            await giveBack(claim)
        }
        return true
    }

    private func work(on claim: RiskPictureClaim) async throws {
        let (now, start) = (now(), ContinuousClock.now)
        let pictures = try await withTaskExecutorPreference(executor(claim.tenantID)) {
            try await store.makeRiskPictures(claim, now: now)
        }
        let seconds = Int64((ContinuousClock.now - start) / .seconds(1))
        let isWritten = try await store.finish(
            claim, pictures, freshUntil: now.adding(seconds: max(Self.freshSeconds, seconds * Self.restFactor)),
            nextDueAt: now.adding(days: 1), now: now)
        logger.debug(
            isWritten ? "dashboard figures computed" : "lease lost on dashboard figures",
            metadata: ["tenant": "\(claim.tenantID)", "seconds": "\(seconds)"])
    }

    private func giveBack(_ claim: RiskPictureClaim) async {
        do {
            try await store.fail(claim, retryAt: now().adding(seconds: Self.retrySeconds))
        } catch {
            // The lease runs out by itself.
            logger.error("failed to release dashboard figures", metadata: ["error": "\(error)"])
        }
    }
}
