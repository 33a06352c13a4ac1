import Domain
import Foundation

/// Replaces what names an erased person in a text.
struct PersonText {
    /// How a text is to be read.
    enum Source {
        /// Jira's: a name gets one word in its place, and a name of one word counts only after `@`, or as the whole text.
        case jira
        /// A sentence that consilod made: a name gets the name in its place, a name of one word wherever it stands.
        case own
    }

    let marks: PersonMarks
    let source: Source

    /// What lies between two words of one name at most.
    private static let widestGap = 3
    /// Nothing shorter is an account id.
    private static let shortestAccount = 6

    /// The text without erased people; nil where it names none.
    func replaced(_ text: String) -> String? {
        guard !text.isEmpty else { return nil }
        if let person = marks.person(.account, text) { return person.id }
        if let person = marks.person(named: text) { return person.name }
        let withoutAccounts = replacingAccounts(in: text)
        return replacingNames(in: withoutAccounts ?? text) ?? withoutAccounts
    }

    // MARK: Account ids and addresses

    private func replacingAccounts(in text: String) -> String? {
        var found: [(range: Range<String.Index>, text: String)] = []
        let bytes = text.utf8
        var start = bytes.startIndex
        while start < bytes.endIndex {
            guard Self.isPart(bytes[start]) else {
                start = bytes.index(after: start)
                continue
            }
            var end = start
            while end < bytes.endIndex, Self.isPart(bytes[end]) { end = bytes.index(after: end) }
            if let hit = account(in: text[start..<end]) { found.append(hit) }
            start = end
        }
        return found.isEmpty ? nil : Self.replacing(found, in: text)
    }

    /// An id or address within a run of characters that either may be made of.
    private func account(in run: Substring) -> (range: Range<String.Index>, text: String)? {
        guard run.utf8.count >= Self.shortestAccount else { return nil }
        var candidate = run
        if let prefix = candidate.range(of: "accountid:", options: [.caseInsensitive, .anchored]) {
            candidate = candidate[prefix.upperBound...]
        }
        while let last = candidate.utf8.last, Self.isPunctuation(last) { candidate.removeLast() }
        while let first = candidate.utf8.first, Self.isPunctuation(first) { candidate.removeFirst() }
        guard !candidate.isEmpty else { return nil }
        let text = String(candidate)
        let plain = text.contains("%") ? text.replacing("%3A", with: ":").replacing("%3a", with: ":") : text
        if let person = marks.person(.account, plain) { return (candidate.startIndex..<candidate.endIndex, person.id) }
        let address = plain.replacing("%40", with: "@").lowercased()
        guard address.contains("@"), let person = marks.person(.mail, address) else { return nil }
        return (candidate.startIndex..<candidate.endIndex, person.id)
    }

    /// Letters, digits, and what account ids and mail addresses hold besides. Every byte that is not ASCII ends a run.
    private static func isPart(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
        default: isPunctuation(byte) || byte == UInt8(ascii: "@") || byte == UInt8(ascii: "+") || byte == 0x25
        }
    }

    private static func isPunctuation(_ byte: UInt8) -> Bool {
        [UInt8(ascii: ":"), UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: "_")].contains(byte)
    }

    // MARK: Names

    private func replacingNames(in text: String) -> String? {
        let words = NameWord.all(in: text)
        var (found, index) = ([(range: Range<String.Index>, text: String)](), 0)
        while index < words.count {
            if let (person, count) = name(at: index, of: words, in: text) {
                let range = words[index].range.lowerBound..<words[index + count - 1].range.upperBound
                found.append((range, source == .own ? person.name : person.word))
                index += count
            } else {
                index += 1
            }
        }
        return found.isEmpty ? nil : Self.replacing(found, in: text)
    }

    /// The person whose name begins with a word, the longest name first, and how many words it has.
    private func name(at index: Int, of words: [NameWord], in text: String) -> (ErasedPerson, Int)? {
        for count in marks.nameLengths where index + count <= words.count {
            let span = words[index..<index + count]
            let isClose = zip(span, span.dropFirst()).allSatisfy {
                Self.isGap(text[$0.range.upperBound..<$1.range.lowerBound])
            }
            guard isClose else { continue }
            let name = span.map(\.small).joined(separator: " ")
            if let person = marks.person(.name, name) { return (person, count) }
        }
        let range = words[index].range
        guard source == .own || text[..<range.lowerBound].hasSuffix("@") || text[..<range.lowerBound].hasSuffix("[~"),
            let person = marks.person(.word, text[range].precomposedStringWithCanonicalMapping)
        else { return nil }
        return (person, 1)
    }

    private static func isGap(_ text: Substring) -> Bool {
        !text.isEmpty && text.unicodeScalars.count <= widestGap && !text.contains(where: \.isNewline)
    }

    private static func replacing(_ found: [(range: Range<String.Index>, text: String)], in text: String) -> String {
        var (result, place) = ("", text.startIndex)
        for (range, replacement) in found {
            result += text[place..<range.lowerBound]
            result += replacement
            place = range.upperBound
        }
        return result + text[place...]
    }
}
