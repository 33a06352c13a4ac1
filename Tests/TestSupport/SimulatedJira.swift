public import Domain
import Foundation
import HTTPTypes
import Hummingbird
import Logging
import NIOCore
import Synchronization

/// A Jira Cloud site on a free loopback port: a real HTTP server that is as strict as Atlassian's documentation, and as
/// late, as thin and as forbidding as the real one.
///
/// The gateway for scoped tokens is at the same address, below `/ex/jira/{cloudId}`.
public final class SimulatedJira: Sendable {
    /// Where a token works.
    public enum TokenKind: Sendable {
        /// At the site.
        case classic
        /// At the gateway only.
        case scoped
    }

    /// What the requests are counted by.
    public enum Endpoint: String, Sendable, CaseIterable {
        case removedSearch, search, issue, bulkFetch, changelogs, comments, fields, myself, serverInfo, permissions,
            project,
            securityScheme
        case editIssue, property, addComment
        case boards, boardConfiguration, boardSprints, sprint, webhooks, tenantInfo, unknown
    }

    /// What a request gets instead of its answer.
    public enum Fault: Sendable {
        /// A status with headers, and Jira's usual words for it.
        case status(Int, headers: [String: String] = [:])
        /// The answer, with headers added.
        case headers([String: String])
        /// The gateway's answer to a token that lacks the scope for the call.
        case missingScope
        /// The answer as to somebody without an account: nothing found, and a header that says why.
        case anonymous
        /// The answer, but later.
        case latency(Duration)
        /// The connection is closed without an answer.
        case drop
        case redirect(to: String)
        /// The answer, and then a change: what comes between two pages.
        case change(@Sendable (SimulatedJira) -> Void)
        /// `issueErrors` of a bulk fetch for these ids.
        case issueErrors([IssueID])
    }

    public static let email = "bot@example.com"
    public static let token = "ATATT3xFfGF0-simulated"
    public static let cloudID = "11111111-2222-4333-8444-555555555555"

    /// `http://127.0.0.1:port`, for the site and for the gateway.
    public var url: String { "http://127.0.0.1:\(port)" }
    public let port: Int
    let state: Mutex<State>

    private init(port: Int, state: sending State) {
        self.port = port
        self.state = Mutex(state)
    }

