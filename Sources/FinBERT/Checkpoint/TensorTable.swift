/// Where the tensors of a checkpoint lie in its file, by name.
struct TensorTable {
    enum ElementType: String {
        case f32 = "F32"
        case f16 = "F16"
        case bf16 = "BF16"
        case f64 = "F64"
        case i64 = "I64"
        case i32 = "I32"
        case i16 = "I16"
        case i8 = "I8"
        case u8 = "U8"
        case bool = "BOOL"

        /// The size of an element, in bytes.
        var size: Int {
            switch self {
            case .f64, .i64: 8
            case .f32, .i32: 4
            case .f16, .bf16, .i16: 2
            case .i8, .u8, .bool: 1
            }
        }
    }

    struct Tensor {
        var type: ElementType
        var shape: [Int]
        /// From the beginning of the file, in bytes.
        var offset: Int
        /// In bytes.
        var size: Int
    }

    /// The format's name, as `consilod model info` prints it.
    let format: String
    private(set) var tensors: [String: Tensor] = [:]

    init(format: String) { self.format = format }

    /// Adds a tensor after checking that it lies within the file. Throws ``ModelError(.malformed)``.
    mutating func add(_ name: String, _ type: ElementType, shape: [Int], at offset: Int, in file: MappedFile) throws {
        var size = type.size
        for extent in shape {
            let (product, overflows) = size.multipliedReportingOverflow(by: extent)
            guard extent >= 0, !overflows else { throw file.malformed("tensor \(name) has the shape \(shape)") }
            size = product
        }
        _ = try file.range(at: offset, count: size)
        guard tensors.updateValue(Tensor(type: type, shape: shape, offset: offset, size: size), forKey: name) == nil
        else { throw file.malformed("tensor \(name) is defined twice") }
    }

    /// Reads the table of a checkpoint file of any format that is known. Throws ``ModelError``.
    static func read(_ file: MappedFile) throws -> TensorTable {
        let first = try file.integer(UInt32.self, at: 0)
        if first == 0x0403_4B50 { return try TorchArchive.read(file) }
        if first & 0xFF == 0x80 { return try TorchArchive.readLegacy(file) }
        return try Safetensors.read(file)
    }
}
