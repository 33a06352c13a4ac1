import Domain
import RiskEngine
import Testing

/// Self-written comments by kind, with the tone that a colleague would hear in each.
@Suite struct ToneTextsTests {
    private func labels(_ texts: [String]) -> [String: SentimentLabel] {
        let read = WordListClassifier().classify(texts.map(ReadableText.of))
        return Dictionary(zip(texts, read.map(\.label))) { first, _ in first }
    }

    private func expect(_ label: SentimentLabel, _ texts: [String]) {
        for (text, read) in labels(texts).sorted(by: { $0.key < $1.key }) {
            #expect(read == label, "\(text)")
        }
    }

    @Test func reportsOfDefectsHaveNoTone() {
        expect(
            .neutral,
            [
                "The export fails with a timeout when the table has more than 10,000 rows.",
                "I cannot reproduce this on 3.2, which version do you run?",
                "There is a problem with the date picker in the booking form.",
                "The build failed on node 4, the log is attached.",
                "Regression since 2.8: the error message is missing.",
                "Critical bug, the service crashes at start when the cache is empty.",
                "Reopened, the second case is still broken.",
                "It can't connect to the proxy: bad gateway.",
                "The garbage collector kills the worker process after ten minutes.",
                "Returns the wrong result for negative numbers.",
                "A bad request (400) is answered when the header is missing.",
                "The dead letter queue grows without limit.",
                "Der Import schlägt fehl, wenn die Datei leer ist.",
                "Beim Speichern kommt ein Fehler, Log im Anhang.",
                "Problem mit der Anmeldung seit Version 4: Absturz beim Start.",
                "Das funktioniert im Firefox nicht, im Chrome schon.",
                "Kritischer Fehler: die Buchung wird doppelt ausgeführt.",
            ])
    }

    @Test func newsOfTheWorkHasNoTone() {
        expect(
            .neutral,
            [
                "Fixed in r4711.", "Done, merged to main.", "Resolved, please verify.", "Verified on staging, closing.",
                "All tests passed on both branches.", "Working on it, the patch comes tomorrow.",
                "We are blocked by the migration of the database.", "The release slips to next week.",
                "Waiting for the review of the design.", "Reverted, see the discussion in the pull request.",
                "Behoben im letzten Commit.", "Erledigt und freigegeben.", "Warte auf das Review.",
                "Verschoben auf Sprint 14.", "Blockiert durch das Ticket der Infrastruktur.",
                "+1", "See the attached file.", "Siehe Anhang.", "What is the expected format of the date?",
            ])
    }

    @Test func annoyanceAndContemptAreHeard() {
        expect(
            .negative,
            [
                "This is so annoying, it happens every single day.",
                "I'm fed up with these flaky tests.", "What a mess, who wrote this?",
                "This API sucks.", "That is a stupid idea and you know it.", "Utter nonsense.",
                "What the hell is going on with the build server?", "wtf", "Why on earth was this merged?",
                "Are you kidding me? Third time this month!", "This is unacceptable.",
                "I hate this framework, it is a nightmare to debug.", "Damn, the backup is gone.",
                "The documentation is useless and the example is terrible.",
                "We have wasted two days on this, it is ridiculous.", "This is a really ugly hack.",
                "Seriously? Nobody cares about this ticket.", "I'm sick of asking for access again and again.",
                "Das nervt langsam gewaltig.", "So ein Mist, die Daten sind weg.",
                "Was soll der Unsinn? Das war anders abgesprochen.", "Warum zum Teufel wurde das gelöscht?",
                "Das ist doch lächerlich.", "Völlig unbrauchbar, eine Katastrophe.",
                "Ich habe es satt, jede Woche dasselbe zu erklären.", "Schon wieder! Das kann doch nicht wahr sein.",
                "Diese Schnittstelle ist einfach nur furchtbar.",
            ])
    }

    @Test func worrySadnessAndRegretAreHeard() {
        expect(
            .negative,
            [
                "I'm really worried about the deadline.", "Sorry, wrong ticket.",
                "My apologies, I broke the build.", "Unfortunately the vendor has not answered.",
                "I am very disappointed with the outcome.", "It is a pity that this was dropped.",
                "The team is frustrated.", "I'm afraid this will not be ready.", "Oops, my mistake.",
                "The customer is angry!", "This makes me sad :(", "Not happy with this at all.",
                "I don't like where this is going.", "Tut mir leid, das war mein Fehler.", "Leider nein.",
                "Schade, dass es nicht geklappt hat.", "Ich bin ziemlich enttäuscht.",
                "Wir machen uns Sorgen um den Termin.", "Der Kunde ist verärgert.", "Das Team ist frustriert.",
            ])
    }

    @Test func thanksPraiseAndJoyAreHeard() {
        expect(
            .positive,
            [
                "Thanks for the quick fix!", "Great work, this looks very good.", "Nice catch.", "Awesome, I love it.",
                "I'm happy with the result.", "Well done, everyone!", "Thank you so much, that helped a lot.",
                "Excellent idea, let's do that.", "Works like a charm :)", "Really impressed by the new dashboard.",
                "Kudos to the team", "Much appreciated.", "Looks good to me, good job.", "Yay, finally green! 🎉",
                "Danke dir, das hat sehr geholfen!", "Super, vielen Dank.", "Tolle Arbeit!", "Das freut mich sehr.",
                "Gefällt mir gut.", "Klasse gemacht, perfekt.", "Prima, so machen wir das.",
                "Sorry for the delay, this is great work, thank you!",
            ])
    }

    @Test func aDenialTakesTheToneAway() {
        expect(
            .neutral,
            [
                "No worries.", "Don't worry about the second case.", "It is not terrible.",
                "This is not a stupid question.",
                "Nobody is angry.", "No need to be sorry.", "Keine Sorge, das ist geklärt.", "Das ist nicht schlimm.",
                "Niemand ist verärgert.", "I would not say that it is great.",
            ])
        expect(.negative, ["This is not good.", "That doesn't look great.", "Das ist nicht gut.", "Nicht schön."])
    }

    @Test func aWishOrAPoliteRequestIsNoPraise() {
        expect(
            .neutral,
            [
                "It would be nice to have a filter here.", "Would be great if the list could be sorted.",
                "Please attach the log file.", "Let me know what you think.", "Es wäre schön, wenn man filtern könnte.",
                "Is it a good idea to cache this?",
            ])
    }

    @Test func oneMildWordIsNotTheToneOfALongComment() {
        let report = """
            The importer reads the file line by line and writes each record into the staging table. Unfortunately the \
            second pass does not see records of the same batch, because the transaction is still open. I would change \
            the order: commit the batch first, start the second pass, then mark the file as imported. The change \
            touches three classes and one migration, and there is a test for the case with two batches.
            """
        expect(.neutral, [report])
        expect(.negative, [report + " This is really frustrating, I hate this code."])
    }

    @Test func loudnessStrengthensWhatIsThere() {
        expect(.neutral, ["READ THE ATTACHED FILE", "It fails!!!", "Fixed!"])
        expect(.negative, ["THIS IS TERRIBLE", "Terrible!!!"])
        let scores = WordListClassifier().classify(["this is bad", "this is very bad", "this is VERY BAD!"]).map(
            \.score)
        #expect(scores == scores.sorted() && Set(scores).count == 3)
    }
}
