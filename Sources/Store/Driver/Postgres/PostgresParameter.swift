import Domain

/// What a statement takes in one place: a value, or an array of values of one type.
enum PostgresParameter {
    case value(PostgresType)
    case array(of: PostgresType)

    /// By the type's fixed OID (`pg_type.dat`); nil for one that no statement of the store takes.
    init?(oid: UInt32) {
        if let type = PostgresType(rawValue: oid) {
            self = .value(type)
            return
        }
        switch oid {
        case 1000: self = .array(of: .bool)
        case 1001: self = .array(of: .bytea)
        case 1007: self = .array(of: .int4)
        case 1009: self = .array(of: .text)
        case 1016: self = .array(of: .int8)
        case 1022: self = .array(of: .float8)
        case 1185: self = .array(of: .timestamptz)
        case 2951: self = .array(of: .uuid)
        case 3807: self = .array(of: .jsonb)
        default: return nil
        }
    }

    /// As ``PostgresType/encode(_:)``.
    func encode(_ value: SQLValue) throws -> [UInt8]? {
        switch (self, value) {
        case (.value(let type), _): try type.encode(value)
        case (.array, .array(let values)): try encode(values)
        default: throw misfit
        }
    }

    /// An array of one dimension in the binary format (`array_recv` of the server's sources): the number of dimensions, whether
    /// there are NULLs, the type, the length and the first index; then each element as its length (-1 for NULL) and bytes.
    ///
    /// Throws as ``PostgresType/encode(_:)``.
    func encode(_ values: some Collection<SQLValue>) throws -> [UInt8] {
        guard case .array(let type) = self else { throw misfit }
        var bytes: [UInt8] = []
        func append(_ number: Int32) { withUnsafeBytes(of: number.bigEndian) { bytes.append(contentsOf: $0) } }
        append(1)
        append(values.contains(.null) ? 1 : 0)
        append(Int32(bitPattern: type.rawValue))
        append(Int32(values.count))
        append(1)
        for value in values {
            guard let element = try type.encode(value) else {
                append(-1)
                continue
            }
            append(Int32(element.count))
            bytes += element
        }
        return bytes
    }

    private var misfit: StorageError {
        StorageError(.corrupt, "a statement takes a value where an array is given, or the other way round")
    }
}
