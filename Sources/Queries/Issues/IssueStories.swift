public import Domain

/// What the story of an issue needs of the store.
public protocol IssueStoryStore: Sendable {
    /// The analyses of an issue's history, newest first, without those made on request.
    func analyses(_ id: TenantID, issueID: IssueID, limit: Int) async throws -> [Analysis]
    /// What is held about an issue, by its key, without pending events; nil when unknown.
    func loadIssue(tenantID: TenantID, key: IssueKey) async throws -> IssueWork?
    /// These issues with their analyses, in this order; those without one, deleted or unknown are left out.
    func listings(_ id: TenantID, of issueIDs: [IssueID]) async throws -> [IssueListing]
}

/// Tells how issues came to their scores.
public struct IssueStories: Sendable {
    /// An issue that another waits for, directly or by way of others.
    public struct Upstream: Sendable, Hashable {
        /// The issue that waits.
        public var waiting: IssueKey
        /// What it waits for.
        public var listing: IssueListing
        /// 1 for what the issue itself waits for.
        public var depth: Int
    }

    /// How many of the newest analyses a story covers.
    public static let momentLimit = 100
    /// How far a chain of waiting issues is followed, and how many it may have.
    private static let (depthLimit, upstreamLimit) = (4, 20)

    private let store: any IssueStoryStore

    public init(store: any IssueStoryStore) { self.store = store }

    /// Throws ``QueryError``, `.unknownIssue` for one of which nothing is known, and what the store throws.
    public func story(of key: IssueKey, for principal: Principal) async throws -> IssueStory {
        let tenant = try principal.tenant(to: .read)
        guard let state = try await store.loadIssue(tenantID: tenant.id, key: key)?.state else {
            throw QueryError.unknownIssue
        }
        return IssueStory(
            analyses: try await store.analyses(tenant.id, issueID: state.id, limit: Self.momentLimit), state: state)
    }

    /// The issues that one with these links waits for directly, each once.
    public static func nearest(_ links: [IssueLink]) -> [IssueID] {
        var seen: Set<IssueID> = []
        let waited = links.filter { $0.relation == .blockedBy }.compactMap(\.otherID)
        return Array(waited.filter { seen.insert($0).inserted }.prefix(upstreamLimit))
    }

    /// What an issue waits for, the nearest first. An issue is there once, however many wait for it.
    ///
    /// - Parameters:
    ///   - links: those of the issue.
    ///   - nearest: the listings of ``nearest(_:)``.
    public func upstream(
        of key: IssueKey, links: [IssueLink], nearest: [IssueListing], for principal: Principal
    ) async throws -> [Upstream] {
        let tenant = try principal.tenant(to: .read)
        var (found, seen): ([Upstream], Set<IssueID>) = ([], [])
        var waiting: [IssueID: IssueKey] = [:]
        func note(_ links: [IssueLink], of key: IssueKey) -> [IssueID] {
            links.filter { $0.relation == .blockedBy }.compactMap(\.otherID).filter { id in
                guard seen.insert(id).inserted else { return false }
                waiting[id] = key
                return true
            }
        }
        var next = note(links, of: key)
        for depth in 1...Self.depthLimit where !next.isEmpty && found.count < Self.upstreamLimit {
            var listings = nearest
            if depth > 1 {
                listings = try await store.listings(
                    tenant.id, of: Array(next.prefix(Self.upstreamLimit - found.count)))
            }
            found += listings.map { Upstream(waiting: waiting[$0.issue.id] ?? key, listing: $0, depth: depth) }
            // What is done holds nothing up, whatever it waited for.
            next = listings.filter { !$0.issue.isOver }.flatMap { note($0.issue.links, of: $0.issue.key) }
        }
        return found
    }
}
