public import Domain
import Foundation
import NIOHTTP1

extension JiraClient {
    /// Most issues in one `POST /rest/api/3/issue/bulkfetch`.
    static let issuesPerCall = 100
    /// Most issues in one `POST /rest/api/3/changelog/bulkfetch`.
    static let changelogsPerCall = 1000
    /// Entries asked for in a page of a changelog (Jira's default).
    static let entriesPerPage = 1000
    /// Comments asked for in a page.
    static let commentsPerPage = 100

    /// Whole issues: fields, all comments, all of the changelog.
    ///
    /// Costs one call per hundred issues, one per thousand changelog entries (at least one per thousand issues), and one
    /// per hundred comments for those issues only that have more comments than Jira puts into an issue.
    ///
    /// What changes while it is fetched is either in it or came after `timestamp`, with a webhook of its own.
    ///
    /// - Parameter ids: in any number; doubled ones are fetched once.
    /// - Returns: what was found in the order of `ids`, and what Jira does not show.
    public func issues(_ ids: [IssueID]) async throws(JiraError) -> FetchedIssues {
        let began = budget.context.now()
        var seen: Set<IssueID> = []
        let ids = ids.filter { seen.insert($0).inserted }
        var issues = try await bulkFetch(ids)
        var changelogs: [IssueID: [Changelog.Entry]] = [:]
        for part in ids.filter({ issues[$0] != nil }).chunked(by: Self.changelogsPerCall) {
            changelogs.merge(try await changelogFetch(part)) { first, _ in first }
        }
        for id in ids {
            guard let issue = issues[id], !issue.hasAllComments else { continue }
            // Deleted or hidden since.
            issues[id] = try await orNil { () async throws(JiraError) in
                var issue = issue
                issue.comments = try await self.comments(of: id)
                return issue
            }
        }
        var fetched = FetchedIssues(found: [], missing: [])
        for id in ids {
            if let issue = issues[id] {
                fetched.found.append(issue.fetched(at: began, changelog: changelogs[id] ?? []))
            } else {
                fetched.missing.append(id)
            }
        }
        return fetched
    }

    /// The id and the present key of the issue with this key, which is another key where the issue was moved; nil where Jira
    /// has no such issue or does not show it (`GET /rest/api/3/issue/{key}`).
    public func identity(ofIssue key: IssueKey) async throws(JiraError) -> IssueIdentity? {
        let call = Call(
            path: "/rest/api/3/issue/\(try Self.segment(key.rawValue))",
            query: [.init(name: "fields", value: "summary")])
        let answer: IdentityPayload? = try await orNil { () async throws(JiraError) in try await self.answer(to: call) }
        return answer?.identity
    }

    /// Nil where Jira answers that there is no such thing.
    func orNil<Value: Sendable>(_ ask: () async throws(JiraError) -> Value) async throws(JiraError) -> Value? {
        do {
            return try await ask()
        } catch .notFound {
            return nil
        }
    }

    // MARK: Fields

    private func bulkFetch(_ ids: [IssueID]) async throws(JiraError) -> [IssueID: RawIssue] {
        let fields = IssueFieldsPayload.names(fieldMapping)
        var issues: [IssueID: RawIssue] = [:]
        var asked = ids
        var size = Self.issuesPerCall
        while !asked.isEmpty {
            var refused: [IssueID] = []
            for part in asked.chunked(by: size) {
                let request = BulkFetchRequest(issueIdsOrKeys: part, fields: fields)
                let call = Call(
                    method: .POST, path: "/rest/api/3/issue/bulkfetch", body: try Self.json(request))
                let body = try RawJSON(try await answer(to: call))
                guard let found = body["issues"]?.elements else {
                    throw .malformedAnswer(reason: "the answer to \(call.path) has no issues")
                }
                for raw in found {
                    let issue = try RawIssue(raw)
                    issues[issue.id] = issue
                }
                let errors = Set((body["issueErrors"]?.elements ?? []).compactMap { $0["id"]?.id })
                refused += part.filter { issues[$0] == nil && errors.contains($0.rawValue) }
            }
            // `issueErrors` names those that were too much at once or failed for the moment; what does not exist is in
            // neither list.
            guard refused.isEmpty || size > 1 else {
                throw .unavailable(reason: "it did not return \(refused.count) issues that it has")
            }
            (asked, size) = (refused, max(1, size / 10))
        }
        return issues
    }

    // MARK: Changelog

