import Domain

/// Takes erased people out of the JSON that is stored: bodies of webhooks, and consilod's own forms. It changes values of strings and
/// leaves members out; what it does not know the meaning of stays as it is.
struct PersonEraser {
    let marks: PersonMarks
    /// Whose texts they are.
    var source = PersonText.Source.jira
    /// What stands in place of the text of a comment, whose object's JSON is given.
    var residue: (_ comment: [UInt8]) throws -> String = { _ in ErasedText.quotation }
    /// Whether the comment of an id was an erased person's.
    var isErasedComment: (_ id: String) throws -> Bool = { _ in false }
    /// Is told the names and mail addresses that an account has where it is found.
    var learn: (_ person: ErasedPerson, _ name: String?, _ mail: String?) throws -> Void = { _, _, _ in }

    /// The members that a user keeps; all others describe who it is.
    private static let keptOfUsers: Set = [
        "accountId", "accountType", "active", "displayName", "id", "isApp", "key", "name", "timeZone",
    ]
    /// The members of which one makes an object with an account id a user.
    private static let marksOfUsers: Set = ["displayName", "accountId", "emailAddress", "avatarUrls"]
    private static let accountMembers = ["accountId", "id", "key", "name"]

    /// The text without erased people; nil where it names none.
    func text(_ text: String) -> String? { PersonText(marks: marks, source: source).replaced(text) }

    /// A JSON text without erased people; nil where it has none. What is no JSON is taken for a text.
    func json(_ bytes: [UInt8]) throws -> [UInt8]? {
        guard !bytes.isEmpty, !marks.isEmpty else { return nil }
        var document: JSONDocument
        do { document = try JSONDocument(bytes) } catch is JSONDocument.Unreadable {
            return text(String(decoding: bytes, as: UTF8.self)).map { Array($0.utf8) }
        }
        var root = document.root
        guard try rewrite(&root, in: document, isByErased: false) else { return nil }
        document.root = root
        return document.encoded()
    }

    /// As ``json(_:)`` for a column of text.
    func json(_ text: String) throws -> String? {
        try json(Array(text.utf8)).map { String(decoding: $0, as: UTF8.self) }
    }

    // MARK: Values

    /// Whether a value was changed.
    ///
    /// - Parameter isByErased: whether an erased person did what it is a part of.
    private func rewrite(_ node: inout JSONDocument.Node, in document: JSONDocument, isByErased: Bool) throws -> Bool {
        switch node {
        case .string(let text, _):
            guard let replaced = self.text(text) else { return false }
            node = .new(replaced)
            return true
        case .array(var nodes):
            var isChanged = false
            for index in nodes.indices where try rewrite(&nodes[index], in: document, isByErased: isByErased) {
                isChanged = true
            }
            if isChanged { node = .array(nodes) }
            return isChanged
        case .object(var members, let range):
            let isChanged = try rewrite(&members, range, in: document, isByErased: isByErased)
            if isChanged { node = .object(members, range) }
            return isChanged
        case .other, .new: return false
        }
    }

    private func rewrite(
        _ members: inout [JSONDocument.Member], _ range: Range<Int>, in document: JSONDocument, isByErased: Bool
    ) throws -> Bool {
        if let person = user(members) {
            try learn(person, members.text("displayName"), members.text("emailAddress"))
            Self.replaceUser(&members, by: person)
            return true
        }
        var isChanged = false
        let hasErasedAuthor = members.object("author").flatMap(user) != nil
        if hasErasedAuthor { isChanged = try eraseTexts(&members, source: document.source(range)) }
        let isByErased = isByErased || hasErasedAuthor || members.object("user").flatMap(user) != nil
        if isByErased, members.text("field")?.lowercased() == "comment" {
            isChanged = members.replace(["fromString", "toString"], with: ErasedText.quotation) || isChanged
        }
        if let id = members.text("id"), let person = marks.person(.account, id), members.text("text") != nil {
            // A mention.
            isChanged = members.replace(["text"], with: "@\(person.word)") || isChanged
        }
        if source == .own { isChanged = try eraseQuotations(&members) || isChanged }
        for index in members.indices {
            if isQuotation(members[index].name, of: members), let text = members[index].value.text {
                // As in the text that it is from: an analysis that is made again says the same.
                guard let replaced = PersonText(marks: marks, source: .jira).replaced(text) else { continue }
                members[index].value = .new(replaced)
                isChanged = true
            } else {
                isChanged = try rewrite(&members[index].value, in: document, isByErased: isByErased) || isChanged
            }
        }
        return isChanged
    }

