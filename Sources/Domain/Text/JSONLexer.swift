/// Reads the smallest parts of a JSON text (RFC 8259) from its bytes: space, strings, numbers and words. What they make
/// together is ``JSONScanner``'s.
///
/// The bytes must stay valid for as long as it is used. Each method moves ``position`` behind what it has read.
public struct JSONLexer {
    /// The whole text.
    public let bytes: UnsafeBufferPointer<UInt8>
    /// The index of the next byte; never negative.
    public var position: Int

    public init(_ bytes: UnsafeBufferPointer<UInt8>, at position: Int = 0) {
        (self.bytes, self.position) = (bytes, position)
    }

    /// The byte at ``position``; nil at the end.
    public var next: UInt8? { position < bytes.count ? bytes[position] : nil }

    /// The next byte; nil at the end.
    public mutating func take() -> UInt8? {
        guard let byte = next else { return nil }
        position += 1
        return byte
    }

    /// Whether the next byte is this one, which is then read; else nothing is.
    public mutating func skip(_ byte: UInt8) -> Bool {
        guard next == byte else { return false }
        position += 1
        return true
    }

    /// Reads the white space that comes next.
    public mutating func skipSpace() {
        while let byte = next, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { position += 1 }
    }

    // MARK: Strings

    /// Reads a string with its quotes; false where there is no whole one. Whether it is UTF-8, and has both halves of its surrogate
    /// pairs, is not its question.
    public mutating func skipString() -> Bool {
        guard skip(UInt8(ascii: "\"")) else { return false }
        while let byte = takeSpecial() {
            if byte == UInt8(ascii: "\"") { return true }
            guard byte == UInt8(ascii: "\\"), takeEscape() != nil else { return false }
        }
        return false
    }

    /// Reads the rest of a string up to its next quote, backslash or control character, and that one, which it returns;
    /// nil at the end of the bytes.
    public mutating func takeSpecial() -> UInt8? {
        // Of each byte the highest bit; set where a byte is zero, by the borrow (Hacker's Delight, section 6-1). Only above
        // the lowest such byte may one be set that is not.
        let (ones, highest) = (UInt64(0x0101_0101_0101_0101), UInt64(0x8080_8080_8080_8080))
        func zeros(_ word: UInt64) -> UInt64 { (word &- ones) & ~word & highest }
        while position + 8 <= bytes.count {
            let start = UnsafeRawPointer(bytes.baseAddress.unsafelyUnwrapped + position)
            let word = UInt64(littleEndian: start.loadUnaligned(as: UInt64.self))
            let quotes = zeros(word ^ ones &* UInt64(UInt8(ascii: "\"")))
            let escapes = zeros(word ^ ones &* UInt64(UInt8(ascii: "\\")))
            let controls = (word &- ones &* 0x20) & ~word & highest
            let found = quotes | escapes | controls
            guard found == 0 else {
                position += found.trailingZeroBitCount / 8
                return take()
            }
            position += 8
        }
        while let byte = take() {
            if byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") { return byte }
        }
        return nil
    }

    /// What an escape stands for, of which the backslash has been read: a code point, or half of a surrogate pair where the
    /// other half is missing. Nil, one byte further, where there is no escape.
    public mutating func takeEscape() -> UInt32? {
        guard let byte = take() else { return nil }
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return UInt32(byte)
        case UInt8(ascii: "b"): return 0x08
        case UInt8(ascii: "f"): return 0x0C
        case UInt8(ascii: "n"): return 0x0A
        case UInt8(ascii: "r"): return 0x0D
        case UInt8(ascii: "t"): return 0x09
        case UInt8(ascii: "u"):
            guard let unit = codeUnit(at: position) else { return nil }
            position += 4
            guard unit & 0xFC00 == 0xD800, position + 2 <= bytes.count, bytes[position] == UInt8(ascii: "\\"),
                bytes[position + 1] == UInt8(ascii: "u"), let low = codeUnit(at: position + 2), low & 0xFC00 == 0xDC00
            else { return unit }
            position += 6
            return 0x10000 + (unit & 0x3FF) << 10 + low & 0x3FF
        default: return nil
        }
    }

    /// The UTF-16 code unit of which the four hexadecimal digits stand at an index.
    private func codeUnit(at index: Int) -> UInt32? {
        guard index + 4 <= bytes.count else { return nil }
        var unit: UInt32 = 0
        for byte in bytes[index..<index + 4] {
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): unit = unit << 4 | UInt32(byte & 0xF)
            case UInt8(ascii: "A")...UInt8(ascii: "F"), UInt8(ascii: "a")...UInt8(ascii: "f"):
                unit = unit << 4 | UInt32(byte & 0xF + 9)
            default: return nil
            }
        }
        return unit
    }

    // MARK: Numbers and words

    /// Reads a number; false where there is no whole one.
    public mutating func skipNumber() -> Bool {
        _ = skip(UInt8(ascii: "-"))
        guard skip(UInt8(ascii: "0")) || skipDigits() else { return false }
        if skip(UInt8(ascii: ".")), !skipDigits() { return false }
        guard skip(UInt8(ascii: "e")) || skip(UInt8(ascii: "E")) else { return true }
        if !skip(UInt8(ascii: "+")) { _ = skip(UInt8(ascii: "-")) }
        return skipDigits()
    }

    /// One digit or more.
    private mutating func skipDigits() -> Bool {
        let start = position
        while let byte = next, UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte { position += 1 }
        return position > start
    }

    /// Reads `true`, `false` or `null`; false where there is no such word.
    public mutating func skipWord() -> Bool {
        let word: StaticString =
            switch next {
            case UInt8(ascii: "t"): "true"
            case UInt8(ascii: "f"): "false"
            default: "null"
            }
        for offset in 0..<word.utf8CodeUnitCount where !skip(word.utf8Start[offset]) { return false }
        return true
    }
}
