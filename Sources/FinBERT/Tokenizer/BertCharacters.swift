/// What BERT's normaliser does to each Unicode scalar, from ``BertCharacterData``.
struct BertCharacters: Sendable {
    static let standard = BertCharacters()

    private struct Kind: OptionSet {
        let rawValue: UInt8
        static let removed = Kind(rawValue: 1)
        static let space = Kind(rawValue: 2)
        static let ideograph = Kind(rawValue: 4)
        static let punctuation = Kind(rawValue: 8)
        static let erased = Kind(rawValue: 16)
        static let decomposed = Kind(rawValue: 32)
        static let lowered = Kind(rawValue: 64)
    }

    /// The kinds of the scalars, in pages of 256; equal pages are one.
    private let pages: [UInt8]
    private let pageOf: [UInt16]
    private let decompositions: [UInt32: [UInt32]]
    private let lowerCase: [UInt32: [UInt32]]

    private init() {
        var kinds = [UInt8](repeating: 0, count: 0x110000)
        func mark(_ ranges: String, _ kind: Kind) {
            for range in Self.ranges(ranges) { for scalar in range { kinds[scalar] |= kind.rawValue } }
        }
        mark(BertCharacterData.removed, .removed)
        mark(BertCharacterData.spaces, .space)
        mark(BertCharacterData.ideographs, .ideograph)
        mark(BertCharacterData.punctuation, .punctuation)
        mark(BertCharacterData.erased, .erased)
        decompositions = Self.mapping(BertCharacterData.decomposed)
        lowerCase = Self.mapping(BertCharacterData.lowered)
        for scalar in decompositions.keys { kinds[Int(scalar)] |= Kind.decomposed.rawValue }
        for scalar in lowerCase.keys { kinds[Int(scalar)] |= Kind.lowered.rawValue }

        var (pages, pageOf, known) = ([UInt8](), [UInt16](), [ArraySlice<UInt8>: UInt16]())
        for start in stride(from: 0, to: kinds.count, by: 256) {
            let page = kinds[start..<start + 256]
            let number = known[page] ?? UInt16(pages.count / 256)
            if known.updateValue(number, forKey: page) == nil { pages += page }
            pageOf.append(number)
        }
        (self.pages, self.pageOf) = (pages, pageOf)
    }

    /// The steps of a tokenizer's normalisation; BERT uncased does all four.
    struct Steps: Sendable, Hashable {
        var cleans = true
        var separatesIdeographs = true
        var stripsAccents = true
        var lowercases = true
    }

    /// Appends the replacement of `scalar`: none, one or more scalars.
    func append(_ scalar: UInt32, after steps: Steps, to result: inout [UInt32]) {
        let kind = kind(scalar)
        var scalar = scalar
        if steps.cleans {
            if kind.contains(.removed) { return }
            if kind.contains(.space) { scalar = 0x20 }
        }
        let isApart = steps.separatesIdeographs && kind.contains(.ideograph)
        if isApart { result.append(0x20) }
        if steps.stripsAccents {
            appendStripped(scalar, lowercases: steps.lowercases, to: &result)
        } else if steps.lowercases {
            appendLowered(scalar, to: &result)
        } else {
            result.append(scalar)
        }
        if isApart { result.append(0x20) }
    }

    func isPunctuation(_ scalar: UInt32) -> Bool { kind(scalar).contains(.punctuation) }

    private func kind(_ scalar: UInt32) -> Kind {
        Kind(rawValue: pages[Int(pageOf[Int(scalar >> 8)]) << 8 | Int(scalar & 0xFF)])
    }

    private func appendStripped(_ scalar: UInt32, lowercases: Bool, to result: inout [UInt32]) {
        let kind = kind(scalar)
        func take(_ part: UInt32) {
            if lowercases { appendLowered(part, to: &result) } else { result.append(part) }
        }
        if kind.contains(.erased) { return }
        if kind.contains(.decomposed) {
            decompositions[scalar]?.forEach(take)
        } else if (0xAC00..<0xD7A4).contains(scalar) {
            // Hangul syllables decompose by arithmetic: Unicode Standard, section 3.12.
            let index = scalar - 0xAC00
            take(0x1100 + index / 588)
            take(0x1161 + index % 588 / 28)
            if index % 28 > 0 { take(0x11A7 + index % 28) }
        } else {
            take(scalar)
        }
    }

    private func appendLowered(_ scalar: UInt32, to result: inout [UInt32]) {
        if kind(scalar).contains(.lowered), let lowered = lowerCase[scalar] {
            result += lowered
        } else {
            result.append(scalar)
        }
    }

    // MARK: Reading the data

    private static func number(_ text: Substring) -> Int { Int(text, radix: 16) ?? 0 }

    private static func ranges(_ text: String) -> [ClosedRange<Int>] {
        var last = 0
        return text.split(separator: " ").map { word in
            let parts = word.split(separator: "+")
            let first = last + number(parts[0])
            last = first + (parts.count > 1 ? number(parts[1]) : 0)
            return first...last
        }
    }

    private static func mapping(_ text: String) -> [UInt32: [UInt32]] {
        var mapping: [UInt32: [UInt32]] = [:]
        for word in text.split(separator: " ") {
            let sides = word.split(separator: ">")
            let ends = sides[0].split(separator: "-").map(number)
            let result = sides[1].split(separator: ",").map { UInt32(number($0)) }
            for scalar in ends[0]...(ends.last ?? ends[0]) {
                let distance = UInt32(scalar - ends[0])
                mapping[UInt32(scalar)] = result.count == 1 ? [result[0] + distance] : result
            }
        }
        return mapping
    }
}
