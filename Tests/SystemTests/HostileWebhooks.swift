import TestSupport

/// Makes up requests for the door: well-formed webhooks, broken ones, and what has never been one.
struct HostileWebhooks {
    private var random: SeededGenerator

    init(seed: UInt64) { random = SeededGenerator(seed: seed) }

    enum Signature: CaseIterable, Sendable { case right, wrong, malformed, missing }

    struct Request: Sendable {
        var body: [UInt8]
        var signature: Signature
        var headers: [String: String]
        var contentType: String?
    }

    mutating func next() -> Request {
        var headers: [String: String] = [:]
        if chance(0.3) { headers["X-Atlassian-Webhook-Identifier"] = headerText() }
        if chance(0.3) {
            headers["X-Atlassian-Webhook-Retry"] = pick(["1", "-5", "99999999999999999999", headerText()])
        }
        if chance(0.05) { headers["Content-Encoding"] = pick(["gzip", "identity", "", "br, gzip", headerText()]) }
        if chance(0.05) { headers[pick(["X-A", "Cookie", "Expect", "Host", "Transfer-Encoding"])] = headerText() }
        let contentType: String? =
            chance(0.9) ? "application/json" : pick([nil, "text/plain", "x/y+json", ";", headerText()])
        return Request(
            body: body(), signature: chance(0.9) ? .right : pick(Signature.allCases), headers: headers,
            contentType: contentType)
    }

    // MARK: Bodies

    private static let templates = [
        #"{"timestamp":1790000000000,"webhookEvent":"jira:issue_updated","user":{"accountId":"u"},"issue":{"id":"1","key":"E-1","fields":{"summary":"s","status":{"name":"Open"},"customfield_10016":3,"customfield_10020":[{"id":1,"state":"active"}],"issuelinks":[{"id":"1","type":{"name":"Blocks"},"outwardIssue":{"id":"2"}}]}},"changelog":{"id":"9","items":[{"field":"status","to":"3"}]}}"#,
        #"{"timestamp":1790000000000,"webhookEvent":"comment_created","comment":{"id":"5","author":{"accountId":"u"},"body":{"type":"doc","content":[{"type":"paragraph","content":[{"type":"text","text":"hi"}]}]},"created":"2026-09-20T10:00:00.000+0200"},"issue":{"id":"1","key":"E-1"}}"#,
        #"{"timestamp":1,"webhookEvent":"issuelink_created","issueLink":{"id":7,"sourceIssueId":1,"destinationIssueId":2,"issueLinkType":{"name":"Blocks"}}}"#,
        #"{"timestamp":1,"webhookEvent":"sprint_started","sprint":{"id":3,"name":"S","originBoardId":1,"startDate":"2026-09-14T08:00:00.000Z"}}"#,
        #"{"webhookEvent":"worklog_created","worklog":{"issueId":"1","updated":1}}"#,
    ].map { Array($0.utf8) }

    private static let keys = [
        "timestamp", "webhookEvent", "issue", "id", "key", "fields", "summary", "comment", "comments", "body", "author",
        "accountId", "changelog", "items", "field", "from", "toString", "status", "name", "statusCategory", "sprint",
        "state", "issueLink", "sourceIssueId", "destinationIssueId", "worklog", "issueId", "customfield_10016",
        "customfield_10020", "type", "content", "text", "attrs", "labels", "project", "created", "duedate", "self", "",
    ]

    private mutating func body() -> [UInt8] {
        switch Int.random(in: 0..<100, using: &random) {
        case 0..<10: return bytes(0...60)
        case 10: return nested()
        case 11..<50: return mutated(pick(Self.templates))
        case 50..<60: return pick(Self.templates)
        default:
            var json: [UInt8] = []
            appendValue(to: &json, depth: 0)
            return json
        }
    }

