import Foundation

/// The safetensors format: the length of a JSON header (8 bytes, little-endian), the header, the data.
///
/// Source: https://github.com/huggingface/safetensors#format
enum Safetensors {
    /// The format's own limit on the header, in bytes.
    private static let headerLimit = 100_000_000

    private struct Entry: Decodable {
        var dtype: String
        var shape: [Int]
        var data_offsets: [Int]
    }

    /// A value of the header: a tensor, or the free `__metadata__`.
    private struct Item: Decodable {
        var entry: Entry?
        init(from decoder: any Decoder) throws {
            let isMetadata = decoder.codingPath.last?.stringValue == "__metadata__"
            entry = isMetadata ? nil : try Entry(from: decoder)
        }
    }

    static func read(_ file: MappedFile) throws -> TensorTable {
        let length = try file.integer(UInt64.self, at: 0)
        guard length >= 2, length <= headerLimit, Int(length) <= file.size - 8,
            try file.integer(UInt8.self, at: 8) == UInt8(ascii: "{")
        else { throw file.malformed("it is neither safetensors nor a PyTorch checkpoint, or its header is damaged") }
        let start = 8 + Int(length)
        let header = Data(file.bytes[8..<start])
        let items = try ModelFiles.decode([String: Item].self, from: header, name: "\(file.name), header")
        var table = TensorTable(format: "safetensors")
        for (name, item) in items {
            guard let entry = item.entry else { continue }
            guard let type = TensorTable.ElementType(rawValue: entry.dtype) else {
                // A type unknown here can still belong to a tensor that is not needed.
                continue
            }
            guard entry.data_offsets.count == 2, let from = entry.data_offsets.first, let to = entry.data_offsets.last,
                from >= 0, from <= to, to <= file.size - start
            else { throw file.malformed("tensor \(name) lies outside the file; it is truncated or damaged") }
            try table.add(name, type, shape: entry.shape, at: start + from, in: file)
            guard table.tensors[name]?.size == to - from else {
                throw file.malformed("tensor \(name) has \(to - from) bytes, which do not match its shape")
            }
        }
        return table
    }
}
