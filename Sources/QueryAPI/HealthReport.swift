public import Domain

/// The health of the daemon and its parts (P10).
public struct HealthReport: Sendable {
    /// The worst state of any part.
    public enum Status: String, Sendable, Codable {
        /// All parts work.
        case healthy
        /// Requests are answered, but something is missing, such as the sentiment model.
        case degraded
        /// Requests cannot be answered, as without the store.
        case unhealthy
    }

    /// Why a component is as it is, for programs.
    public enum Reason: String, Sendable, Codable {
        /// Comments are read by the word list: a model is wanted, and none was found.
        case modelMissing = "model_missing"
        /// Comments are read by the word list: the configuration turns the model off.
        case modelDisabled = "model_disabled"
        /// The model in the folder cannot be used.
        case modelUnusable = "model_unusable"
        /// The host's clock contradicts what is known of the time.
        case clockDoubted = "clock_doubted"
        /// No configured key opens some of the sealed values.
        case secretsUnreadable = "secrets_unreadable"
    }

    /// One part of the daemon.
    public struct Component: Sendable, Codable {
        /// How this part works.
        public var status: Status
        /// One sentence for people, without secrets.
        public var detail: String
        /// Nil where there is no special reason, and left out of `/health` then.
        public var reason: Reason?

        public init(status: Status, detail: String, reason: Reason? = nil) {
            self.status = status
            self.detail = detail
            self.reason = reason
        }
    }

    /// The worst of ``components``.
    public var status: Status
    /// By name: `store`, `rescorer`, `alerts`, `sentiment`, …
    public var components: [String: Component]
    /// Nil where the store cannot answer.
    public var figures: StoreFigures?
    /// The scorer and the sentiment model in use.
    public var engine: EngineIdentity
    /// Processes that work on the store, this one included; nil where it does not answer.
    public var nodes: Int?

    public init(
        status: Status, components: [String: Component], figures: StoreFigures?, engine: EngineIdentity,
        nodes: Int? = nil
    ) {
        self.status = status
        self.components = components
        self.figures = figures
        self.engine = engine
        self.nodes = nodes
    }
}

/// Reports the daemon's health.
public protocol HealthReporting: Sendable {
    /// The health now. Never fails: what cannot be checked is itself part of the report.
    func health() async -> HealthReport
}
