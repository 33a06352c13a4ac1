import Domain

/// A stored row that holds something of a person.
struct PersonRecordView: Encodable, Sendable {
    var table: String
    /// What tells the row from others of the table.
    var key: [String: String]
    /// The columns that hold something of the person, as they are stored.
    var values: [String: String]

    init(_ record: PersonRecord) {
        table = record.table
        key = record.key
        values = record.values
    }
}

/// How far the erasure of a person is.
struct PersonErasureView: Encodable, Sendable {
    /// `running` or `finished`.
    var state: String
    /// What stands in place of the account id.
    var pseudonym: String
    var requestedAt: Timestamp
    var finishedAt: Nullable<Timestamp>
    /// The rows that were changed so far, by table.
    var rows: [String: Int]

    init(_ erasure: PersonErasure) {
        state = erasure.finishedAt == nil ? "running" : "finished"
        pseudonym = erasure.person.id
        requestedAt = erasure.requestedAt
        finishedAt = Nullable(erasure.finishedAt)
        rows = erasure.counts
    }
}
