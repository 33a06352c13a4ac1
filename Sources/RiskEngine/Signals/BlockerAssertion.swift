/// Tells whether a sentence that has a pattern of ``BlockerPatterns`` says so of the work, now.
struct BlockerAssertion: Sendable {
    /// Why it does not.
    enum Objection: String, Sendable {
        case question, condition, negation, doubt, obligation, past, request, statusName, somebodyElse, software
        case unknownSubject, object, indirect, itself, version, closing
    }

    private let negations: Set<UInt64>
    private let hypotheticals: Set<UInt64>
    /// Those that suppose rather than oblige.
    private let suppositions: Set<UInt64>

    init(negations: [String], hypotheticals: [String]) {
        func hashes(_ words: [String]) -> Set<UInt64> {
            Set(words.flatMap { Sentence.all(in: $0).flatMap(\.words).map(\.hash) })
        }
        self.negations = hashes(negations)
        self.hypotheticals = hashes(hypotheticals)
        suppositions = self.hypotheticals.subtracting(BlockerWords.obligations)
    }

    private static let contrasts = SentenceWords.hashes("but however aber anyway")
    private static let conditions = SentenceWords.hashes("if whenever unless falls sofern wenn")
    private static let conditionsAfter = SentenceWords.hashes("if wenn falls when unless whenever")
    private static let denialsAfter = SentenceWords.hashes("nicht nothing anything anyone nobody nichts")
    private static let requests = SentenceWords.hashes("please bitte")
    private static let statusNames = SentenceWords.hashes("status state column label tag flag field")
    private static let closings = SentenceWords.hashes("closing closed resolving resolved marking")
    private static let questionWords = SentenceWords.hashes("how whether what which who where")
    private static let questionStarts = SentenceWords.hashes(
        """
        is are am was were do does did has have had can could should shall will would must who what when where why how
        which anything any ist sind war waren hat haben habt kann können könnt soll sollen muss müssen wird werden gibt
        wer was wann wo warum wieso wie welche worauf
        """)
    private static let selves = SentenceWords.hashes("i i've we")
    private static let participles = SentenceWords.hashes("waiting blocked stuck held pending awaiting")
    private static let hangs = SentenceWords.hashes("while hang hangs")
    private static let inWords = SentenceWords.hashes("in")
    private static let caseWords = SentenceWords.hashes("case")
    private static let whenWords = SentenceWords.hashes("when")
    private static let stuckWords = SentenceWords.hashes("stuck")
    private static let pendingWords = SentenceWords.hashes("pending")
    private static let attributes = SentenceWords.hashes("blocked")
    private static let thisWords = SentenceWords.hashes("this it")
    private static let ofWords = SentenceWords.hashes("of")
    private static let agents = SentenceWords.hashes("by durch von vom")
    private static let partsOfWork = SentenceWords.hashes("one all that rest")
    private static let formal = SentenceWords.hashes("sie")

    /// The words around a match, within its clause.
    private struct Context {
        var words: ArraySlice<UInt64>
        var before: ArraySlice<UInt64>
        var inside: ArraySlice<UInt64>
        var after: ArraySlice<UInt64>
        /// The last words of the clauses before: "We are not, as far as I can see, blocked".
        var earlierEnds: [UInt64]
        /// Where the current thought of the sentence begins: after the last "but".
        var thought: Int
    }

    /// Nil where `rule` at `range` of `sentence` is stated as a fact about the work.
    func objection(to rule: BlockerPatterns.Rule, at range: Range<Int>, in sentence: Sentence) -> Objection? {
        if Self.asks(sentence, at: range) { return .question }
        let around = Self.context(of: range, in: sentence)
        return modality(rule, around) ?? subject(rule, around) ?? object(rule, around, in: sentence)
    }

    /// Whether what stands at `range` is asked: all of a sentence that begins as a question does, else its last clause.
    private static func asks(_ sentence: Sentence, at range: Range<Int>) -> Bool {
        guard sentence.isQuestion, let first = sentence.words.first, let last = sentence.words.last else {
            return false
        }
        return questionStarts.contains(first.hash) || sentence.words[range.lowerBound].clause == last.clause
    }

