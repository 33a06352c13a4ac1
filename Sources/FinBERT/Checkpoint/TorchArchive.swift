import Foundation

/// What `torch.save` writes for a state dict: a zip of a pickle and one stored file for each storage (torch 1.6 and
/// later), or before that a row of pickles followed by the storages.
///
/// Only tensors are read from the pickle; nothing in it is ever executed (``TorchPickle``).
enum TorchArchive {
    private struct Member {
        var offset: Int
        var size: Int
    }

    // MARK: Zip

    static func read(_ file: MappedFile) throws -> TensorTable {
        let members = try directory(of: file)
        guard let (path, pickle) = members.first(where: { $0.key.hasSuffix("/data.pkl") }) else {
            throw file.malformed("the archive has no data.pkl; it is not a PyTorch checkpoint")
        }
        let root = path.dropLast("data.pkl".count)
        if let order = members["\(root)byteorder"],
            try file.text(at: order.offset, count: min(order.size, 16)) != "little"
        {
            throw ModelError(.unsupported, "\(file.name): its byte order is not little-endian")
        }
        var reader = TorchPickle(file, from: pickle.offset, to: pickle.offset + pickle.size)
        return try table("PyTorch", of: try reader.next(), in: file) { storage in
            guard let member = members["\(root)data/\(storage)"] else { return nil }
            return member.offset..<member.offset + member.size
        }
    }

    /// The stored files of a zip, by name. Source: APPNOTE.TXT 6.3.10, sections 4.3 and 4.5.3.
    private static func directory(of file: MappedFile) throws -> [String: Member] {
        // The end record is 22 bytes and a comment of at most 65,535.
        let earliest = max(0, file.size - 22 - 65_535)
        var end = file.size - 22
        while end >= earliest, try file.integer(UInt32.self, at: end) != 0x0605_4B50 { end -= 1 }
        guard end >= earliest else { throw file.malformed("the archive has no end; it is truncated") }
        var count = Int(try file.integer(UInt16.self, at: end + 10))
        var at = Int(try file.integer(UInt32.self, at: end + 16))
        // A zip64 locator stands 20 bytes before the end record.
        if end >= 20, try file.integer(UInt32.self, at: end - 20) == 0x0706_4B50 {
            let record = try exact(try file.integer(UInt64.self, at: end - 12), file)
            guard try file.integer(UInt32.self, at: record) == 0x0606_4B50 else {
                throw file.malformed("the archive's zip64 directory is damaged")
            }
            count = try exact(try file.integer(UInt64.self, at: record + 32), file)
            at = try exact(try file.integer(UInt64.self, at: record + 48), file)
        }
        var members: [String: Member] = [:]
        for _ in 0..<count {
            guard try file.integer(UInt32.self, at: at) == 0x0201_4B50 else {
                throw file.malformed("the archive's directory is damaged")
            }
            let nameLength = Int(try file.integer(UInt16.self, at: at + 28))
            let extraLength = Int(try file.integer(UInt16.self, at: at + 30))
            let commentLength = Int(try file.integer(UInt16.self, at: at + 32))
            let name = try file.text(at: at + 46, count: nameLength)
            var sizes = [
                UInt64(try file.integer(UInt32.self, at: at + 24)), UInt64(try file.integer(UInt32.self, at: at + 20)),
                UInt64(try file.integer(UInt32.self, at: at + 42)),
            ]
            try widen(&sizes, by: at + 46 + nameLength, length: extraLength, in: file)
            guard try file.integer(UInt16.self, at: at + 10) == 0 else {
                throw ModelError(
                    .unsupported, "\(file.name): \(name) is compressed; PyTorch stores its files uncompressed")
            }
            let local = try exact(sizes[2], file)
            guard try file.integer(UInt32.self, at: local) == 0x0403_4B50 else {
                throw file.malformed("the archive's entry \(name) is damaged")
            }
            let data =
                local + 30 + Int(try file.integer(UInt16.self, at: local + 26))
                + Int(try file.integer(UInt16.self, at: local + 28))
            let range = try file.range(at: data, count: try exact(sizes[0], file))
            members[name] = Member(offset: range.lowerBound, size: range.count)
            at += 46 + nameLength + extraLength + commentLength
        }
        return members
    }

