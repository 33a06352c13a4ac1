import Crypto
import Domain
import Foundation

/// Recognises erased people: of each it knows hashes of the account id, the mail addresses and the names, under a key that only
/// the host has, and what stands in the person's place.
struct PersonMarks {
    /// What a hash is of.
    enum Kind: String, CaseIterable {
        case account, mail
        /// A display name as a whole, in small letters.
        case value
        /// Its words, two or more, in small letters.
        case name
        /// Its only word, as it is written.
        case word
    }

    /// A row of `erased_marks`.
    struct Mark: Hashable {
        var hash: String
        var kind: Kind
        /// Bytes of UTF-8 of what was hashed, by which most texts need not be.
        var size: Int
        var words: Int
        var personID: String
    }

    /// Remembers what was hashed: an answer is asked for again and again.
    private final class Memo {
        var people: [String: ErasedPerson?] = [:]
    }

    private static let memoLimit = 20_000
    /// Of one word that is taken for a name: shorter ones are too many things.
    static let shortestWord = 3

    private let key: SymmetricKey
    private var people: [String: ErasedPerson] = [:]
    private var marks: [String: String] = [:]
    private var sizes: [Kind: Set<Int>] = [:]
    private var wordCounts: Set<Int> = []
    private let memo = Memo()

    init(key: SymmetricKey, people: [ErasedPerson] = [], marks: [Mark] = []) {
        self.key = key
        for person in people { self.people[person.id] = person }
        for mark in marks { add(mark) }
    }

    var isEmpty: Bool { marks.isEmpty }
    /// How many words the names have that are looked for in texts.
    var nameLengths: [Int] { wordCounts.sorted(by: >) }

    /// Adds a person, or another mark of one.
    mutating func add(_ person: ErasedPerson, _ new: [Mark]) {
        people[person.id] = person
        for mark in new { add(mark) }
        memo.people = [:]
    }

    private mutating func add(_ mark: Mark) {
        marks[mark.hash] = mark.personID
        sizes[mark.kind, default: []].insert(mark.size)
        if mark.kind == .name { wordCounts.insert(mark.words) }
    }

    // MARK: Asking

    /// The person of an account id, a mail address, or a name in the form of its kind.
    func person(_ kind: Kind, _ text: String) -> ErasedPerson? {
        guard sizes[kind]?.contains(text.utf8.count) == true else { return nil }
        let name = "\(kind.rawValue):\(text)"
        if let known = memo.people[name] { return known }
        let found = marks[hash(name)].flatMap { people[$0] }
        if memo.people.count >= Self.memoLimit { memo.people = [:] }
        memo.people[name] = .some(found)
        return found
    }

    /// The person whose display name a text is as a whole.
    func person(named text: String) -> ErasedPerson? { person(.value, Self.plain(text)) }

    // MARK: Making

    func mark(account id: String, of person: ErasedPerson) -> Mark { mark(.account, id, words: 1, person) }

    func mark(mail address: String, of person: ErasedPerson) -> Mark {
        mark(.mail, address.lowercased(), words: 1, person)
    }

    /// Those of a display name: of all of it, of its words, of those before a bracket, and of `Doe, Jane` also of `Jane Doe`.
    func marks(name: String, of person: ErasedPerson) -> [Mark] {
        let whole = Self.plain(name)
        guard !whole.isEmpty else { return [] }
        var found = [mark(.value, whole, words: 0, person)]
        let bare = String(name.prefix { !"([{|/–—".contains($0) })
        for part in Set([name, bare]) {
            let words = NameWord.all(in: part).map { String(part[$0.range]) }
            if words.count > 1 {
                found.append(mark(.name, NameWord.joined(words), words: words.count, person))
            } else if let word = words.first, word.count >= Self.shortestWord {
                found.append(mark(.word, word.precomposedStringWithCanonicalMapping, words: 1, person))
            }
        }
        let halves = bare.split(separator: ",")
        if halves.count == 2 {
            let turned = "\(halves[1]) \(halves[0])"
            let words = NameWord.all(in: turned).map { String(turned[$0.range]) }
            if words.count > 1 { found.append(mark(.name, NameWord.joined(words), words: words.count, person)) }
        }
        return Array(Set(found))
    }

    private func mark(_ kind: Kind, _ text: String, words: Int, _ person: ErasedPerson) -> Mark {
        Mark(
            hash: hash("\(kind.rawValue):\(text)"), kind: kind, size: text.utf8.count, words: words,
            personID: person.id)
    }

    private func hash(_ text: String) -> String {
        HMAC<SHA256>.authenticationCode(for: Data(text.utf8), using: key).hexadecimal
    }

    private static func plain(_ name: String) -> String {
        NameWord.small(name.trimmingCharacters(in: .whitespacesAndNewlines))
    }
}

/// A word of a text, as names are made of: letters and digits.
struct NameWord {
    var range: Range<String.Index>
    /// In small letters.
    var small: String

    /// The words of a text, in their order.
    static func all(in text: String) -> [NameWord] {
        var (words, start) = ([NameWord](), String.Index?.none)
        let scalars = text.unicodeScalars
        func end(at index: String.Index) {
            guard let begin = start else { return }
            words.append(NameWord(range: begin..<index, small: Self.small(String(text[begin..<index]))))
            start = nil
        }
        for index in scalars.indices {
            if isPart(scalars[index]) {
                if start == nil { start = index }
            } else {
                end(at: index)
            }
        }
        end(at: scalars.endIndex)
        return words
    }

    private static func isPart(_ scalar: Unicode.Scalar) -> Bool {
        if scalar.isASCII {
            return (0x30...0x39).contains(scalar.value) || (0x41...0x5A).contains(scalar.value)
                || (0x61...0x7A).contains(scalar.value)
        }
        if scalar.properties.isAlphabetic || scalar.properties.numericType != nil { return true }
        switch scalar.properties.generalCategory {
        case .nonspacingMark, .spacingMark: return true
        default: return false
        }
    }

    /// Small letters, composed: what is written in two ways is one name.
    static func small(_ text: String) -> String {
        let isASCII = text.utf8.allSatisfy { $0 < 0x80 }
        return (isASCII ? text : text.precomposedStringWithCanonicalMapping).lowercased()
    }

    static func joined(_ words: [String]) -> String { words.map(small).joined(separator: " ") }
}
