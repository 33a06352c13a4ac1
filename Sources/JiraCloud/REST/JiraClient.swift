public import Domain
import Foundation
public import Logging
import NIOHTTP1
import Outbound
import Synchronization

/// One tenant's Jira, through version 3 of its REST API.
///
/// The credentials go to the account's own site and to Atlassian's gateway, to no other host. Classic tokens work at the
/// site; scoped tokens and those of service accounts only at `{gateway}/ex/jira/{cloudId}`. Which it is, the first 401
/// of the site tells: the client then asks the site for its cloud id, without credentials, and tries once more there.
/// What worked is remembered for the life of the client.
///
/// Every method throws ``JiraError``; which calls are repeated, and when all of them stop, is the ``JiraBudget``'s
/// business. A client holds no connection of its own and needs no shutting down.
public final class JiraClient: Sendable {
    /// Where the gateway is, for everybody but tests.
    public static let atlassianGateway = "https://api.atlassian.com"

    /// The site, and who consilod is there.
    public let account: JiraAccount
    /// What the tenant's calls may cost; shared by all clients of the tenant.
    public let budget: JiraBudget
    /// Which custom fields are asked for.
    public let fieldMapping: JiraFieldMapping

    private let transport: JiraTransport
    private let gatewayURL: String
    private let logger: Logger
    /// The base address at the gateway, once it was needed and worked.
    private let gatewayBase = Mutex<String?>(nil)

    /// A client for one tenant.
    ///
    /// - Parameters:
    ///   - transport: the host's, with its ``AddressPolicy``; shutting it down is its owner's business.
    ///   - fieldMapping: the custom fields that ``issues(_:)`` asks for beside Jira's own.
    ///   - gatewayURL: where scoped tokens work, without a trailing slash.
    public init(
        account: JiraAccount, transport: JiraTransport, budget: JiraBudget,
        fieldMapping: JiraFieldMapping = JiraFieldMapping(), gatewayURL: String = JiraClient.atlassianGateway,
        logger: Logger
    ) {
        self.account = account
        self.transport = transport
        self.budget = budget
        self.fieldMapping = fieldMapping
        self.gatewayURL = gatewayURL
        self.logger = logger
    }

    /// Something to ask of Jira.
    struct Call: Sendable {
        var method = HTTPMethod.GET
        /// Below the base address, percent-encoded.
        var path: String
        var query: [URLQueryItem] = []
        var body: [UInt8]?
        var behavior = JiraBudget.RetryBehavior()
    }

    /// The body of Jira's answer to a call.
    func answer(to call: Call) async throws(JiraError) -> [UInt8] {
        do {
            return try await budget.perform(call.behavior) { await self.attempt(call) }
        } catch {
            logger.debug(
                "Jira call failed",
                metadata: ["path": "\(call.path)", "site": "\(account.siteURL)", "reason": "\(error)"])
            throw error
        }
    }

    /// The answer to a call, as a type that reads it.
    func answer<Value: Decodable>(to call: Call, as type: Value.Type = Value.self) async throws(JiraError) -> Value {
        let body = try await answer(to: call)
        do {
            return try JSONDecoder().decode(type, from: Data(body))
        } catch {
            throw .malformedAnswer(reason: "the answer to \(call.path) does not have the form that Jira documents")
        }
    }

    /// What is sent with a call. None of the values that make a body fail to be encoded.
    static func json(_ value: some Encodable) throws(JiraError) -> [UInt8] {
        do {
            let encoder = JSONEncoder()
            encoder.outputFormatting = .withoutEscapingSlashes
            return Array(try encoder.encode(value))
        } catch {
            throw .badRequest(message: "the request cannot be written as JSON")
        }
    }

    /// A part of a path that holds nothing but itself.
    static func segment(_ text: String) throws(JiraError) -> String {
        let plain = CharacterSet(charactersIn: "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_~")
        guard !text.isEmpty, let segment = text.addingPercentEncoding(withAllowedCharacters: plain) else {
            throw .badRequest(message: "an id or key is empty")
        }
        return segment
    }

    // MARK: One attempt