    private func changelogFetch(_ ids: [IssueID]) async throws(JiraError) -> [IssueID: [Changelog.Entry]] {
        var entries: [IssueID: [String: Changelog.Entry]] = [:]
        var token: String?
        var tokens: Set<String> = []
        repeat {
            let request = ChangelogRequest(
                issueIdsOrKeys: ids, maxResults: Self.entriesPerPage, nextPageToken: token)
            let call = Call(method: .POST, path: "/rest/api/3/changelog/bulkfetch", body: try Self.json(request))
            let body = try RawJSON(try await answer(to: call))
            guard let logs = body["issueChangeLogs"]?.elements else {
                throw .malformedAnswer(reason: "the answer to \(call.path) has no changelogs")
            }
            for log in logs {
                guard let id = log["issueId"]?.id else { continue }
                for history in log["changeHistories"]?.elements ?? [] {
                    guard let entry = Changelog.Entry(history) else {
                        throw .malformedAnswer(reason: "a changelog entry has no id or time")
                    }
                    entries[IssueID(id), default: [:]][entry.id] = entry
                }
            }
            token = body["nextPageToken"]?.text
            if let token, !tokens.insert(token).inserted {
                throw .malformedAnswer(reason: "the pages of the changelog loop")
            }
        } while token != nil
        return entries.mapValues { $0.values.sorted() }
    }

    // MARK: Comments

    /// All comments of an issue, oldest first.
    ///
    /// A comment that is deleted between two pages moves all later ones, and one would fall into the gap. So each page
    /// begins with the comment that the page before ended with; where it does not, all are asked for again.
    private func comments(of id: IssueID) async throws(JiraError) -> [RawJSON] {
        for _ in 1...4 {
            if let comments = try await unmovedComments(of: id) { return comments }
        }
        throw .unavailable(reason: "the comments of an issue changed faster than they could be read")
    }

    /// Nil when they moved while they were read.
    private func unmovedComments(of id: IssueID) async throws(JiraError) -> [RawJSON]? {
        var comments: [RawJSON] = []
        while true {
            let start = max(0, comments.count - 1)
            let call = Call(
                path: "/rest/api/3/issue/\(try Self.segment(id.rawValue))/comment",
                query: [
                    .init(name: "startAt", value: "\(start)"),
                    .init(name: "maxResults", value: "\(Self.commentsPerPage)"),
                    .init(name: "orderBy", value: "created"),
                ])
            let page = try RawJSON(try await answer(to: call))
            guard let part = page["comments"]?.elements, let total = page["total"]?.number else {
                throw .malformedAnswer(reason: "the answer for the comments of an issue has no comments or no total")
            }
            if let last = comments.last {
                guard let first = part.first, let id = last["id"]?.id, first["id"]?.id == id else { return nil }
                comments += part.dropFirst()
            } else {
                comments = part
            }
            if comments.count >= total { return comments.count == total ? comments : nil }
            guard part.count > (start == 0 ? 0 : 1) else { return nil }
        }
    }
}

/// Which issue it is.
public struct IssueIdentity: Sendable, Hashable {
    /// The same for as long as the issue exists.
    public var id: IssueID
    /// Another one after a move.
    public var key: IssueKey

    public init(id: IssueID, key: IssueKey) {
        self.id = id
        self.key = key
    }
}

private struct IdentityPayload: Decodable {
    let identity: IssueIdentity

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: WireKey.self)
        identity = IssueIdentity(
            id: IssueID(try container.decode(JiraID.self, forKey: "id").text),
            key: IssueKey(try container.decode(JiraID.self, forKey: "key").text))
    }
}

private struct BulkFetchRequest: Encodable {
    let issueIdsOrKeys: [IssueID]
    let fields: [String]
}

private struct ChangelogRequest: Encodable {
    let issueIdsOrKeys: [IssueID]
    let maxResults: Int
    let nextPageToken: String?
}

/// The history of an issue.
private enum Changelog {
    /// One edit, with all its items.
    struct Entry: Comparable {
        let id: String
        let at: Timestamp
        let bytes: ArraySlice<UInt8>

        /// Nil for what has no id or no time.
        init?(_ history: RawJSON) {
            guard let members = history.members, let id = history["id"]?.id, let created = history["created"]
            else { return nil }
            self.id = id
            if let text = created.text, let at = Timestamp(text) {
                self.at = at
                bytes = history.bytes
                return
            }
            // The bulk endpoint's documentation has a number here; everywhere else it is ISO 8601.
            guard let number = created.number, number >= 0 else { return nil }
            let at = number < 100_000_000_000 ? Timestamp(seconds: number) : Timestamp(milliseconds: number)
            self.at = at
            var document = JSONWriter()
            document.object(
                members.map { member in
                    (member.rawName.bytes, member.name == "created" ? Array("\"\(at)\"".utf8)[...] : member.value.bytes)
                })
            bytes = document.bytes[...]
        }

