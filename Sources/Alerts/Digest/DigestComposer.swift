public import Domain
public import Logging

/// Puts a digest together: what the store says, and in a weekly one what the scorecards say of the rules. A digest comes also
/// where they fail or take too long, and says so.
public struct DigestComposer: Sendable {
    /// The rules to change, by their scorecards of the ``reviewedDays`` before the digest.
    public typealias RuleReviewer = @Sendable (DigestRequest) async throws -> [DigestContent.RuleLine]

    /// How many days the scorecards of a digest speak of.
    public static let reviewedDays = 90
    /// How long the scorecards may take. The rest of the worker's lease is more than the digest itself needs.
    public static let reviewLimit = Duration.seconds(30)

    private let store: any DigestStore
    private let reviewRules: RuleReviewer
    private let limit: Duration
    private let logger: Logger

    /// - Parameter limit: how long the scorecards may take.
    public init(
        store: any DigestStore, reviewRules: @escaping RuleReviewer, limit: Duration = Self.reviewLimit, logger: Logger
    ) {
        self.store = store
        self.reviewRules = reviewRules
        self.limit = limit
        self.logger = logger
    }

    /// What a digest says. Throws what the store throws of the issues, and `CancellationError`.
    func content(_ request: DigestRequest) async throws -> DigestContent {
        var content = try await store.digestContent(request)
        if request.every == .week { content.rules = try await review(for: request) }
        return content
    }

    private func review(for request: DigestRequest) async throws -> DigestContent.RuleReview {
        let result = await Deadline.within(limit) { [reviewRules] in
            do { return Result<_, any Error>.success(try await reviewRules(request)) } catch { return .failure(error) }
        }
        try Task.checkCancellation()
        let (failure, error): (String, String)
        switch result {
        case .success(let lines): return DigestContent.RuleReview(lastDays: Self.reviewedDays, changes: lines)
        case .failure(let reason): (failure, error) = ("the log of the host has the reason", "\(reason)")
        case nil: (failure, error) = ("they took too long", "more than \(limit)")
        }
        logger.error(
            "a digest has no scorecards of the rules", metadata: ["tenant": "\(request.tenantID)", "error": "\(error)"])
        return DigestContent.RuleReview(lastDays: Self.reviewedDays, failure: failure)
    }
}