    private func attempt(_ call: Call) async -> JiraBudget.Attempt<[UInt8]> {
        var ended = JiraBudget.Attempt<[UInt8]>(result: .failure(.cancelled))
        do throws(JiraError) {
            let gateway = gatewayBase.withLock { $0 }
            var answer = try await send(call, to: gateway ?? account.siteURL)
            if gateway == nil, Self.isUnauthorized(answer) {
                ended.requests += 1
                if let base = try await findGateway() {
                    ended.requests += 1
                    do {
                        answer = try await send(call, to: base)
                        if !Self.isUnauthorized(answer) { gatewayBase.withLock { $0 = base } }
                    } catch .unavailable {
                        // The site has refused the token; where the gateway cannot be reached, that stands.
                    }
                }
            }
            let now = budget.context.now()
            ended.limits = RateLimitHeaders(answer.headers, isRefused: answer.status == 429, now: now)
            ended.result = .success(try body(of: answer, to: call, limits: ended.limits, now: now))
        } catch {
            ended.result = .failure(error)
        }
        return ended
    }

    private func send(_ call: Call, to base: String) async throws(JiraError) -> OutboundClient.Answer {
        var url = base + call.path
        if !call.query.isEmpty {
            var components = URLComponents()
            components.queryItems = call.query
            // A plus sign is a space to Jira, and stays itself in URLComponents.
            url += "?" + (components.percentEncodedQuery ?? "").replacing("+", with: "%2B")
        }
        return try await transport.send(
            .init(method: call.method, url: url, authorization: account.authorization, body: call.body))
    }

    /// The site's base address at the gateway; nil where the site does not tell its cloud id.
    private func findGateway() async throws(JiraError) -> String? {
        let answer = try await transport.send(.init(method: .GET, url: account.siteURL + "/_edge/tenant_info"))
        guard answer.status == 200, let cloudID = try? RawJSON(answer.body)["cloudId"]?.text,
            (1...64).contains(cloudID.utf8.count),
            cloudID.allSatisfy({ $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-") })
        else { return nil }
        return "\(gatewayURL)/ex/jira/\(cloudID)"
    }

    /// Whether an answer says that the credentials are no good. Jira says so with a 401, and in this header where it
    /// answers as to somebody without an account: an empty list then does not mean that there is nothing.
    private static func isUnauthorized(_ answer: OutboundClient.Answer) -> Bool {
        if answer.status == 401 { return !lacksScope(answer) }
        return answer.headers["X-Seraph-LoginReason"].contains {
            $0.contains("AUTHENTICATED_FAILED") || $0.contains("AUTHENTICATION_DENIED")
        }
    }

    /// The gateway answers 401 for what a scoped token was not made for, too; other calls still work.
    private static func lacksScope(_ answer: OutboundClient.Answer) -> Bool {
        String(decoding: answer.body.prefix(1000), as: UTF8.self).contains("scope does not match")
    }

    private func body(
        of answer: OutboundClient.Answer, to call: Call, limits: RateLimitHeaders, now: Timestamp
    ) throws(JiraError) -> [UInt8] {
        if Self.isUnauthorized(answer) { throw .unauthorized }
        if answer.status == 401 { throw .scopeMissing }
        switch answer.status {
        case 200..<300: return answer.body
        case 300..<400:
            throw .malformedAnswer(reason: "it is a redirect (\(answer.status)), and none is followed")
        case 403: throw .forbidden
        case 404: throw .notFound
        case 410: throw .gone(endpoint: call.path)
        case 429: throw .rateLimited(until: limits.quietUntil ?? now.adding(seconds: 1))
        case 408, 425, 500...: throw .unavailable(reason: "it answered \(answer.status)")
        default: throw .badRequest(message: message(of: answer))
        }
    }

    /// Jira's own words: `errorMessages`, and `errors` by field; of one line and bounded.
    private func message(of answer: OutboundClient.Answer) -> String {
        guard let body = try? RawJSON(answer.body) else { return "it answered \(answer.status)" }
        var words = body["errorMessages"]?.elements?.prefix(5).compactMap(\.text).map(TextLimit.line.cut) ?? []
        words +=
            body["errors"]?.members?.prefix(5).compactMap { error in
                error.value.text.map { TextLimit.line.cut("\(error.name): \($0)") }
            } ?? []
        let line = words.joined(separator: " ").map { $0.isNewline || $0.isWhitespace ? " " : $0 }
        let text = account.withoutSecrets(String(line)).prefix(300)
        return text.isEmpty ? "it answered \(answer.status)" : String(text)
    }
}