        static func < (a: Entry, b: Entry) -> Bool {
            if a.at != b.at { return a.at < b.at }
            if let first = Int64(a.id), let second = Int64(b.id), first != second { return first < second }
            return a.id < b.id
        }

        static func == (a: Entry, b: Entry) -> Bool { a.id == b.id && a.at == b.at }
    }
}

/// An issue as `bulkfetch` gives it.
private struct RawIssue {
    let id: IssueID
    let key: IssueKey
    let rawKey: RawJSON
    let fields: [RawJSON.Member]
    var comments: [RawJSON]
    /// Whether `comments` are all that there are.
    let hasAllComments: Bool

    init(_ raw: RawJSON) throws(JiraError) {
        guard let members = raw.members, let id = members.first(where: { $0.name == "id" })?.value.id,
            let rawKey = members.first(where: { $0.name == "key" })?.value, let key = rawKey.id,
            let fields = members.first(where: { $0.name == "fields" })?.value.members
        else { throw .malformedAnswer(reason: "an issue lacks its id, key or fields") }
        self.id = IssueID(id)
        self.key = IssueKey(key)
        self.rawKey = rawKey
        self.fields = fields
        let list = fields.first { $0.name == "comment" }?.value
        comments = list?["comments"]?.elements ?? []
        hasAllComments = list?["total"]?.number == Int64(comments.count)
    }

    func fetched(at began: Timestamp, changelog: [Changelog.Entry]) -> FetchedIssue {
        var document = JSONWriter()
        document.raw(#"{"webhookEvent":"\#(FetchedEvent.issue)","timestamp":\#(began.milliseconds),"#)
        document.raw(#""issue":{"id":"#)
        document.raw(id.rawValue.quotedAsJSON)
        document.raw(#","key":"#)
        document.raw(rawKey.bytes)
        document.raw(#","fields":"#)
        document.object(
            fields.filter { $0.name != "comment" }.map { ($0.rawName.bytes, $0.value.bytes) }
                + [(Array(#""comment""#.utf8)[...], commentList[...])])
        let count = changelog.count
        document.raw(#","changelog":{"startAt":0,"maxResults":\#(count),"total":\#(count),"histories":"#)
        document.array(changelog.map(\.bytes))
        document.raw("}}}")
        let updated = fields.first { $0.name == "updated" }?.value.text.flatMap { Timestamp($0) }
        return FetchedIssue(id: id, key: key, updated: updated, body: document.bytes)
    }

    private var commentList: [UInt8] {
        var list = JSONWriter()
        list.raw(#"{"comments":"#)
        list.array(comments.map(\.bytes))
        list.raw(#","total":\#(comments.count),"maxResults":\#(comments.count),"startAt":0}"#)
        return list.bytes
    }
}

/// Puts values together that are JSON already.
private struct JSONWriter {
    private(set) var bytes: [UInt8] = []

    mutating func raw(_ text: String) { bytes += text.utf8 }
    mutating func raw(_ value: ArraySlice<UInt8>) { bytes += value }

    mutating func array(_ elements: [ArraySlice<UInt8>]) {
        raw("[")
        for (index, element) in elements.enumerated() {
            if index > 0 { raw(",") }
            raw(element)
        }
        raw("]")
    }

    mutating func object(_ members: [(ArraySlice<UInt8>, ArraySlice<UInt8>)]) {
        raw("{")
        for (index, member) in members.enumerated() {
            if index > 0 { raw(",") }
            raw(member.0)
            raw(":")
            raw(member.1)
        }
        raw("}")
    }
}

extension String {
    /// An id in quotes. Ids of Jira are digits; what else there might be is escaped.
    fileprivate var quotedAsJSON: String {
        if utf8.allSatisfy({ (0x30...0x39).contains($0) }) { return "\"\(self)\"" }
        let encoded = try? JSONEncoder().encode(self)
        return encoded.map { String(decoding: $0, as: UTF8.self) } ?? "\"\""
    }
}

extension Array {
    /// Parts of at most `size` elements, in order.
    fileprivate func chunked(by size: Int) -> [[Element]] {
        stride(from: 0, to: count, by: size).map { Array(self[$0..<Swift.min($0 + size, count)]) }
    }
}
