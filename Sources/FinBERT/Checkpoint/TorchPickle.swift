import Foundation

/// Reads the descriptions of tensors in the pickles of `torch.save`, and nothing else.
///
/// A pickle is a program for a small stack machine, and Python runs any function that it names. This machine knows the
/// opcodes of protocol 2 that `torch.save` writes; of functions it knows three by name, which only describe tensors
/// (`_rebuild_tensor_v2`, `_rebuild_parameter`, `OrderedDict`). Any other call becomes an inert ``Value/other``.
struct TorchPickle {
    /// Lists and dictionaries are shared by reference, as the memo of a pickle needs it.
    final class List { var items: [Value] = [] }
    final class Dictionary { var pairs: [(Value, Value)] = [] }

    struct Storage {
        var type: TensorTable.ElementType
        var key: String
    }

    struct Tensor {
        var storage: Storage
        /// In elements, from the beginning of the storage.
        var offset: Int
        var shape: [Int]
        /// In elements.
        var strides: [Int]
    }

    indirect enum Value {
        case none
        /// Up to 128 bits, two's complement, in two halves.
        case integer(high: Int64, low: UInt64)
        case text(String)
        case tuple([Value])
        case list(List)
        case dictionary(Dictionary)
        case name(String)
        case storage(Storage)
        case tensor(Tensor)
        case mark
        /// Anything that does not describe tensors.
        case other

        var int: Int? {
            guard case .integer(let high, let low) = self else { return nil }
            let value = Int(Int64(bitPattern: low))
            return (high == 0 && value >= 0) || (high == -1 && value < 0) ? value : nil
        }
    }

    private let file: MappedFile
    private let end: Int
    /// The offset of the next pickle in the file.
    private(set) var position: Int
    private var stack: [Value] = []
    private var memo: [Int: Value] = [:]

    init(_ file: MappedFile, from start: Int, to end: Int) {
        self.file = file
        (position, self.end) = (start, end)
    }

    /// What the pickle at ``position`` describes; moves on behind it. Throws ``ModelError(.malformed)``.
    mutating func next() throws -> Value {
        (stack, memo) = ([], [:])
        while true {
            let opcode = try byte()
            if opcode == UInt8(ascii: ".") { return try pop() }
            try execute(opcode)
        }
    }

    private mutating func execute(_ opcode: UInt8) throws {
        switch opcode {
        case 0x80: _ = try byte()  // PROTO
        case UInt8(ascii: "("): stack.append(.mark)
        case UInt8(ascii: ")"): stack.append(.tuple([]))
        case UInt8(ascii: "]"): stack.append(.list(List()))
        case UInt8(ascii: "}"): stack.append(.dictionary(Dictionary()))
        case UInt8(ascii: "N"): stack.append(.none)
        case 0x88: stack.append(.integer(high: 0, low: 1))  // NEWTRUE
        case 0x89: stack.append(.integer(high: 0, low: 0))  // NEWFALSE
        case UInt8(ascii: "K"): stack.append(.integer(high: 0, low: UInt64(try byte())))
        case UInt8(ascii: "M"): stack.append(.integer(high: 0, low: try unsigned(bytes: 2)))
        case UInt8(ascii: "J"):
            let value = Int64(Int32(truncatingIfNeeded: try unsigned(bytes: 4)))
            stack.append(.integer(high: value < 0 ? -1 : 0, low: UInt64(bitPattern: value)))
        case 0x8A: try long()  // LONG1
        case UInt8(ascii: "G"):
            _ = try take(8)
            stack.append(.other)
        case UInt8(ascii: "X"): stack.append(.text(try text(Int(try unsigned(bytes: 4)))))
        case 0x8C, UInt8(ascii: "U"): stack.append(.text(try text(Int(try byte()))))
        case UInt8(ascii: "T"): stack.append(.text(try text(Int(try unsigned(bytes: 4)))))
        case UInt8(ascii: "c"): stack.append(.name("\(try line()).\(try line())"))
        case UInt8(ascii: "q"): try remember(Int(try byte()))
        case UInt8(ascii: "r"): try remember(Int(try unsigned(bytes: 4)))
        case UInt8(ascii: "h"): try recall(Int(try byte()))
        case UInt8(ascii: "j"): try recall(Int(try unsigned(bytes: 4)))
        case UInt8(ascii: "t"): stack.append(.tuple(try popToMark()))
        case 0x85, 0x86, 0x87:  // TUPLE1, TUPLE2, TUPLE3
            let count = Int(opcode - 0x84)
            guard stack.count >= count else { throw damaged }
            let items = Array(stack.suffix(count))
            stack.removeLast(count)
            stack.append(.tuple(items))
        case UInt8(ascii: "a"):
            let item = try pop()
            if case .list(let list) = stack.last { list.items.append(item) }
        case UInt8(ascii: "e"):
            let items = try popToMark()
            if case .list(let list) = stack.last { list.items += items }
        case UInt8(ascii: "s"):
            let value = try pop()
            let key = try pop()
            if case .dictionary(let dictionary) = stack.last { dictionary.pairs.append((key, value)) }
        case UInt8(ascii: "u"):
            let items = try popToMark()
            guard items.count.isMultiple(of: 2) else { throw damaged }
            if case .dictionary(let dictionary) = stack.last {
                for index in stride(from: 0, to: items.count, by: 2) {
                    dictionary.pairs.append((items[index], items[index + 1]))
                }
            }
        case UInt8(ascii: "b"): _ = try pop()  // BUILD sets attributes, which no tensor needs
        case UInt8(ascii: "Q"): try persistentID()
        case UInt8(ascii: "R"): try reduce()
        default:
            throw file.malformed("its pickle has the unknown opcode \(opcode) at \(position - 1)")
        }
    }

