public import Domain
public import Logging

/// Puts a digest together: what the store says, and in a weekly one what the scorecards say of the rules. A digest comes also
/// where they fail or take too long, and says so.
public struct DigestComposer: Sendable {
    /// The rules to change, by their scorecards of the ``reviewedDays`` before the digest.
    public typealias RuleReviewer = @Sendable (DigestRequest) async throws -> [DigestContent.RuleLine]

    /// What moved the score of an issue of a digest most, in one line; nil where that cannot be told.
    public typealias MovementTeller =
        @Sendable (_ request: DigestRequest, _ line: DigestContent.Line) async throws -> String?

    /// How many days the scorecards of a digest speak of.
    public static let reviewedDays = 90
    /// How long the scorecards may take. The rest of the worker's lease is more than the digest itself needs.
    public static let reviewLimit = Duration.seconds(30)
    /// How long it may take to find out what moved the scores.
    private static let movementLimit = Duration.seconds(20)

    private let store: any DigestStore
    private let reviewRules: RuleReviewer
    private let tellMovement: MovementTeller
    private let limit: Duration
    private let logger: Logger

    /// - Parameters:
    ///   - tellMovement: a line of which it tells nothing says which factor moved most.
    ///   - limit: how long the scorecards may take.
    public init(
        store: any DigestStore, reviewRules: @escaping RuleReviewer,
        tellMovement: @escaping MovementTeller = { _, _ in nil }, limit: Duration = Self.reviewLimit, logger: Logger
    ) {
        self.store = store
        self.reviewRules = reviewRules
        self.tellMovement = tellMovement
        self.limit = limit
        self.logger = logger
    }

    /// What a digest says. Throws what the store throws of the issues, and `CancellationError`.
    func content(_ request: DigestRequest) async throws -> DigestContent {
        var content = try await store.digestContent(request)
        try await tellMovements(of: &content, for: request)
        if request.every == .week { content.rules = try await review(for: request) }
        return content
    }

    /// Says who moved a score by what, in place of the factor that moved most.
    private func tellMovements(of content: inout DigestContent, for request: DigestRequest) async throws {
        let lines = content.risen + content.fallen
        let causes = await Deadline.within(Self.movementLimit) {
            [tellMovement, logger] () async -> [IssueKey: String] in
            var causes: [IssueKey: String] = [:]
            for line in lines where !Task.isCancelled {
                do {
                    causes[line.key] = try await tellMovement(request, line)
                } catch {
                    logger.debug(
                        "a digest does not say what moved a score",
                        metadata: ["tenant": "\(request.tenantID)", "issue": "\(line.key)", "error": "\(error)"])
                }
            }
            return causes
        }
        try Task.checkCancellation()
        guard let causes else { return }
        func told(_ lines: [DigestContent.Line]) -> [DigestContent.Line] {
            lines.map { line in
                var line = line
                line.cause = causes[line.key] ?? line.cause
                return line
            }
        }
        (content.risen, content.fallen) = (told(content.risen), told(content.fallen))
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
