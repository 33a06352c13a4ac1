import Domain

/// `alert_channels.digest_json`.
struct StoredDigestSchedule: StoredRow {
    static let version = 1

    let value: DigestSchedule

    init(_ value: DigestSchedule) { self.value = value }

    private enum CodingKeys: String, CodingKey {
        case version = "v"
        case every, minute, timeZone, weekday, projectKeys, saysWhenEmpty
    }

    init(from decoder: any Decoder) throws {
        let row = try decoder.container(keyedBy: CodingKeys.self)
        _ = try Self.version(of: row, .version)
        value = DigestSchedule(
            every: try row.read(.every), minute: try row.read(.minute), timeZone: try row.read(.timeZone),
            weekday: try row.readIfPresent(.weekday), projectKeys: try row.readIfPresent(.projectKeys) ?? [],
            saysWhenEmpty: try row.readIfPresent(.saysWhenEmpty) ?? false)
    }

    func encode(to encoder: any Encoder) throws {
        var row = encoder.container(keyedBy: CodingKeys.self)
        try row.write(Self.version, .version)
        try row.write(value.every, .every)
        try row.write(value.minute, .minute)
        try row.write(value.timeZone, .timeZone)
        try row.writeIfPresent(value.weekday, .weekday)
        if !value.projectKeys.isEmpty { try row.write(value.projectKeys, .projectKeys) }
        try row.writeFlag(value.saysWhenEmpty, .saysWhenEmpty)
    }
}