    /// The same for a phrase of the configuration, which may stand in any sentence.
    func objection(toPhraseAt range: Range<Int>, in sentence: Sentence) -> Objection? {
        if let objection = objectionToResolution(at: range, in: sentence) { return objection }
        let around = Self.context(of: range, in: sentence)
        let words = around.before + around.inside
        return words.contains(where: BlockerWords.past.contains)
            && !words.contains(where: BlockerWords.present.contains)
            ? .past : nil
    }

    /// The same for a phrase that says work goes on again.
    func objectionToResolution(at range: Range<Int>, in sentence: Sentence) -> Objection? {
        if Self.asks(sentence, at: range) { return .question }
        let around = Self.context(of: range, in: sentence)
        if Self.isConditional(around, allowingWhen: false) { return .condition }
        if around.before.contains(where: negations.contains) { return .negation }
        if around.before.contains(where: Self.questionWords.contains) { return .indirect }
        return around.before.contains(where: hypotheticals.contains) ? .condition : nil
    }

    private static func context(of range: Range<Int>, in sentence: Sentence) -> Context {
        let words = sentence.words
        var start = range.lowerBound
        while start > 0, words[start - 1].clause == words[start].clause { start -= 1 }
        var end = range.upperBound
        while end < words.count, words[end].clause == words[range.upperBound - 1].clause { end += 1 }
        let hashes = words.map(\.hash)
        return Context(
            words: hashes[...], before: hashes[start..<range.lowerBound], inside: hashes[range],
            after: hashes[range.upperBound..<end],
            earlierEnds: (1..<max(1, start)).filter { words[$0].clause != words[$0 - 1].clause }.map { hashes[$0 - 1] },
            thought: hashes[..<range.lowerBound].lastIndex(where: contrasts.contains) ?? 0)
    }

    // MARK: Is it so?

    private static func isConditional(_ around: Context, allowingWhen: Bool) -> Bool {
        let beginning = around.words[around.thought..<min(around.words.endIndex, around.thought + 3)]
        if beginning.contains(where: conditions.contains) { return true }
        if beginning.contains(where: inWords.contains), beginning.contains(where: caseWords.contains) { return true }
        return !allowingWhen && around.thought == 0 && around.words.first.map(whenWords.contains) == true
    }

    private func modality(_ rule: BlockerPatterns.Rule, _ around: Context) -> Objection? {
        let allows = rule.allows
        let before = around.before
        if Self.isConditional(around, allowingWhen: allows.contains(.withRequest)) { return .condition }
        if before.contains(where: suppositions.contains) { return .condition }
        if !allows.contains(.negation) {
            if before.contains(where: negations.contains) || around.inside.contains(where: negations.contains) {
                return .negation
            }
            if around.after.prefix(2).contains(where: Self.denialsAfter.contains) { return .negation }
            if before.isEmpty, around.earlierEnds.contains(where: negations.contains) { return .negation }
        }
        if !allows.contains(.doubt), (before + around.inside).contains(where: BlockerWords.doubts.contains) {
            return .doubt
        }
        if allows.isDisjoint(with: [.obligation, .negation]), before.contains(where: isObligation) {
            return .obligation
        }
        if let next = around.after.first, Self.conditionsAfter.contains(next) { return .condition }
        if !allows.contains(.past), (before + around.inside).contains(where: BlockerWords.past.contains),
            !(before + around.inside).contains(where: BlockerWords.present.contains)
        {
            return .past
        }
        if !allows.contains(.request), before.contains(where: Self.requests.contains) { return .request }
        if !allows.contains(.status), before.suffix(3).contains(where: Self.statusNames.contains) { return .statusName }
        return around.words.first.map(Self.closings.contains) == true ? .closing : nil
    }

    private func isObligation(_ word: UInt64) -> Bool {
        BlockerWords.obligations.contains(word) || hypotheticals.contains(word)
    }

    // MARK: Whom does it concern?

