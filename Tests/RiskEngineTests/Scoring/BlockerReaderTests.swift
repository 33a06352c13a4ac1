import RiskEngine
import Testing

/// What one comment says about an impediment.
@Suite struct BlockerReaderTests {
    private let reader = BlockerReader(.default)

    private func isOpen(_ text: String) -> Bool { reader.read(text).state == .open }

    // MARK: Self-written comments

    /// The share that is right, and what is not.
    private func share(_ texts: [String], opens: Bool) -> (right: Double, wrong: [String]) {
        let wrong = texts.filter { isOpen($0) != opens }
        return (1 - Double(wrong.count) / Double(texts.count), wrong)
    }

    @Test(arguments: [BlockerTexts.open, BlockerTexts.laterOpen])
    func nineOfTenImpedimentsAreRead(texts: [String]) {
        let found = share(texts, opens: true)
        #expect(found.right >= 0.9, "not read: \(found.wrong)")
    }

    @Test(arguments: [BlockerTexts.none, BlockerTexts.laterNone])
    func nineOfTenOtherCommentsAreNone(texts: [String]) {
        let found = share(texts, opens: false)
        #expect(found.right >= 0.9, "read as impediments: \(found.wrong)")
    }

    // MARK: What takes an impediment back

    @Test(arguments: [
        // questions
        "Is this blocked by 0.5?", "Are we still waiting for legal?", "Sind wir noch blockiert?",
        // negation, at any distance in the clause
        "We are not, as far as I can see, blocked", "Nobody in the whole company is waiting for this any more",
        "Wir warten seit gestern nicht mehr auf den Lieferanten", "We are blocked by nothing",
        // suppositions
        "If it is blocked, please set the status to Blocked", "In case we are stuck we call the vendor",
        "We might be blocked by the freeze", "Falls wir blockiert sind, melden wir uns",
        "Let me know when you are blocked",
        // the past
        "We were waiting for the vendor", "Was blocked last week, the vendor delivered", "Wir waren blockiert",
        "The team had been stuck on the migration",
        // requests and names of things
        "Please set the status to Blocked if you need help", "Added the endpoint that lists blocked users",
        "Renamed the column to blocked", "This is a blocker for 1.0", "Marking this as a blocker",
        // programs
        "The request waits for a lock", "Blocked IPs get a 403", "The consumer is stuck in a loop",
        "We should wait for the flush to finish", "It is waiting for the response of the server",
        "Der Dienst wartet auf die Datenbank", "The queue is on hold when the broker restarts",
        // somebody else's words
        "The page says \"We are waiting for approval\" in red", "Der Text „Warten auf Freigabe“ ist falsch übersetzt",
        // other ends
        "Closing, as we are still waiting for the reporter", "It depends on whether you use SSO",
    ])
    func opensNone(text: String) { #expect(!isOpen(text)) }

    @Test(arguments: [
        "Still waiting on legal, any news?", "We have been waiting for the vendor since May",
        "Seit drei Wochen warten wir auf die Freigabe", "If you ask me, fine, but we are blocked by ops",
        "The fix is not in a release yet, we are waiting for 2.4", "Blocked by PAY-17", "On hold.",
        "Will this work? We are still waiting for the spec.",
    ])
    func opensOne(text: String) { #expect(isOpen(text)) }

    @Test func quotesTheSentenceThatSaysIt() {
        let reading = reader.read(
            "Thanks for the log! I had a look. We are still waiting for the vendor. More tomorrow.")
        #expect(reading.sentence == "We are still waiting for the vendor.")
        #expect(reading.rule == "waiting-for")
    }

    @Test func whatComesLastInASentenceCounts() {
        #expect(reader.read("The API is fixed, now waiting for legal").state == .open)
        #expect(reader.read("Waiting for legal: resolved").state == .resolved)
        #expect(reader.read("Waiting for legal. I fixed the typo in the mean time, by the way.").state == .open)
        #expect(reader.read("Waiting for legal. Unblocked!").state == .resolved)
    }

    @Test func configuredPhrasesAddToThePatterns() {
        var configuration = RiskConfiguration.default
        configuration.blockerPhrases = ["en attente de", "sits with the board"]
        let reader = BlockerReader(configuration)
        #expect(reader.read("Toujours en attente de notre fournisseur").state == .open)
        #expect(reader.read("It sits with the board").rule == "phrase")
        #expect(reader.read("It no longer sits with the board").state == .none)
        #expect(reader.read("We are blocked by ops").state == .open)
    }

    @Test func timeIsLinearInTheLength() {
        for piece in [
            "waiting ", "warten wir auf ", "not ", "cannot until ", "a-", "\"", "blocked, ", "~~", "-a ", "…", "_", "ä",
        ] {
            let clock = ContinuousClock()
            let short = String(repeating: piece, count: 500)
            let long = String(repeating: piece, count: 4_000)
            let base = clock.measure { _ = reader.read(short) }
            let more = clock.measure { _ = reader.read(long) }
            // 8 times the text; quadratic work would be 64 times.
            #expect(more < base * 32 + .milliseconds(200), "\(piece)")
        }
    }
}
