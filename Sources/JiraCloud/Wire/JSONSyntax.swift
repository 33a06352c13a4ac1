/// Tells whether bytes are one JSON value (RFC 8259), however deep it nests: Foundation's parser stops at 512 levels.
struct JSONSyntax {
    private let bytes: [UInt8]
    private var position = 0

    private init(_ bytes: [UInt8]) { self.bytes = bytes }

    static func isJSON(_ bytes: [UInt8]) -> Bool {
        var syntax = JSONSyntax(bytes)
        return syntax.skipDocument()
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
        while let byte = next, [0x20, 0x09, 0x0A, 0x0D].contains(byte) { position += 1 }
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
        guard byte == UInt8(ascii: "u") else { return "\"\\/bfnrt".utf8.contains(byte) }
        let digits = bytes[position...].prefix(4)
        position += digits.count
        return digits.count == 4 && digits.allSatisfy { Character(Unicode.Scalar($0)).isHexDigit }
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
        for word in ["true", "false", "null"] where bytes[position...].starts(with: word.utf8) {
            position += word.utf8.count
            return true
        }
        return false
    }
}
