/// Tells whether bytes are one JSON value (RFC 8259), however deep it nests: Foundation's parser stops at 512 levels.
struct JSONSyntax {
    private let bytes: UnsafeBufferPointer<UInt8>
    private var position = 0

    private init(_ bytes: UnsafeBufferPointer<UInt8>) { self.bytes = bytes }

    /// One quick pass: every webhook goes through it.
    static func isJSON(_ bytes: [UInt8]) -> Bool {
        bytes.withUnsafeBufferPointer { bytes in
            var syntax = JSONSyntax(bytes)
            return syntax.skipDocument()
        }
    }

    private mutating func skipDocument() -> Bool {
        // What ends each array and object that is open. Not recursion, which would need a stack as deep as the value.
        var closers: [UInt8] = []
        var isValueExpected = true
        while true {
            skipSpace()
            if isValueExpected {
                isValueExpected = false
                if skip("{") {
                    skipSpace()
                    guard !skip("}") else { continue }
                    guard skipKey() else { return false }
                    closers.append(UInt8(ascii: "}"))
                    isValueExpected = true
                } else if skip("[") {
                    skipSpace()
                    guard !skip("]") else { continue }
                    closers.append(UInt8(ascii: "]"))
                    isValueExpected = true
                } else {
                    guard skipString() || skipNumber() || skipWord() else { return false }
                }
            } else if let closer = closers.last {
                if next == closer {
                    position += 1
                    closers.removeLast()
                } else {
                    guard skip(",") else { return false }
                    skipSpace()
                    guard closer == UInt8(ascii: "]") || skipKey() else { return false }
                    isValueExpected = true
                }
            } else {
                return next == nil
            }
        }
    }

    private var next: UInt8? { position < bytes.count ? bytes[position] : nil }

    private mutating func skip(_ character: Unicode.Scalar) -> Bool {
        guard next == UInt8(ascii: character) else { return false }
        position += 1
        return true
    }

    private mutating func skipSpace() {
        while let byte = next, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { position += 1 }
    }

    /// A name and its colon.
    private mutating func skipKey() -> Bool {
        guard skipString() else { return false }
        skipSpace()
        return skip(":")
    }

    private mutating func skipString() -> Bool {
        guard skip("\"") else { return false }
        while let byte = next {
            position += 1
            switch byte {
            case UInt8(ascii: "\""): return true
            case UInt8(ascii: "\\"): guard skipEscape() else { return false }
            case ..<0x20: return false
            default: break
            }
        }
        return false
    }

    private mutating func skipEscape() -> Bool {
        guard let byte = next else { return false }
        position += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"), UInt8(ascii: "f"),
            UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"):
            return true
        case UInt8(ascii: "u"):
            for _ in 0..<4 {
                guard let digit = next, Self.isHexadecimal(digit) else { return false }
                position += 1
            }
            return true
        default: return false
        }
    }

    private static func isHexadecimal(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || (0x41...0x46).contains(byte & ~0x20)
    }

    private mutating func skipNumber() -> Bool {
        _ = skip("-")
        if !skip("0") { guard skipDigits() else { return false } }
        if skip(".") { guard skipDigits() else { return false } }
        if skip("e") || skip("E") {
            if !skip("+") { _ = skip("-") }
            guard skipDigits() else { return false }
        }
        return true
    }

    /// One digit or more.
    private mutating func skipDigits() -> Bool {
        let start = position
        while let byte = next, (0x30...0x39).contains(byte) { position += 1 }
        return position > start
    }

    private mutating func skipWord() -> Bool {
        let word: StaticString =
            switch next {
            case UInt8(ascii: "t"): "true"
            case UInt8(ascii: "f"): "false"
            case UInt8(ascii: "n"): "null"
            default: ""
            }
        guard word.utf8CodeUnitCount > 0, position + word.utf8CodeUnitCount <= bytes.count else { return false }
        for offset in 0..<word.utf8CodeUnitCount where bytes[position + offset] != word.utf8Start[offset] {
            return false
        }
        position += word.utf8CodeUnitCount
        return true
    }
}
