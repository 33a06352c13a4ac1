/// Tells whether bytes are one JSON value (RFC 8259), however deep it nests: Foundation's parser stops at 512 levels.
struct JSONSyntax {
    /// How much there may be of a body.
    struct Limits {
        /// Deepest nesting of arrays and objects.
        var depth: Int
        /// Most values (members and elements).
        var values: Int

        static let none = Limits(depth: .max, values: .max)
    }

    private let bytes: UnsafeBufferPointer<UInt8>
    private let limits: Limits
    private var position = 0

    private init(_ bytes: UnsafeBufferPointer<UInt8>, _ limits: Limits) { (self.bytes, self.limits) = (bytes, limits) }

    static func isJSON(_ bytes: [UInt8]) -> Bool {
        bytes.withUnsafeBufferPointer { isJSON($0, within: .none) { _ in true } }
    }

    /// A member of an object in the first or second level.
    struct Member {
        /// 1 or 2.
        var level: Int
        /// Where its name stands, without the quotes.
        var name: Range<Int>
        /// Where its value stands, a string's with its quotes; nil for an object or an array.
        var value: Range<Int>?
    }

    /// Whether the bytes are JSON within limits and of a shape that `isAccepted` takes, which is asked for each member of the
    /// first two levels in their order: an object before what it holds.
    ///
    /// One quick pass: every webhook goes through it.
    static func isJSON(
        _ bytes: UnsafeBufferPointer<UInt8>, within limits: Limits, where isAccepted: (Member) -> Bool
    ) -> Bool {
        var syntax = JSONSyntax(bytes, limits)
        return syntax.skipDocument(isAccepted)
    }

    private mutating func skipDocument(_ isAccepted: (Member) -> Bool) -> Bool {
        // What ends each array and object that is open. Not recursion, which would need a stack as deep as the value.
        var closers: [UInt8] = []
        var values = 0
        var isValueExpected = true
        while true {
            skipSpace()
            if isValueExpected {
                isValueExpected = false
                // Nil for an element, or deep inside.
                var name: Range<Int>?
                if closers.last == UInt8(ascii: "}") {
                    guard let key = skipKey() else { return false }
                    if closers.count <= 2 { name = key }
                    skipSpace()
                }
                let start = position
                let closer = skipOpening()
                guard closer != nil || skipScalar() else { return false }
                if let name {
                    let value = closer == nil ? start..<position : nil
                    guard isAccepted(Member(level: closers.count, name: name, value: value)) else { return false }
                }
                guard let closer else { continue }
                values += 1
                guard closers.count < limits.depth, values <= limits.values else { return false }
                closers.append(closer)
                skipSpace()
                isValueExpected = next != closer
            } else if let closer = closers.last {
                if next == closer {
                    position += 1
                    closers.removeLast()
                } else {
                    values += 1
                    guard skip(","), values <= limits.values else { return false }
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

    /// A string, a number or a word, by its first byte: what fails as one of them has moved on and must not be tried as
    /// another.
    private mutating func skipScalar() -> Bool {
        switch next {
        case UInt8(ascii: "\""): skipString()
        case UInt8(ascii: "-")?, (0x30...0x39)?: skipNumber()
        default: skipWord()
        }
    }

    /// What ends the object or array that begins here; nil where none does.
    private mutating func skipOpening() -> UInt8? {
        if skip("{") { return UInt8(ascii: "}") }
        return skip("[") ? UInt8(ascii: "]") : nil
    }

    private mutating func skipSpace() {
        while let byte = next, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { position += 1 }
    }

    /// Where a name stands, without its quotes; it is followed by a colon.
    private mutating func skipKey() -> Range<Int>? {
        let start = position + 1
        guard skipString() else { return nil }
        let end = position - 1
        skipSpace()
        return skip(":") ? start..<end : nil
    }

    private mutating func skipString() -> Bool {
        guard skip("\"") else { return false }
        skipPlainText()
        while let byte = next {
            position += 1
            switch byte {
            case UInt8(ascii: "\""): return true
            case UInt8(ascii: "\\"):
                guard skipEscape() else { return false }
                skipPlainText()
            case ..<0x20: return false
            default: break
            }
        }
        return false
    }

    /// Goes on by eight bytes for as long as none of them ends a string, begins an escape or must not be in one.
    private mutating func skipPlainText() {
        // Of each byte the highest bit; set where a byte is zero, by the borrow (Hacker's Delight, section 6-1).
        let (ones, highest) = (UInt64(0x0101_0101_0101_0101), UInt64(0x8080_8080_8080_8080))
        func zeros(_ word: UInt64) -> UInt64 { (word &- ones) & ~word & highest }
        while position + 8 <= bytes.count {
            let word = UnsafeRawPointer(bytes.baseAddress.unsafelyUnwrapped + position).loadUnaligned(as: UInt64.self)
            let quotes = zeros(word ^ ones &* UInt64(UInt8(ascii: "\"")))
            let escapes = zeros(word ^ ones &* UInt64(UInt8(ascii: "\\")))
            let controls = (word &- ones &* 0x20) & ~word & highest
            guard quotes | escapes | controls == 0 else { return }
            position += 8
        }
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
