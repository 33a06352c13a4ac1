import Domain

/// `jira_access.fields_json`.
struct StoredCustomFields: StoredRow {
    static let version = 1

    let value: CustomFields

    init(_ value: CustomFields) { self.value = value }

    private enum CodingKeys: String, CodingKey {
        case version = "v"
        case storyPoints, sprint, flag
    }

    init(from decoder: any Decoder) throws {
        let row = try decoder.container(keyedBy: CodingKeys.self)
        _ = try Self.version(of: row, .version)
        value = CustomFields(
            storyPoints: try row.read(.storyPoints), sprint: try row.read(.sprint),
            flag: try row.readIfPresent(.flag) ?? CustomFields().flag)
    }

    func encode(to encoder: any Encoder) throws {
        var row = encoder.container(keyedBy: CodingKeys.self)
        try row.write(Self.version, .version)
        try row.write(value.storyPoints, .storyPoints)
        try row.write(value.sprint, .sprint)
        // Left out where it is that of a new site.
        if value.flag != CustomFields().flag { try row.write(value.flag, .flag) }
    }
}