    /// Whether a member of consilod's own JSON holds a text of Jira.
    private func isQuotation(_ name: String, of members: [JSONDocument.Member]) -> Bool {
        guard source == .own else { return false }
        switch name {
        case "snippet", "summary": return true
        case "note", "restrictedNote", "restricted_note": return members.text("kind") == "comment"
        default: return false
        }
    }

    // MARK: People

    /// The erased person that an object is the account of.
    private func user(_ members: [JSONDocument.Member]) -> ErasedPerson? {
        guard members.contains(where: { Self.marksOfUsers.contains($0.name) }) else { return nil }
        return Self.accountMembers.lazy.compactMap { members.text($0) }.compactMap { marks.person(.account, $0) }.first
    }

    private static func replaceUser(_ members: inout [JSONDocument.Member], by person: ErasedPerson) {
        members.removeAll { !keptOfUsers.contains($0.name) }
        members.replace(Set(accountMembers), with: person.id)
        members.replace(["displayName"], with: person.name)
    }

    // MARK: What they wrote

    /// The texts of something that an erased person is the author of: a comment, a worklog, the name of a file.
    private func eraseTexts(_ members: inout [JSONDocument.Member], source: [UInt8]) throws -> Bool {
        var isChanged = false
        let count = members.count
        members.removeAll { $0.name == "renderedBody" }
        if members.count != count { isChanged = true }
        if let body = members.firstIndex(where: { $0.name == "body" }), !members[body].isErased {
            members[body].value = .new(try residue(source))
            isChanged = true
        }
        // Of a file also its addresses, which have its name.
        let isFile = members.contains { $0.name == "filename" }
        for name in isFile ? ["filename", "content", "thumbnail"] : ["comment"] {
            guard let index = members.firstIndex(where: { $0.name == name }),
                members[index].value.text != ErasedText.quotation
            else { continue }
            // Of a worklog it is a text or a document; what else has the name stays.
            switch members[index].value {
            case .string: break
            case .object(let inside, _) where inside.text("type") == "doc": break
            case .object, .array, .other, .new: continue
            }
            members[index].value = .new(ErasedText.quotation)
            isChanged = true
        }
        return isChanged
    }

    /// Quotations of an erased person's comments in an analysis or alert.
    private func eraseQuotations(_ members: inout [JSONDocument.Member]) throws -> Bool {
        var isChanged = false
        if try isErasedEvidence(members) {
            isChanged = members.replace(["note"], with: ErasedText.quotation)
            let count = members.count
            members.removeAll { $0.name == "restrictedNote" || $0.name == "restricted_note" }
            isChanged = isChanged || members.count != count
        }
        if let evidence = members.object("evidence"), members.text("snippet") != nil, try isErasedEvidence(evidence) {
            isChanged = members.replace(["snippet"], with: ErasedText.quotation) || isChanged
        }
        return isChanged
    }

    private func isErasedEvidence(_ members: [JSONDocument.Member]) throws -> Bool {
        guard members.text("kind") == "comment", let id = members.text("id") else { return false }
        if try isErasedComment(id) { return true }
        return members.text("author").flatMap { marks.person(named: $0) } != nil
    }
}

extension JSONDocument.Member {
    /// Whether it holds what is left of a comment's text.
    fileprivate var isErased: Bool {
        guard let text = value.text else { return false }
        return text.isEmpty || text == ErasedText.quotation || ErasedText(text) != nil
    }
}

extension [JSONDocument.Member] {
    /// The string that a member holds, of two with one name the first.
    fileprivate func text(_ name: String) -> String? { first { $0.name == name }?.value.text }

    /// The members of the object that a member holds.
    fileprivate func object(_ name: String) -> [JSONDocument.Member]? {
        guard case .object(let members, _) = first(where: { $0.name == name })?.value else { return nil }
        return members
    }

    /// Puts a text in place of the strings that these members hold; whether one was another.
    @discardableResult
    fileprivate mutating func replace(_ names: Set<String>, with text: String) -> Bool {
        var isChanged = false
        for index in indices where names.contains(self[index].name) {
            guard let old = self[index].value.text, old != text else { continue }
            self[index].value = .new(text)
            isChanged = true
        }
        return isChanged
    }
}
