/// Reads in a comment whether its author says that work on the issue is impeded.
///
/// It reads sentence by sentence: a pattern (``BlockerPatterns``) finds the kind of sentence, and ``BlockerAssertion``
/// tells whether it is stated of the work as it is now, rather than asked, denied, supposed, past, or said of a program.
/// Linear in the length of the text.
public struct BlockerReader: Sendable {
    /// What one comment says.
    public struct Reading: Sendable, Hashable {
        /// What becomes of the work.
        public enum State: String, Sendable, Codable {
            /// It is impeded now, or until something happens.
            case open
            /// What impeded it is over.
            case resolved
            /// Neither.
            case none
        }

        /// What the comment says last.
        public var state: State
        /// The sentence that says so, as it was written, U+FFFC where it had code or an address; empty for `none`.
        public var sentence = ""
        /// The name of the pattern; `phrase` for a configured one, empty for `none`.
        public var rule = ""
        /// Whether the comment says, before what it says last, that earlier impediments are over.
        var closesEarlier = false
        /// Whether somebody else has to answer.
        var asks = false
        /// Whether its words say that it was so before: "still", "again".
        var repeatsEarlier = false
        /// The category of the pattern.
        var category: BlockerCategory?
    }

    private let patterns = BlockerPatterns([BlockerPatterns.english, BlockerPatterns.german])
    private let phrases: BlockerPatterns
    private let resolutions: BlockerPatterns
    private let assertion: BlockerAssertion
    private let readings = TextMemo<Reading>()

    /// The patterns, and the phrases that `configuration` adds.
    public init(_ configuration: RiskConfiguration) {
        phrases = BlockerPatterns(phrases: configuration.blockerPhrases, name: "phrase", allows: .negation)
        resolutions = BlockerPatterns(phrases: configuration.resolvingPhrases, name: "phrase", allows: .negation)
        assertion = BlockerAssertion(negations: configuration.negations, hypotheticals: configuration.hypotheticals)
    }

    /// What `body`, as Jira has it, says. An automatic reply says nothing.
    public func read(_ body: String) -> Reading {
        AutomaticReply.isOne(body) ? Reading(state: .none) : readWritten(body)
    }

    /// What `body` says, which a person wrote.
    func readWritten(_ body: String) -> Reading { readings.value(of: body, readSentences) }

    private func readSentences(of body: String) -> Reading {
        var reading = Reading(state: .none)
        var request = RequestForDetails()
        for sentence in Sentence.all(in: ReadableText.statements(of: body)) {
            request.take(sentence)
            let opening = opening(in: sentence)
            if let match = opening.lastStatement {
                if reading.state != .open {
                    reading.state = .open
                    reading.sentence = Self.trimmed(sentence.text)
                    reading.rule = match.rule.name
                    reading.repeatsEarlier = sentence.words.contains { BlockerWords.repetitions.contains($0.hash) }
                }
                reading.category = reading.category ?? match.rule.category
            } else if let match = opening.withRequest {
                request.doubt = request.doubt ?? (match.name, match.category, Self.trimmed(sentence.text))
            }
            resolve(sentence, after: opening.lastStatement?.range, &reading)
        }
        if reading.state == .none, request.isMade, let doubt = request.doubt {
            (reading.state, reading.rule) = (.open, doubt.rule)
            (reading.category, reading.sentence) = (doubt.category, doubt.sentence)
            reading.asks = true
        }
        if request.isAsked || reading.category == .resource || reading.category == .requirements { reading.asks = true }
        return reading
    }

    // MARK: One sentence

    private struct Opening {
        var lastStatement: (rule: BlockerPatterns.Rule, range: Range<Int>)?
        var withRequest: BlockerPatterns.Rule?
    }

    private func opening(in sentence: Sentence) -> Opening {
        var opening = Opening()
        patterns.matches(in: sentence) { rule, range in
            guard assertion.objection(to: rule, at: range, in: sentence) == nil else { return }
            if rule.allows.contains(.withRequest) {
                opening.withRequest = rule
            } else if range.upperBound > opening.lastStatement?.range.upperBound ?? -1 {
                opening.lastStatement = (rule, range)
            }
        }
        phrases.matches(in: sentence) { rule, range in
            guard assertion.objection(toPhraseAt: range, in: sentence) == nil else { return }
            if range.upperBound > opening.lastStatement?.range.upperBound ?? -1 {
                opening.lastStatement = (rule, range)
            }
        }
        return opening
    }

    /// Closes what was open, unless the same sentence opens something after it: "the API is fixed, now waiting for legal".
    ///
    /// In a later sentence of the same comment "fixed" may speak of anything, so there it must be short or about waiting.
    private func resolve(_ sentence: Sentence, after opened: Range<Int>?, _ reading: inout Reading) {
        var last: Range<Int>?
        resolutions.matches(in: sentence) { _, range in
            guard range.upperBound > last?.upperBound ?? -1,
                assertion.objectionToResolution(at: range, in: sentence) == nil
            else { return }
            last = range
        }
        guard let last else { return }
        if let opened {
            if last.lowerBound >= opened.upperBound {
                reading = Self.resolved(sentence)
            } else if reading.sentence == Self.trimmed(sentence.text) {
                reading.closesEarlier = true
            }
        } else if reading.state != .open {
            reading = Self.resolved(sentence)
        } else if sentence.words.count <= 5
            || sentence.words[last].contains(where: { BlockerWords.ofWaiting.contains($0.hash) })
        {
            reading = Self.resolved(sentence)
        }
    }

    private static func resolved(_ sentence: Sentence) -> Reading {
        Reading(state: .resolved, sentence: trimmed(sentence.text), rule: "phrase", closesEarlier: true)
    }

    private static func trimmed(_ text: Substring) -> String { Snippet.of(String(text), limit: 200) }
}

/// Whether a comment asks for what the work needs: "cannot reproduce it, please attach the log".
private struct RequestForDetails {
    /// A sentence that counts only with such a request.
    var doubt: (rule: String, category: BlockerCategory?, sentence: String)?
    /// Whether details are asked for.
    private(set) var isMade = false
    /// Whether anything is asked or asked for.
    private(set) var isAsked = false

    mutating func take(_ sentence: Sentence) {
        let isRequest = sentence.words.contains { BlockerWords.requests.contains($0.hash) }
        guard sentence.isQuestion || isRequest else { return }
        isAsked = true
        if sentence.words.contains(where: { BlockerWords.details.contains($0.hash) }) { isMade = true }
    }
}
