import Crypto
public import Domain
import Foundation
import Synchronization

/// What an erasure needs of the rest of consilod: the texts' readers, and the keys that the store does not have.
public struct ErasureParts: Sendable {
    /// Seals the key of a tenant's hashes.
    public var seal: @Sendable (String) throws -> String
    /// Opens it.
    public var open: @Sendable (String) throws -> String
    /// The model whose readings scores rest on now.
    public var model: @Sendable () -> String
    /// What the reading of a text is stored under.
    public var hash: @Sendable (_ text: String) -> ContentHash
    /// What stays of a comment's text; `id` is a random name.
    public var residue: @Sendable (_ text: String, _ mood: SentimentReading?, _ id: String) -> ErasedText
    /// Whom a person counts as, as far as cost is concerned.
    public var staffing: @Sendable (Person) -> (role: String, location: String)
    /// Reads the JSON of a comment as the fold does; nil for what the fold does not take for one.
    public var comment: @Sendable (_ json: [UInt8]) -> Comment?

    public init(
        seal: @escaping @Sendable (String) throws -> String, open: @escaping @Sendable (String) throws -> String,
        model: @escaping @Sendable () -> String, hash: @escaping @Sendable (_ text: String) -> ContentHash,
        residue: @escaping @Sendable (_ text: String, _ mood: SentimentReading?, _ id: String) -> ErasedText,
        staffing: @escaping @Sendable (Person) -> (role: String, location: String),
        comment: @escaping @Sendable (_ json: [UInt8]) -> Comment?
    ) {
        self.seal = seal
        self.open = open
        self.model = model
        self.hash = hash
        self.residue = residue
        self.staffing = staffing
        self.comment = comment
    }
}

/// Holds the parts from when there are any: the store is open before what reads texts is there.
public final class ErasureBox: Sendable {
    private let held = Mutex<ErasureParts?>(nil)

    init() {}

    /// From now on people can be erased, and webhooks of tenants with erased people be taken.
    public func use(_ parts: ErasureParts) { held.withLock { $0 = parts } }

    /// Throws `StorageError(.unavailable)` before that: nothing may be stored then that might name an erased person.
    func parts() throws -> ErasureParts {
        guard let parts = held.withLock({ $0 }) else {
            throw StorageError(.unavailable, "what recognises erased people is not there yet")
        }
        return parts
    }
}

/// The erased people of one tenant, in one transaction.
final class TenantErasures {
    let tenantID: TenantID
    let parts: ErasureParts
    let connection: any SQLConnection
    private(set) var marks: PersonMarks
    /// Whether hashes of texts are to be remembered until the erasure is over.
    let isErasing: Bool
    private var erasedComments: [String: Bool] = [:]

    /// - Parameter sealedKey: the key of the tenant's hashes.
    init(
        _ tenantID: TenantID, sealedKey: String, isErasing: Bool, parts: ErasureParts, in connection: any SQLConnection
    ) throws {
        self.tenantID = tenantID
        self.parts = parts
        self.isErasing = isErasing
        self.connection = connection
        let key = try Self.key(opening: sealedKey, parts)
        let rows = try connection.query([
            .select(PersonColumn.self, "FROM erased_people WHERE tenant_id = ?", [.tenant(tenantID)]),
            .select(MarkColumn.self, "FROM erased_marks WHERE tenant_id = ?", [.tenant(tenantID)]),
        ])
        marks = PersonMarks(
            key: key,
            people: try rows[0].map { SQLRecord<PersonColumn>($0) }.map {
                ErasedPerson(id: try $0.text(.personID), name: try $0.text(.name))
            }, marks: try rows[1].map { SQLRecord<MarkColumn>($0) }.map { try $0.mark })
    }

    static func key(opening sealed: String, _ parts: ErasureParts) throws -> SymmetricKey {
        do {
            let text = try parts.open(sealed)
            guard let data = Base64URL.decode(text), data.count == 32 else {
                throw StorageError(.corrupt, "the key of erased people is no key")
            }
            return SymmetricKey(data: data)
        } catch let error as StorageError {
            throw error
        } catch {
            // Nothing may be stored in clear instead; Jira sends again. Not unavailable, which would concern the webhooks of other
            // tenants in the same transaction.
            throw StorageError(.corrupt, "the key of erased people cannot be opened", cause: error)
        }
    }

    private enum PersonColumn: Int, SQLColumns {
        case personID, name
        static let list = columnList()
    }

    // MARK: Erasing

    /// What is Jira's: bodies and states.
    var ofJira: PersonEraser {
        PersonEraser(
            marks: marks, source: .jira, residue: { [self] in try residue(ofJSON: $0) })
    }

    /// What consilod made.
    var ofConsilod: PersonEraser {
        PersonEraser(marks: marks, source: .own, isErasedComment: { [self] in try isErasedComment($0) })
    }