    /// Runs a site as long as `body` does.
    ///
    /// - Parameters:
    ///   - issues: one REST issue a line, with `fields.comment.comments` and `changelog.histories`.
    ///   - searchDelay: how long search does not see what has changed.
    public static func run<Value>(
        issues: [String] = [], token: TokenKind = .classic, searchDelay: Duration = .zero,
        _ body: (SimulatedJira) async throws -> Value
    ) async throws -> Value {
        let (ports, portFound) = AsyncStream<Int>.makeStream()
        let site = Holder()
        var logger = Logger(label: "simulated-jira")
        logger.logLevel = .critical
        let app = Application(
            responder: CallbackResponder<ConnectionContext> { request, context in
                guard let jira = site.value else { throw HTTPError(.serviceUnavailable) }
                return try await jira.respond(to: request, context)
            },
            configuration: .init(address: .hostname("127.0.0.1", port: 0)),
            onServerRunning: { channel in portFound.yield(channel.localAddress?.port ?? 0) }, logger: logger)
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await app.run() }
            defer { group.cancelAll() }
            guard let port = await ports.first(where: { _ in true }), port > 0 else {
                throw Unexpected("the simulated Jira found no port")
            }
            let jira = SimulatedJira(port: port, state: State(token: token, searchDelay: searchDelay))
            site.value = jira
            try jira.load(issues)
            return try await body(jira)
        }
    }

    private final class Holder: Sendable {
        private let jira = Mutex<SimulatedJira?>(nil)
        var value: SimulatedJira? {
            get { jira.withLock { $0 } }
            set { jira.withLock { $0 = newValue } }
        }
    }

    // MARK: What tests see and set

    /// How many requests an endpoint got, faulty ones included.
    public func count(of endpoint: Endpoint) -> Int { state.withLock { $0.counts[endpoint] ?? 0 } }
    /// All requests.
    public var requestCount: Int { state.withLock { $0.counts.values.reduce(0, +) } }
    /// The most requests that were answered at the same time.
    public var mostConcurrent: Int { state.withLock { $0.mostConcurrent } }
    /// Requests that were refused because they broke the documented contract, in words.
    public var violations: [String] { state.withLock { $0.violations } }
    public func resetCounts() { state.withLock { $0.counts = [:] } }

    /// The site's clock: the real one until it is set.
    public var now: Timestamp {
        get { state.withLock { $0.now } }
        set { state.withLock { $0.setNow = newValue } }
    }

    public var searchDelay: Duration {
        get { state.withLock { $0.searchDelay } }
        set { state.withLock { $0.searchDelay = newValue } }
    }

    /// The account's token, as when it was revoked or made anew.
    public func setToken(_ token: String) { state.withLock { $0.password = token } }
    /// Whether the account may administer the site.
    public func setAdministrator(_ isAdministrator: Bool) { state.withLock { $0.isAdministrator = isAdministrator } }

    /// The next `times` requests to an endpoint (nil: to any) meet a fault.
    public func script(_ fault: Fault, on endpoint: Endpoint? = nil, times: Int = 1) {
        state.withLock { $0.faults.append(.init(fault: fault, endpoint: endpoint, left: times)) }
    }

    // MARK: Answering

    struct ConnectionContext: RequestContext {
        var coreContext: CoreRequestContextStorage
        let channel: any Channel

        init(source: ApplicationRequestContextSource) {
            coreContext = .init(source: source)
            channel = source.channel
        }
    }

    private func respond(to request: Request, _ context: ConnectionContext) async throws -> Response {
        let buffer = try await request.body.collect(upTo: 16 * 1_048_576)
        var path = request.uri.path
        var isGateway = false
        let prefix = "/ex/jira/\(Self.cloudID)"
        if path.hasPrefix(prefix) {
            (path, isGateway) = (String(path.dropFirst(prefix.count)), true)
        }
        var query: [String: String] = [:]
        for (name, value) in request.uri.queryParameters { query[String(name)] = String(value) }
        let asked = Asked(
            method: request.method.rawValue, path: path, query: query, body: Array(buffer: buffer),
            authorization: request.headers[.authorization], isGateway: isGateway)
        let (endpoint, faults) = state.withLock { state in
            state.active += 1
            state.mostConcurrent = max(state.mostConcurrent, state.active)
            let endpoint = asked.endpoint
            state.counts[endpoint, default: 0] += 1
            return (endpoint, state.takeFaults(for: endpoint))
        }
        defer { state.withLock { $0.active -= 1 } }
        var added: [String: String] = [:]
        var refusedIssues: Set<String> = []
        var isAnonymous = false
        var changes: [@Sendable (SimulatedJira) -> Void] = []
        for fault in faults {
            switch fault {
            case .status(let status, let headers):
                return Self.response(.error(status, "simulated \(status)"), headers)
            case .missingScope:
                let words = JSON.object([
                    ("code", .number("401")), ("message", .string("Unauthorized; scope does not match")),
                ])
                return Self.response(Reply(status: 401, body: words), [:])
            case .headers(let headers): added.merge(headers) { _, new in new }
            case .anonymous:
                isAnonymous = true
                added["X-Seraph-LoginReason"] = "AUTHENTICATED_FAILED"
            case .latency(let duration): try await Task.sleep(for: duration)
            case .drop:
                try await context.channel.close()
                throw HTTPError(.serviceUnavailable)
            case .redirect(let address): return Self.response(Reply(status: 302), ["Location": address])
            case .change(let change): changes.append(change)
            case .issueErrors(let ids): refusedIssues = Set(ids.map(\.rawValue))
            }
        }
        let reply = state.withLock { state in
            state.refusedIssues = refusedIssues
            return isAnonymous ? state.anonymousReply(to: asked, endpoint) : state.reply(to: asked, endpoint, url: url)
        }
        for change in changes { change(self) }
        return Self.response(reply, added)
    }

    private static func response(_ reply: Reply, _ headers: [String: String]) -> Response {
        var fields = HTTPFields()
        fields[.contentType] = "application/json;charset=UTF-8"
        for (name, value) in headers {
            if let name = HTTPField.Name(name) { fields[name] = value }
        }
        return Response(
            status: .init(code: reply.status), headers: fields,
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: reply.body.map(\.bytes) ?? [])))
    }

    /// A request, taken apart.
    struct Asked: Sendable {
        let method: String
        let path: String
        let query: [String: String]
        let body: [UInt8]
        let authorization: String?
        let isGateway: Bool

        var parts: [Substring] { path.split(separator: "/") }

        var endpoint: Endpoint {
            let parts = parts.map(String.init)
            switch (method, parts.count) {
            case (_, 4) where parts[3] == "search": return .removedSearch
            case ("GET", 2) where parts == ["_edge", "tenant_info"]: return .tenantInfo
            case (_, 5) where parts.suffix(2) == ["search", "jql"]: return .search
            case ("GET", 5) where path.hasPrefix("/rest/api/3/issue/"): return .issue
            case ("POST", 5) where parts.suffix(2) == ["issue", "bulkfetch"]: return .bulkFetch
            case ("POST", 5) where parts.suffix(2) == ["changelog", "bulkfetch"]: return .changelogs
            case ("GET", 6) where parts[3] == "issue" && parts[5] == "comment": return .comments
            case ("POST", 6) where parts[3] == "issue" && parts[5] == "comment": return .addComment
            case ("PUT", 5) where path.hasPrefix("/rest/api/3/issue/"): return .editIssue
            case ("PUT", 7), ("DELETE", 7):
                return parts[3] == "issue" && parts[5] == "properties" ? .property : .unknown
            case ("GET", 4) where path == "/rest/api/3/field": return .fields
            case ("GET", 4) where path == "/rest/api/3/myself": return .myself
            case ("GET", 4) where path == "/rest/api/3/serverInfo": return .serverInfo
            case ("GET", 4) where path == "/rest/api/3/mypermissions": return .permissions
            case ("GET", 5) where path.hasPrefix("/rest/api/3/project/"): return .project
            case ("GET", 6) where parts[3] == "project" && parts[5] == "issuesecuritylevelscheme":
                return .securityScheme
            case ("GET", 4) where path == "/rest/agile/1.0/board": return .boards
            case ("GET", 6) where path.hasPrefix("/rest/agile/1.0/board/"):
                return parts[5] == "configuration"
                    ? .boardConfiguration : parts[5] == "sprint" ? .boardSprints : .unknown
            case ("GET", 5) where path.hasPrefix("/rest/agile/1.0/sprint/"): return .sprint
            case (_, 4...5) where path.hasPrefix("/rest/webhooks/1.0/webhook"): return .webhooks
            default: return .unknown
            }
        }
    }

    /// An answer.
    struct Reply: Sendable {
        var status = 200
        var body: JSON?

        static func error(_ status: Int, _ message: String) -> Reply {
            Reply(
                status: status,
                body: .object([("errorMessages", .array([.string(message)])), ("errors", .object([]))]))
        }
    }
}
