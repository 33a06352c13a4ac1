import Domain

/// The envelope of a webhook as Jira writes nearly all of them: about an issue or one of its comments, and with nothing
/// unusual in the few fields that say which. It is read in one pass over the bytes, many times faster than by decoding.
///
/// It says what ``WebhookEnvelope`` says, or nothing: whatever is unusual is left to that one.
struct PlainEnvelope {
    let event: String
    let sentAt: Timestamp?
    let issueID: IssueID

    /// Nil for a body that must be decoded.
    init?(_ body: [UInt8]) {
        let read = body.withUnsafeBufferPointer { bytes -> PlainEnvelope? in
            var fields = Fields(bytes)
            guard (try? fields.read()) == true else { return nil }
            return PlainEnvelope(fields)
        }
        // Only in UTF-8 is it what it seems.
        guard let read, (try? UTF8Span(validating: body.span)) != nil else { return nil }
        self = read
    }

    private init?(_ fields: Fields) {
        guard let event = fields.event, let issueID = fields.issueID else { return nil }
        switch WebhookKind(event: event) {
        case .issue, .fetched, .absent: break
        case .comment: guard fields.commentID != nil else { return nil }
        case .issueLink, .worklog, .sprint, .project, .other: return nil
        }
        (self.event, self.issueID) = (event, IssueID(issueID))
        sentAt = fields.sentAt.flatMap { JiraInstant.believable.contains($0) ? $0 : nil }
    }

    /// The fields that matter, as far as they have been met.
    private struct Fields {
        private let bytes: UnsafeBufferPointer<UInt8>
        private var scanner: JSONScanner
        var event: String?
        var sentAt: Timestamp?
        var issueID: String?
        var commentID: String?
        private var hasIssue = false
        private var hasComment = false
        private var hasKey = false
        /// The object of the first level that is being gone through.
        private var section = Section.other

        private enum Section { case issue, comment, other }

        init(_ bytes: UnsafeBufferPointer<UInt8>) { (self.bytes, scanner) = (bytes, JSONScanner(bytes)) }

        /// False, or an error, where the body must be decoded: it is no JSON, too much, or a field is of an unusual shape or
        /// there twice.
        mutating func read() throws(JSONScanner.Malformed) -> Bool {
            while let token = try scanner.next() {
                let depth = scanner.depth
                if token == .name {
                    let name = bytes[scanner.range.lowerBound + 1..<scanner.range.upperBound - 1]
                    // With an escape it may be any name.
                    guard !name.contains(UInt8(ascii: "\\")), let value = try scanner.next(),
                        depth == 1 ? takeFirst(name, value) : takeSecond(name)
                    else { return false }
                }
                if scanner.depth > 2 { try scanner.skipRest() }
            }
            return scanner.deepest <= PreparedBody.deepest && scanner.size <= PreparedBody.mostValues
        }

        private mutating func takeFirst(_ name: Bytes, _ value: JSONScanner.Token) -> Bool {
            section = .other
            if name.isText("issue") {
                guard value == .object, !hasIssue else { return false }
                (hasIssue, section) = (true, .issue)
            } else if name.isText("comment") {
                guard value == .object, !hasComment else { return false }
                (hasComment, section) = (true, .comment)
            } else if name.isText("webhookEvent") {
                guard event == nil else { return false }
                event = text
                return event != nil
            } else if name.isText("timestamp") {
                guard sentAt == nil else { return false }
                sentAt = number.flatMap(Int64.init).map(Timestamp.init(milliseconds:))
                return sentAt != nil
            }
            return true
        }

        private mutating func takeSecond(_ name: Bytes) -> Bool {
            switch section {
            case .issue where name.isText("id"):
                guard issueID == nil else { return false }
                issueID = id
                return issueID != nil
            case .issue where name.isText("key"):
                guard !hasKey else { return false }
                hasKey = text != nil
                return hasKey
            case .comment where name.isText("id"):
                guard commentID == nil else { return false }
                commentID = id
                return commentID != nil
            default: return true
            }
        }

        private var id: String? { text.flatMap { $0.isEmpty ? nil : $0 } ?? number }

        /// A string without escapes that is not too long for an id.
        private var text: String? {
            guard bytes[scanner.range.lowerBound] == UInt8(ascii: "\"") else { return nil }
            let content = bytes[scanner.range.lowerBound + 1..<scanner.range.upperBound - 1]
            guard content.count <= JiraID.longest, !content.contains(UInt8(ascii: "\\")) else { return nil }
            return String(decoding: content, as: UTF8.self)
        }

        /// A whole number that is not negative, and small enough for 64 bits.
        private var number: String? {
            let digits = bytes[scanner.range]
            guard digits.count <= 18, digits.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) })
            else { return nil }
            return String(decoding: digits, as: UTF8.self)
        }
    }
}

private typealias Bytes = Slice<UnsafeBufferPointer<UInt8>>

extension Bytes {
    fileprivate func isText(_ text: StaticString) -> Bool {
        count == text.utf8CodeUnitCount
            && elementsEqual(UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }
}