    /// Adds what an account is called, where it is new; whether it was.
    func learn(_ person: ErasedPerson, name: String?, mail: String?) throws -> Bool {
        var new: [PersonMarks.Mark] = []
        if let name, marks.person(named: name) == nil { new += marks.marks(name: name, of: person) }
        if let mail, marks.person(.mail, mail.lowercased()) == nil { new.append(marks.mark(mail: mail, of: person)) }
        guard !new.isEmpty else { return false }
        try add(new, of: person)
        return true
    }

    func add(_ new: [PersonMarks.Mark], of person: ErasedPerson) throws {
        marks.add(person, new)
        try connection.runAll(
            """
            INSERT INTO erased_marks (tenant_id, mark, kind, size, words, person_id) VALUES (?, ?, ?, ?, ?, ?)
            ON CONFLICT (tenant_id, mark) DO NOTHING
            """,
            new.sorted { $0.hash < $1.hash }.map {
                [
                    .tenant(tenantID), .text($0.hash), .text($0.kind.rawValue), .integer($0.size), .integer($0.words),
                    .text($0.personID),
                ]
            })
    }

    /// A delivery without erased people. Its body was verified as Jira sent it.
    func erased(_ delivery: WebhookDelivery) throws -> WebhookDelivery {
        var eraser = ofJira
        // What the person is called now, where that is new.
        eraser.learn = { [self] in _ = try learn($0, name: $1, mail: $2) }
        var erased = delivery
        if let body = try eraser.json(delivery.body) {
            (erased.body, erased.storedBody, erased.piecesID) = (body, nil, nil)
        }
        if case .sprint(var sprint, let deleted) = delivery.routing, let name = eraser.text(sprint.name) {
            sprint.name = name
            erased.routing = .sprint(sprint, deleted: deleted)
        }
        return erased
    }

    private func residue(ofJSON json: [UInt8]) throws -> String {
        guard let comment = parts.comment(json) else { return ErasedText.quotation }
        return try residue(of: comment)
    }

    /// What stands in place of a comment's text: for one revision the same, wherever and whenever it is met.
    func residue(of comment: Comment) throws -> String {
        if comment.body.isEmpty || ErasedText(comment.body) != nil { return comment.body }
        let key: [SQLValue] = [.tenant(tenantID), .id(comment.id), .integer(comment.updated.milliseconds)]
        let known = "SELECT body FROM erased_comments WHERE tenant_id = ? AND comment_id = ? AND revision = ?"
        if let row = try connection.first(known, key) { return try row.text() }
        let hash = parts.hash(comment.body)
        let mood = try connection.selectFirst(
            ReadingColumn.self, "FROM sentiment_cache WHERE tenant_id = ? AND model_id = ? AND content_hash = ?",
            [.tenant(tenantID), .text(parts.model()), .id(hash)]
        ).map { SentimentReading(label: try $0.choice(.label, of: SentimentLabel.self), score: try $0.real(.score)) }
        let body: String
        do { body = try parts.residue(comment.body, mood, Self.token()).body() } catch {
            throw StorageError(.corrupt, "what is left of a comment cannot be written", cause: error)
        }
        try connection.run(
            """
            INSERT INTO erased_comments (tenant_id, comment_id, revision, body, content_hash) VALUES (?, ?, ?, ?, ?)
            ON CONFLICT (tenant_id, comment_id, revision) DO NOTHING
            """, key + [.text(body), isErasing ? .id(hash) : .null])
        erasedComments[comment.id.rawValue] = true
        // Another transaction may have been first.
        return try connection.first(known, key)?.text() ?? body
    }

    private enum ReadingColumn: Int, SQLColumns {
        case label, score
        static let list = columnList()
    }

    private func isErasedComment(_ id: String) throws -> Bool {
        if let known = erasedComments[id] { return known }
        let isErased =
            try connection.first(
                "SELECT 1 FROM erased_comments WHERE tenant_id = ? AND comment_id = ? LIMIT 1",
                [.tenant(tenantID), .text(id)]) != nil
        erasedComments[id] = isErased
        return isErased
    }

    /// 64 random bits, in 16 hexadecimal digits.
    static func token() -> String {
        let digits = String(UInt64.random(in: .min ... .max), radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}

/// A row of `erased_marks`.
enum MarkColumn: Int, SQLColumns {
    case mark, kind, size, words, personID
    static let list = columnList()
}

extension SQLRecord<MarkColumn> {
    var mark: PersonMarks.Mark {
        get throws {
            PersonMarks.Mark(
                hash: try text(.mark), kind: try choice(.kind, of: PersonMarks.Kind.self), size: try integer(.size),
                words: try integer(.words), personID: try text(.personID))
        }
    }
}
