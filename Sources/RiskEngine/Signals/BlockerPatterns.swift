/// The sentences that say work is impeded, as patterns with the conditions under which they say it.
struct BlockerPatterns: Sendable {
    /// What may stand around a pattern without taking it back. Written as letters in the tables.
    struct Allowances: OptionSet, Sendable {
        let rawValue: Int

        /// `n`: the pattern holds its own negation ("cannot proceed"), so another one does not deny it.
        static let negation = Allowances(rawValue: 1)
        /// `m`: it is still so after "must" or "will": "we should wait for the vendor".
        static let obligation = Allowances(rawValue: 2)
        /// `h`: and after "would" or "might".
        static let doubt = Allowances(rawValue: 4)
        /// `p`: and in the past: "we had to stop here".
        static let past = Allowances(rawValue: 8)
        /// `s`: the word "status" before it does not make it the name of a status.
        static let status = Allowances(rawValue: 16)
        /// `i`: a program may be what it speaks of.
        static let software = Allowances(rawValue: 32)
        /// `S`: it needs a person or a piece of work as its subject, or none at all ("Waiting for the vendor").
        static let workOnly = Allowances(rawValue: 64)
        /// `X`: the subject is somebody else, not "I" or "we".
        static let othersOnly = Allowances(rawValue: 128)
        /// `R`: it counts only in a comment that asks for details.
        static let withRequest = Allowances(rawValue: 256)
        /// `a`: it may be a request: "please grant me access".
        static let request = Allowances(rawValue: 512)

        init(rawValue: Int) { self.rawValue = rawValue }

        private static let letters: [(Character, Allowances)] = [
            ("n", .negation), ("m", .obligation), ("h", .doubt), ("p", .past), ("s", .status), ("i", .software),
            ("S", .workOnly), ("a", .request), ("X", .othersOnly), ("R", .withRequest),
        ]

        /// Nil for a letter without a meaning; `-` stands for none.
        init?(_ text: Substring) {
            self = []
            for letter in text where letter != "-" {
                guard let known = Self.letters.first(where: { $0.0 == letter }) else { return nil }
                insert(known.1)
            }
        }
    }

    struct Rule: Sendable {
        /// Names the kind of sentence, for explanations.
        var name: String
        var category: BlockerCategory?
        var allows: Allowances
        var pattern: SentencePattern
    }

    private(set) var rules: [Rule] = []
    /// Lines that are neither a class nor a rule.
    private(set) var malformed: [String] = []
    /// Positions in ``rules`` by the words that a pattern may begin with.
    private var byFirstWord: [UInt64: [Int]] = [:]

    /// Reads tables: a class as `@name word word …` (a second line adds to it), a rule as its name, its category or `-`,
    /// its allowances or `-`, and its ``SentencePattern``.
    init(_ tables: [String]) {
        let lines = tables.joined(separator: "\n").split(separator: "\n")
        var classes: [String: Set<UInt64>] = [:]
        for line in lines where line.hasPrefix("@") {
            let words = line.split(separator: " ")
            classes[String(words[0]), default: []].formUnion(words.dropFirst().map { Words.hash(of: String($0)) })
        }
        for line in lines where !line.hasPrefix("@") {
            let fields = line.split(separator: " ", maxSplits: 3)
            guard fields.count == 4, let allows = Allowances(fields[2]),
                let pattern = SentencePattern(fields[3], classes: classes),
                fields[1] == "-" || BlockerCategory(rawValue: String(fields[1])) != nil
            else {
                malformed.append(String(line))
                continue
            }
            add(
                Rule(
                    name: String(fields[0]), category: BlockerCategory(rawValue: String(fields[1])), allows: allows,
                    pattern: pattern))
        }
    }

    /// Phrases of whole words; those without a word are left out.
    init(phrases: [String], name: String, allows: Allowances) {
        for phrase in phrases {
            guard let pattern = SentencePattern(phrase: phrase) else { continue }
            add(Rule(name: name, category: nil, allows: allows, pattern: pattern))
        }
    }

    private mutating func add(_ rule: Rule) {
        for word in rule.pattern.firstWords { byFirstWord[word, default: []].append(rules.count) }
        rules.append(rule)
    }

    /// Where the rules stand in `sentence`, from left to right.
    func matches(in sentence: Sentence, _ body: (Rule, Range<Int>) -> Void) {
        for index in sentence.words.indices {
            guard let places = byFirstWord[sentence.words[index].hash] else { continue }
            for place in places {
                if let range = rules[place].pattern.match(in: sentence.words, at: index) { body(rules[place], range) }
            }
        }
    }
}
