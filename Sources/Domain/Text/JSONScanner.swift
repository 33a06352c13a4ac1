/// Takes the bytes of a JSON text (RFC 8259) apart into tokens, and checks that they are one. It decodes nothing and
/// knows no limits, not of nesting either: it does not recurse.
///
/// The bytes must stay valid for as long as it is used.
public struct JSONScanner {
    /// The bytes are not one JSON value.
    public struct Malformed: Error {
        public init() {}
    }

    /// A part of a JSON text.
    public enum Token: Sendable {
        /// The bracket that begins an object or an array.
        case object, array
        /// The bracket that ends either.
        case end
        /// The name of a member, before its value.
        case name
        /// A value that holds no others; a word is `true`, `false` or `null`.
        case string, number, word
    }

    /// What may come next.
    private enum Place { case value, firstOfContainer, behindValue }

    private var lexer: JSONLexer
    private var place = Place.value
    /// What ends each object and array that is open.
    private var closers: [UInt8] = []
    /// Where the newest token stands, of a string and a name with its quotes.
    public private(set) var range = 0..<0
    /// How many objects and arrays have begun, and commas been read: with it grows what a parser keeps of the text.
    public private(set) var size = 0
    /// The most objects and arrays that were open at a time.
    public private(set) var deepest = 0

    /// Begins with the value at an index: at first, or where one is known to be.
    public init(_ bytes: UnsafeBufferPointer<UInt8>, at position: Int = 0) { lexer = JSONLexer(bytes, at: position) }

    /// Where the value of a whole JSON text stands, without the space around it; nil for what is no JSON.
    public static func value(in text: [UInt8]) -> Range<Int>? {
        text.withUnsafeBufferPointer { bytes in
            var scanner = JSONScanner(bytes)
            return try? scanner.onlyValue()
        }
    }

    private mutating func onlyValue() throws(Malformed) -> Range<Int> {
        _ = try next()
        try skipRest()
        let value = range
        // Throws unless that was all.
        _ = try next()
        return value
    }

    /// How many objects and arrays are open.
    public var depth: Int { closers.count }

    /// The next token; nil at the end of the text. After an error it must not be called again.
    public mutating func next() throws(Malformed) -> Token? {
        lexer.skipSpace()
        if place != .value {
            guard let closer = closers.last else {
                guard lexer.next == nil else { throw Malformed() }
                return nil
            }
            let start = lexer.position
            if lexer.skip(closer) {
                closers.removeLast()
                place = .behindValue
                range = start..<lexer.position
                return .end
            }
            if place == .behindValue {
                guard lexer.skip(UInt8(ascii: ",")) else { throw Malformed() }
                size += 1
                lexer.skipSpace()
            }
            if closer == UInt8(ascii: "}") { return try name() }
        }
        return try value()
    }

    private mutating func name() throws(Malformed) -> Token {
        let start = lexer.position
        guard lexer.skipString() else { throw Malformed() }
        range = start..<lexer.position
        lexer.skipSpace()
        guard lexer.skip(UInt8(ascii: ":")) else { throw Malformed() }
        place = .value
        return .name
    }

    private mutating func value() throws(Malformed) -> Token {
        let start = lexer.position
        let token: Token
        let isWhole: Bool
        place = .behindValue
        switch lexer.next {
        case UInt8(ascii: "{"): (token, isWhole) = (.object, open(UInt8(ascii: "}")))
        case UInt8(ascii: "["): (token, isWhole) = (.array, open(UInt8(ascii: "]")))
        case UInt8(ascii: "\""): (token, isWhole) = (.string, lexer.skipString())
        case UInt8(ascii: "-"), (UInt8(ascii: "0")...UInt8(ascii: "9"))?:
            (token, isWhole) = (.number, lexer.skipNumber())
        default: (token, isWhole) = (.word, lexer.skipWord())
        }
        guard isWhole else { throw Malformed() }
        range = start..<lexer.position
        return token
    }

    private mutating func open(_ closer: UInt8) -> Bool {
        closers.append(closer)
        deepest = max(deepest, closers.count)
        size += 1
        place = .firstOfContainer
        lexer.position += 1
        return true
    }

    /// Reads what belongs to the value that the newest token began; ``range`` is then that of the whole value.
    public mutating func skipRest() throws(Malformed) {
        guard place == .firstOfContainer else { return }
        let (start, outside) = (range.lowerBound, depth - 1)
        while depth > outside { _ = try next() }
        range = start..<lexer.position
    }
}