    /// A storage: `('storage', class, key, device, count)`.
    private mutating func persistentID() throws {
        guard case .tuple(let parts) = try pop(), parts.count >= 3, case .name(let type) = parts[1],
            case .text(let key) = parts[2]
        else { throw damaged }
        guard let element = Self.storageTypes[type.split(separator: ".").last.map(String.init) ?? ""] else {
            throw ModelError(.unsupported, "\(file.name): it has a storage of the unknown type \(type)")
        }
        stack.append(.storage(Storage(type: element, key: key)))
    }

    private mutating func reduce() throws {
        let arguments = try pop()
        let function = try pop()
        guard case .name(let name) = function, case .tuple(let parts) = arguments else {
            stack.append(.other)
            return
        }
        switch name {
        case "collections.OrderedDict": stack.append(.dictionary(Dictionary()))
        case "torch._utils._rebuild_tensor_v2":
            guard parts.count >= 4, case .storage(let storage) = parts[0], let offset = parts[1].int,
                case .tuple(let shape) = parts[2], case .tuple(let strides) = parts[3]
            else { throw damaged }
            let (extents, steps) = (shape.compactMap(\.int), strides.compactMap(\.int))
            guard extents.count == shape.count, steps.count == strides.count else { throw damaged }
            stack.append(.tensor(Tensor(storage: storage, offset: offset, shape: extents, strides: steps)))
        case "torch._utils._rebuild_parameter" where !parts.isEmpty: stack.append(parts[0])
        default: stack.append(.other)
        }
    }

    private static let storageTypes: [String: TensorTable.ElementType] = [
        "FloatStorage": .f32, "HalfStorage": .f16, "BFloat16Storage": .bf16, "DoubleStorage": .f64, "LongStorage": .i64,
        "IntStorage": .i32, "ShortStorage": .i16, "CharStorage": .i8, "ByteStorage": .u8, "BoolStorage": .bool,
    ]

    // MARK: The machine

    private var damaged: ModelError { file.malformed("its pickle is damaged at \(position)") }

    private mutating func take(_ count: Int) throws -> Range<Int> {
        guard count >= 0, count <= end - position else { throw file.malformed("its pickle is truncated") }
        let range = try file.range(at: position, count: count)
        position = range.upperBound
        return range
    }

    private mutating func byte() throws -> UInt8 { file.bytes[try take(1).lowerBound] }

    private mutating func unsigned(bytes count: Int) throws -> UInt64 {
        file.bytes[try take(count)].reversed().reduce(0) { $0 << 8 | UInt64($1) }
    }

    private mutating func text(_ count: Int) throws -> String {
        String(decoding: file.bytes[try take(count)], as: UTF8.self)
    }

    private mutating func line() throws -> String {
        let start = position
        while try byte() != UInt8(ascii: "\n") {}
        return String(decoding: file.bytes[start..<position - 1], as: UTF8.self)
    }

    private mutating func long() throws {
        let digits = Array(file.bytes[try take(Int(try byte()))])
        guard digits.count <= 16 else {
            stack.append(.other)
            return
        }
        let fill: UInt8 = (digits.last ?? 0) > 0x7F ? 0xFF : 0
        let all = digits + [UInt8](repeating: fill, count: 16 - digits.count)
        func half(_ part: ArraySlice<UInt8>) -> UInt64 { part.reversed().reduce(0) { $0 << 8 | UInt64($1) } }
        stack.append(.integer(high: Int64(bitPattern: half(all[8...])), low: half(all[..<8])))
    }

    private mutating func pop() throws -> Value {
        guard let value = stack.popLast() else { throw damaged }
        return value
    }

    private mutating func popToMark() throws -> [Value] {
        guard let mark = stack.lastIndex(where: { if case .mark = $0 { true } else { false } }) else { throw damaged }
        let items = Array(stack[(mark + 1)...])
        stack.removeSubrange(mark...)
        return items
    }

    private mutating func remember(_ index: Int) throws {
        guard let top = stack.last else { throw damaged }
        memo[index] = top
    }

    private mutating func recall(_ index: Int) throws {
        guard let value = memo[index] else { throw damaged }
        stack.append(value)
    }
}