    /// Replaces the sizes and the offset that do not fit into 32 bits by those of the zip64 field.
    private static func widen(_ sizes: inout [UInt64], by start: Int, length: Int, in file: MappedFile) throws {
        var at = start
        while at + 4 <= start + length {
            let (tag, size) = (try file.integer(UInt16.self, at: at), Int(try file.integer(UInt16.self, at: at + 2)))
            if tag == 1 {
                var field = at + 4
                for index in sizes.indices where sizes[index] == 0xFFFF_FFFF && field + 8 <= at + 4 + size {
                    sizes[index] = try file.integer(UInt64.self, at: field)
                    field += 8
                }
            }
            at += 4 + size
        }
    }

    private static func exact(_ value: UInt64, _ file: MappedFile) throws -> Int {
        guard let value = Int(exactly: value) else { throw file.malformed("the archive is damaged") }
        return value
    }

    // MARK: Before torch 1.6

    static func readLegacy(_ file: MappedFile) throws -> TensorTable {
        var reader = TorchPickle(file, from: 0, to: file.size)
        // Magic number, protocol and system come first, as pickles of their own.
        guard case .integer(let high, let low) = try reader.next(), high == 0x19_50, low == 0xA86A_20F9_469C_FC6C else {
            throw file.malformed("it is neither safetensors nor a PyTorch checkpoint")
        }
        _ = try reader.next()
        _ = try reader.next()
        let state = try reader.next()
        guard case .list(let keys) = try reader.next() else { throw file.malformed("its list of storages is damaged") }
        let types = storageTypes(of: state)
        var places: [String: Range<Int>] = [:]
        var at = reader.position
        for key in keys.items {
            guard case .text(let name) = key, let type = types[name] else {
                throw file.malformed("its list of storages names one that no tensor uses")
            }
            let elements = try file.integer(Int64.self, at: at)
            let (size, overflows) = Int(elements).multipliedReportingOverflow(by: type.size)
            guard !overflows else { throw file.malformed("storage \(name) is damaged") }
            places[name] = try file.range(at: at + 8, count: size)
            at += 8 + size
        }
        return try table("PyTorch before 1.6", of: state, in: file) { places[$0] }
    }

    private static func storageTypes(of state: TorchPickle.Value) -> [String: TensorTable.ElementType] {
        guard case .dictionary(let dictionary) = state else { return [:] }
        var types: [String: TensorTable.ElementType] = [:]
        for case (_, .tensor(let tensor)) in dictionary.pairs { types[tensor.storage.key] = tensor.storage.type }
        return types
    }

    // MARK: Both

    private static func table(
        _ format: String, of state: TorchPickle.Value, in file: MappedFile, place: (String) -> Range<Int>?
    ) throws -> TensorTable {
        guard case .dictionary(let dictionary) = state else {
            throw file.malformed("it does not hold a state dict, a dictionary of tensors")
        }
        var table = TensorTable(format: format)
        for case (.text(let name), .tensor(let tensor)) in dictionary.pairs {
            guard let storage = place(tensor.storage.key) else {
                throw file.malformed("the storage of tensor \(name) is missing")
            }
            var expected = 1
            for (extent, stride) in zip(tensor.shape, tensor.strides).reversed() {
                guard extent == 1 || stride == expected else {
                    throw ModelError(.unsupported, "\(file.name): tensor \(name) is not stored row by row")
                }
                let (product, overflows) = expected.multipliedReportingOverflow(by: max(extent, 1))
                guard extent >= 0, !overflows else { throw file.malformed("tensor \(name) is damaged") }
                expected = product
            }
            let (start, overflows) = tensor.offset.multipliedReportingOverflow(by: tensor.storage.type.size)
            guard tensor.shape.count == tensor.strides.count, !overflows, start >= 0, start <= storage.count else {
                throw file.malformed("tensor \(name) is damaged")
            }
            try table.add(
                name, tensor.storage.type, shape: tensor.shape, at: storage.lowerBound + start, in: file)
            guard let added = table.tensors[name], added.offset + added.size <= storage.upperBound else {
                throw file.malformed("tensor \(name) is longer than its storage")
            }
        }
        return table
    }
}
