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
            var fields = Fields(bytes: bytes)
            let isPlain = JSONSyntax.isJSON(bytes, within: PreparedBody.limits) { fields.take($0) }
            return isPlain ? PlainEnvelope(fields) : nil
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
        let bytes: UnsafeBufferPointer<UInt8>
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

        init(bytes: UnsafeBufferPointer<UInt8>) { self.bytes = bytes }

        /// False where the body must be decoded: a field is of an unusual shape, or there twice.
        mutating func take(_ member: JSONSyntax.Member) -> Bool {
            // It may be any name.
            guard !bytes[member.name].contains(UInt8(ascii: "\\")) else { return false }
            return member.level == 1 ? takeFirst(member) : takeSecond(member)
        }

        private mutating func takeFirst(_ member: JSONSyntax.Member) -> Bool {
            section = .other
            if isNamed("issue", member) {
                guard member.value == nil, !hasIssue else { return false }
                (hasIssue, section) = (true, .issue)
            } else if isNamed("comment", member) {
                guard member.value == nil, !hasComment else { return false }
                (hasComment, section) = (true, .comment)
            } else if isNamed("webhookEvent", member) {
                guard event == nil else { return false }
                event = text(member)
                return event != nil
            } else if isNamed("timestamp", member) {
                guard sentAt == nil else { return false }
                sentAt = number(member).flatMap(Int64.init).map(Timestamp.init(milliseconds:))
                return sentAt != nil
            }
            return true
        }

        private mutating func takeSecond(_ member: JSONSyntax.Member) -> Bool {
            switch section {
            case .issue where isNamed("id", member):
                guard issueID == nil else { return false }
                issueID = id(member)
                return issueID != nil
            case .issue where isNamed("key", member):
                guard !hasKey else { return false }
                hasKey = text(member) != nil
                return hasKey
            case .comment where isNamed("id", member):
                guard commentID == nil else { return false }
                commentID = id(member)
                return commentID != nil
            default: return true
            }
        }

        private func isNamed(_ name: StaticString, _ member: JSONSyntax.Member) -> Bool {
            member.name.count == name.utf8CodeUnitCount
                && bytes[member.name].elementsEqual(
                    UnsafeBufferPointer(start: name.utf8Start, count: name.utf8CodeUnitCount))
        }

        private func id(_ member: JSONSyntax.Member) -> String? {
            text(member).flatMap { $0.isEmpty ? nil : $0 } ?? number(member)
        }

        /// A string without escapes that is not too long for an id.
        private func text(_ member: JSONSyntax.Member) -> String? {
            guard let value = member.value, bytes[value.lowerBound] == UInt8(ascii: "\"") else { return nil }
            let content = bytes[value.lowerBound + 1..<value.upperBound - 1]
            guard content.count <= JiraID.longest, !content.contains(UInt8(ascii: "\\")) else { return nil }
            return String(decoding: content, as: UTF8.self)
        }

        /// A whole number that is not negative, and small enough for 64 bits.
        private func number(_ member: JSONSyntax.Member) -> String? {
            guard let value = member.value, value.count <= 18,
                bytes[value].allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) })
            else { return nil }
            return String(decoding: bytes[value], as: UTF8.self)
        }
    }
}
