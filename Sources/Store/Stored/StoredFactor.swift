import Domain

/// A factor of a score, in analyses and alerts.
struct StoredFactor: StoredForm {
    let value: Factor

    init(_ value: Factor) { self.value = value }

    private enum CodingKeys: String, CodingKey {
        case name, points, cap, explanation, remedy, evidence
    }

    init(from decoder: any Decoder) throws {
        let row = try decoder.container(keyedBy: CodingKeys.self)
        value = Factor(
            name: try row.read(.name), points: try row.read(.points), cap: try row.read(.cap),
            explanation: try row.read(.explanation), remedy: try row.readIfPresent(.remedy),
            evidence: try row.readList(.evidence, of: StoredEvidence.self))
    }

    func encode(to encoder: any Encoder) throws {
        var row = encoder.container(keyedBy: CodingKeys.self)
        try row.write(value.name, .name)
        try row.write(value.points, .points)
        try row.write(value.cap, .cap)
        try row.write(value.explanation, .explanation)
        try row.writeIfPresent(value.remedy, .remedy)
        try row.writeList(value.evidence, .evidence, of: StoredEvidence.self)
    }
}

/// What supports a factor.
struct StoredEvidence: StoredForm {
    let value: Evidence

    init(_ value: Evidence) { self.value = value }

    private enum CodingKeys: String, CodingKey {
        case kind, id, at, note, author, restrictedNote
    }

    init(from decoder: any Decoder) throws {
        let row = try decoder.container(keyedBy: CodingKeys.self)
        value = Evidence(
            kind: try row.read(.kind), id: try row.read(.id), at: try row.readIfPresent(.at),
            note: try row.readIfPresent(.note), author: try row.readIfPresent(.author),
            restrictedNote: try row.readIfPresent(.restrictedNote))
    }

    func encode(to encoder: any Encoder) throws {
        var row = encoder.container(keyedBy: CodingKeys.self)
        try row.write(value.kind, .kind)
        try row.write(value.id, .id)
        try row.writeIfPresent(value.at, .at)
        try row.writeIfPresent(value.note, .note)
        try row.writeIfPresent(value.author, .author)
        try row.writeIfPresent(value.restrictedNote, .restrictedNote)
    }
}
