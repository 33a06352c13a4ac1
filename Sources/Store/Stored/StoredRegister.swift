import Domain

/// A last-writer-wins register: its content and the version that wrote it.
struct StoredRegister<Content: Codable>: Codable {
    let content: Content
    let version: Version

    init(_ content: Content, _ version: Version) {
        self.content = content
        self.version = version
    }

    init(from decoder: any Decoder) throws {
        let row = try decoder.container(keyedBy: RegisterKeys.self)
        content = try row.read(.content)
        version = try row.read(.version, as: StoredVersion.self)
    }

    func encode(to encoder: any Encoder) throws {
        var row = encoder.container(keyedBy: RegisterKeys.self)
        try row.write(content, .content)
        try row.write(version, .version, as: StoredVersion.self)
    }
}

private enum RegisterKeys: String, CodingKey {
    case content = "value"
    case version
}

private struct StoredVersion: StoredForm {
    let value: Version

    init(_ value: Version) { self.value = value }

    private enum CodingKeys: String, CodingKey {
        case at, changelog, sentAt
        case isThin = "thin"
    }

    init(from decoder: any Decoder) throws {
        let row = try decoder.container(keyedBy: CodingKeys.self)
        value = Version(
            at: try row.read(.at), changelog: try row.read(.changelog), sentAt: try row.read(.sentAt),
            isThin: try row.readIfPresent(.isThin) ?? false)
    }

    func encode(to encoder: any Encoder) throws {
        var row = encoder.container(keyedBy: CodingKeys.self)
        try row.write(value.at, .at)
        try row.write(value.changelog, .changelog)
        try row.write(value.sentAt, .sentAt)
        try row.writeFlag(value.isThin, .isThin)
    }
}

// Registers are left out where they are nil: no event has told the field.

extension KeyedDecodingContainer {
    /// A register whose content is stored as it is.
    func readRegister<Content: Codable>(_ key: Key) throws -> Versioned<Content>? {
        try decodeIfPresent(StoredRegister<Content>.self, forKey: key).map { Versioned($0.content, $0.version) }
    }

    func readRegister<Form: StoredForm>(_ key: Key, ofOptional form: Form.Type) throws -> Versioned<Form.Value?>?
    where Form.Value: Codable & Hashable & Sendable {
        try decodeIfPresent(StoredRegister<Form?>.self, forKey: key).map { Versioned($0.content?.value, $0.version) }
    }

    func readRegister<Form: StoredForm>(_ key: Key, ofList form: Form.Type) throws -> Versioned<[Form.Value]>?
    where Form.Value: Codable & Hashable & Sendable {
        try decodeIfPresent(StoredRegister<[Form]>.self, forKey: key).map {
            Versioned($0.content.map(\.value), $0.version)
        }
    }
}

extension KeyedEncodingContainer {
    /// A register whose content is stored as it is.
    mutating func writeRegister<Content: Codable>(_ register: Versioned<Content>?, _ key: Key) throws {
        try encodeIfPresent(register.map { StoredRegister($0.value, $0.version) }, forKey: key)
    }

    mutating func writeRegister<Form: StoredForm>(
        _ register: Versioned<Form.Value?>?, _ key: Key, ofOptional form: Form.Type
    ) throws where Form.Value: Codable & Hashable & Sendable {
        try encodeIfPresent(register.map { StoredRegister($0.value.map(Form.init), $0.version) }, forKey: key)
    }

    mutating func writeRegister<Form: StoredForm>(
        _ register: Versioned<[Form.Value]>?, _ key: Key, ofList form: Form.Type
    ) throws where Form.Value: Codable & Hashable & Sendable {
        try encodeIfPresent(register.map { StoredRegister($0.value.map(Form.init), $0.version) }, forKey: key)
    }
}
