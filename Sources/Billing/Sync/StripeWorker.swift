import Domain
public import Logging
public import ServiceLifecycle
import WorkLoop

/// Fetches the subscriptions that are due: those about which events have come, and each after a while without one.
///
/// Work is rows: any number of nodes share them, and a lost wake-up or event costs time only.
public struct StripeWorker: Service {
    private let sync: StripeSync
    private let nudges: AsyncStream<Void>
    private let logger: Logger

    /// - Parameter nudges: wakes it at once; it also looks every five seconds.
    public init(sync: StripeSync, nudges: AsyncStream<Void>, logger: Logger) {
        self.sync = sync
        self.nudges = nudges
        self.logger = logger
    }

    /// Works until graceful shutdown; a call in flight is cancelled, for it is repeated.
    public func run() async throws {
        await cancelWhenGracefulShutdown {
            await WorkLoop.run(every: .seconds(5), nudges: nudges) { await workOff() }
        }
    }

    private func workOff() async {
        while !Task.isCancelled {
            do {
                guard let claim = try await sync.claim(nil) else { return }
                try await work(claim)
            } catch {
                return logger.error("cannot bring subscriptions in step", metadata: ["error": "\(error)"])
            }
        }
    }

    /// What stands in the way of one tenant delays no other one. Throws where the store does not take that either.
    private func work(_ claim: StripeClaim) async throws {
        do {
            try await sync.run(claim)
        } catch let error as StorageError where error.code == .stale {
            logger.debug("lost the lease on a subscription")
        } catch {
            logger.error(
                "cannot bring a subscription in step",
                metadata: ["tenant": "\(claim.account.tenantID)", "error": "\(error)"])
            try await sync.putOff(claim, error)
        }
    }
}