    /// Some bytes flipped, left out, doubled, or replaced by a token that does not belong there.
    private mutating func mutated(_ body: [UInt8]) -> [UInt8] {
        var body = body
        for _ in 0..<Int.random(in: 1...6, using: &random) where !body.isEmpty {
            let at = Int.random(in: 0..<body.count, using: &random)
            let end = min(body.count, at + Int.random(in: 0...20, using: &random))
            switch Int.random(in: 0..<6, using: &random) {
            case 0: body[at] ^= 1 << UInt8.random(in: 0..<8, using: &random)
            case 1: body.removeSubrange(at..<end)
            case 2: body.insert(contentsOf: body[at..<end], at: at)
            case 3: body.removeSubrange(at...)
            case 4: body.insert(contentsOf: bytes(1...4), at: at)
            default: body.replaceSubrange(at..<end, with: token())
            }
        }
        return body
    }

    private mutating func nested() -> [UInt8] {
        let depth = Int.random(in: 1...600, using: &random)
        let (open, close) = pick([("[", "]"), (#"{"content":["#, "]}"), (#"{"issue":"#, "}")])
        let body = String(repeating: open, count: depth) + "1" + String(repeating: close, count: depth)
        return Array((chance(0.5) ? #"{"issue":{"id":"1","fields":{"description":\#(body)}}}"# : body).utf8)
    }

    private mutating func appendValue(to json: inout [UInt8], depth: Int) {
        guard depth < 5, chance(0.6) else { return json.append(contentsOf: token()) }
        let isObject = chance(0.7)
        json.append(UInt8(ascii: isObject ? "{" : "["))
        for index in 0..<Int.random(in: 0...4, using: &random) {
            if index > 0 { json.append(UInt8(ascii: ",")) }
            if isObject { json.append(contentsOf: "\"\(pick(Self.keys))\":".utf8) }
            appendValue(to: &json, depth: depth + 1)
        }
        json.append(UInt8(ascii: isObject ? "}" : "]"))
    }

    private mutating func token() -> [UInt8] {
        switch Int.random(in: 0..<8, using: &random) {
        case 0: return Array("\(Int64.random(in: .min ... .max, using: &random))".utf8)
        case 1:
            return Array(
                pick(["1e999", "-0", "1E308", "0.1e-400", "9223372036854775808", "NaN", "1790000000000"]).utf8)
        case 2: return Array(pick(["null", "true", "false", "{}", "[]", "tru"]).utf8)
        case 3: return Array(pick([#""\u0000""#, #""\ud800""#, #""\udc00\ud800""#, #""\ud83d\ude00""#, #""\x""#]).utf8)
        case 4: return [UInt8(ascii: "\"")] + bytes(0...12) + [UInt8(ascii: "\"")]
        case 5: return Array("\"\(String(repeating: "k", count: Int.random(in: 200...300, using: &random)))\"".utf8)
        case 6:
            return Array(
                pick([
                    #""jira:issue_updated""#, #""comment_deleted""#, #""sprint_closed""#,
                    #""2026-09-20T10:00:00.000+0200""#,
                    #""9999-99-99""#, #""com.atlassian.greenhopper.service.sprint.Sprint@1[id=1,state=ACTIVE,name=,]""#,
                ]).utf8)
        default: return Array(#""1""#.utf8)
        }
    }

    // MARK: Chance

    private mutating func chance(_ probability: Double) -> Bool {
        Double.random(in: 0..<1, using: &random) < probability
    }

    private mutating func pick<Value>(_ values: [Value]) -> Value {
        values[Int.random(in: 0..<values.count, using: &random)]
    }

    private mutating func bytes(_ count: ClosedRange<Int>) -> [UInt8] {
        (0..<Int.random(in: count, using: &random)).map { _ in UInt8.random(in: .min ... .max, using: &random) }
    }

    private mutating func headerText() -> String {
        let length = chance(0.05) ? Int.random(in: 250...600, using: &random) : Int.random(in: 0...40, using: &random)
        return String(
            decoding: (0..<length).map { _ in UInt8.random(in: .min ... .max, using: &random) }, as: UTF8.self)
    }
}
