public import Domain
public import Logging
public import ServiceLifecycle

/// Writes scores, bands, forecast dates and causes into the tenants' Jiras, where they have switched that on.
///
/// Work is rows, as everywhere: what is due follows from comparing what is current with what was written last, so it may be
/// killed at any instant, and any number of nodes share the tenants.
public struct JiraWriter: Service {
    /// How much and how often it writes, with the defaults of the daemon.
    public struct Options: Sendable {
        /// Time between two looks at a tenant's issues, in seconds.
        public var lookSeconds: Int64 = 60
        /// Most issues written to at one look; with ``lookSeconds`` it bounds what a tenant's Jira is given.
        public var writesPerLook = 100
        /// How long one look may take, in seconds: after it the tenant is due again at once, behind those that wait.
        public var visitSeconds: Int64 = 30
        /// Tenants written for at the same time.
        public var concurrency = 4
        /// Lease of a claim, extended with every write, in seconds. A write with all its repetitions takes less.
        public var leaseSeconds: Int64 = 900
        /// How long nothing is written after Jira has refused what it would refuse of every issue, in seconds.
        public var stopSeconds: Int64 = 3600
        /// Issues refused one after the other, without one written, after which it is not the issues but their project, or, over
        /// several projects, all of them.
        public var refusalLimit = 5

        public init() {}
    }

    private let store: any WriteBackStore
    private let connections: JiraConnections
    private let options: Options
    private let nudges: AsyncStream<Void>
    private let now: @Sendable () -> Timestamp
    private let metrics: WriteBackMetrics
    private let logger: Logger

    /// - Parameter nudges: wakes it at once; it also looks once a second.
    public init(
        store: any WriteBackStore, connections: JiraConnections, options: Options = Options(),
        nudges: AsyncStream<Void>, now: @escaping @Sendable () -> Timestamp,
        metrics: WriteBackMetrics = WriteBackMetrics(), logger: Logger
    ) {
        self.store = store
        self.connections = connections
        self.options = options
        self.nudges = nudges
        self.now = now
        self.metrics = metrics
        self.logger = logger
    }

    /// Works until graceful shutdown; a call in flight is cancelled, for it is repeated.
    public func run() async throws {
        await IndependentLoops.run(options.concurrency, nudges: nudges) { await workOff() }
    }

    /// Writes for one tenant after the other until no more are due.
    private func workOff() async {
        while !Task.isCancelled {
            do {
                let now = now()
                let claim = try await store.claimWriteBack(
                    now: now, leaseUntil: now.adding(seconds: options.leaseSeconds))
                guard let claim else { return }
                try await write(claim)
            } catch let error as StorageError where error.code == .stale {
                logger.debug("lost the lease on writes to Jira")
            } catch {
                return logger.error("cannot write to Jira", metadata: ["error": "\(error)"])
            }
        }
    }

    private func write(_ claim: WriteBackClaim) async throws {
        var visit = WriteBackVisit(
            claim: claim, store: store, options: options, now: now, metrics: metrics, logger: logger)
        let outcome: WriteBackVisit.Outcome
        do {
            if let client = try await connections.client(for: claim.tenantID) {
                outcome = try await visit.run(with: client)
            } else {
                outcome = .later(options.stopSeconds, hasFailed: false)
            }
        } catch let error as UnreadableJiraToken {
            outcome = .stopped(reason: "\(error)")
        }
        let at = now()
        switch outcome {
        case .later(let seconds, let hasFailed):
            try await store.release(claim, dueAt: at.adding(seconds: seconds), hasFailed: hasFailed, stop: nil)
        case .stopped(let reason):
            let until = at.adding(seconds: options.stopSeconds)
            logger.error(
                "Jira refuses writes; stopped for a while",
                metadata: ["tenant": "\(claim.tenantID)", "error": "\(reason)", "until": "\(until)"])
            try await store.release(claim, dueAt: until, hasFailed: false, stop: (until, reason))
        }
    }
}