    private func subject(_ rule: BlockerPatterns.Rule, _ around: Context) -> Objection? {
        let allows = rule.allows
        for word in around.before.reversed() {
            if BlockerWords.people.contains(word) || BlockerWords.issues.contains(word) { break }
            if BlockerWords.others.contains(word) { return .somebodyElse }
            if BlockerWords.software.contains(word), !allows.contains(.software) { return .software }
        }
        if around.inside.contains(where: { BlockerWords.others.contains($0) && !Self.formal.contains($0) }) {
            return .somebodyElse
        }
        if allows.contains(.workOnly), !hasWorkAsSubject(around) { return .unknownSubject }
        if allows.contains(.othersOnly), around.before.suffix(2).contains(where: Self.selves.contains) {
            return .somebodyElse
        }
        if !namesPeople(around), around.before.contains(where: BlockerWords.meanwhile.contains) { return .software }
        guard let first = around.inside.first, Self.participles.contains(first) else { return nil }
        if around.before.isEmpty, inheritsSoftware(around) { return .software }
        guard !namesPeople(around), let previous = around.before.last else { return nil }
        let doesSo =
            BlockerWords.programVerbs.contains(previous)
            || around.before.dropLast().last.map(Self.hangs.contains) == true
        return doesSo ? .software : nil
    }

    private func namesPeople(_ around: Context) -> Bool {
        around.before.contains(where: BlockerWords.people.contains)
            || around.inside.contains(where: BlockerWords.people.contains)
    }

    private func isWork(_ word: UInt64) -> Bool {
        BlockerWords.work.contains(word) || BlockerWords.people.contains(word) || BlockerWords.done.contains(word)
    }

    private func hasWorkAsSubject(_ around: Context) -> Bool {
        guard around.before.contains(where: { !BlockerWords.adverbs.contains($0) }) else { return true }
        let subjects = around.before.filter { isWork($0) || $0 == Sentence.key }
        if around.inside.contains(where: { isWork($0) && !Self.partsOfWork.contains($0) }) { return true }
        if subjects.allSatisfy(BlockerWords.pronouns.contains) {
            return !subjects.isEmpty
                && (!around.words.contains(where: isOfPrograms)
                    || around.after.prefix(5).contains(where: BlockerWords.humanObjects.contains))
        }
        return true
    }

    private func isOfPrograms(_ word: UInt64) -> Bool {
        BlockerWords.software.contains(word) || BlockerWords.programObjects.contains(word)
    }

    /// Whether a participle that begins its clause speaks of a program before: "the server keeps it open, waiting for …".
    private func inheritsSoftware(_ around: Context) -> Bool {
        guard around.thought < around.before.startIndex else { return false }
        let earlier = around.words[around.thought..<around.before.startIndex]
        if earlier.contains(where: { BlockerWords.people.contains($0) || BlockerWords.done.contains($0) }) {
            return false
        }
        return earlier.contains(where: BlockerWords.software.contains)
    }

    // MARK: What is waited for?

    private func object(
        _ rule: BlockerPatterns.Rule, _ around: Context, in sentence: Sentence
    ) -> Objection? {
        guard let next = around.after.first, let first = around.inside.first, let last = around.inside.last else {
            return nil
        }
        if rule.category == .dependency, Self.questionWords.contains(next) { return .indirect }
        if Self.pendingWords.contains(first) {
            if Self.thisWords.contains(next) && Self.ofWords.contains(last) { return .itself }
            if Self.ofWords.contains(next), let object = around.after.dropFirst().first, Self.thisWords.contains(object)
            {
                return .itself
            }
        }
        if around.inside.contains(where: Self.stuckWords.contains),
            [0, 1].contains(where: { sentence.isNumber(at: around.after.startIndex + $0) })
        {
            return .version
        }
        if Self.attributes.contains(last), BlockerWords.software.contains(next) { return .software }
        let readsObject =
            rule.allows.contains(.workOnly) || rule.category == .dependency && !rule.allows.contains(.negation)
        guard readsObject else { return nil }
        let objects = around.after.prefix(5)
        if objects.contains(where: BlockerWords.humanObjects.contains) { return nil }
        // In reviews of code "we" is the program: "we should wait for the lock", "we cannot close it until the flush".
        if objects.contains(where: BlockerWords.programObjects.contains) { return .object }
        if rule.allows.contains(.negation) || namesPeople(around) && !rule.allows.contains(.obligation) { return nil }
        if Self.agents.contains(last), objects.prefix(3).contains(where: BlockerWords.software.contains) {
            return .object
        }
        return objects.contains(where: BlockerWords.softwareObjects.contains) ? .object : nil
    }
}
