import Domain

/// One edit of an issue: a changelog entry with an item for every field that it changed.
struct ChangelogPayload: Decodable {
    let id: String?
    let items: LossyList<Item>?

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: WireKey.self)
        id = container.value("id", as: JiraID.self)?.text
        items = container.value("items")
    }

    /// The changes, made by `author` at the moment of the webhook; those of a field in `own` are consilod's, without the values.
    ///
    /// Without the entry's id, the moment, the position and the field stand for it: the same for the same delivery.
    func changes(by author: Person?, at moment: Timestamp, own: Set<String>) -> [Change] {
        (items?.elements ?? []).enumerated().compactMap { index, item in
            guard let item else { return nil }
            let id = id.map { "\($0)/\(index)" } ?? "t\(moment.milliseconds)/\(index)/\(item.field)"
            if let fieldID = item.fieldID, own.contains(fieldID) {
                return Change(
                    id: ChangeID(id), at: moment, author: .consilod, field: item.field, from: nil, fromString: nil,
                    to: nil, toString: nil)
            }
            return Change(
                id: ChangeID(id), at: moment, author: author, field: item.field, from: item.from,
                fromString: item.fromString, to: item.to, toString: item.toString)
        }
    }

    /// One entry of a history as the REST API lists it: with its own author and time.
    struct Entry: Decodable {
        private let author: Person?
        private let created: Timestamp?
        private let changelog: ChangelogPayload

        /// The entry's number; 0 where it has none.
        var number: Int64 { changelog.id.flatMap { Int64($0) } ?? 0 }

        init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: WireKey.self)
            author = container.value("author", as: PersonPayload.self)?.person
            created = container.value("created", as: JiraInstant.self)?.timestamp
            changelog = try ChangelogPayload(from: decoder)
        }

        func changes(own: Set<String>) -> [Change] {
            created.map { changelog.changes(by: author, at: $0, own: own) } ?? []
        }
    }

    struct Item: Decodable {
        let field: String
        /// `customfield_10016`; nil where the site does not tell it.
        let fieldID: String?
        let from: String?
        let fromString: String?
        let to: String?
        let toString: String?

        init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: WireKey.self)
            field = try container.decode(String.self, forKey: "field")
            // Part of a change's id where the changelog has none.
            guard field.utf8.count <= JiraID.longest else {
                throw DecodingError.dataCorrupted(.init(codingPath: decoder.codingPath, debugDescription: "too long"))
            }
            fieldID = container.value("fieldId")
            func text(_ key: WireKey) -> String? {
                container.value(key, as: NumberOrString.self).map { TextLimit.text.cut($0.text) }
            }
            from = text("from")
            fromString = text("fromString")
            to = text("to")
            toString = text("toString")
        }
    }
}
