import Domain

/// Recognises what no person wrote as an answer: out-of-office notes and confirmations of receipt, English and German.
public enum AutomaticReply {
    /// How much of a text is looked at: such notes say at once what they are. Bytes.
    private static let reach = 700

    /// Names that mail programs give such a note; enough where the text begins with one.
    private static let titles = PhraseTable(
        [
            "automatic reply", "auto reply", "autoreply", "auto response", "automated response", "automated reply",
            "out of office", "out of the office autoreply", "automatische antwort", "abwesenheitsnotiz",
            "automatische abwesenheitsnotiz", "abwesenheitsbenachrichtigung", "réponse automatique",
            "respuesta automática",
        ].map { ($0, ()) })

    /// Says that the author is away.
    private static let absences = PhraseTable(
        [
            "out of office", "out of the office", "on vacation", "on holiday", "on holidays", "on annual leave",
            "on parental leave", "on maternity leave", "on sick leave", "away from my desk", "away until", "on leave",
            "nicht im büro", "nicht im haus", "im urlaub", "außer haus", "abwesend", "in elternzeit",
            "nicht erreichbar",
            "wieder erreichbar", "received your message", "received your email", "received your request",
            "ihre anfrage erhalten", "ihre nachricht erhalten", "ihre e mail erhalten",
        ].map { ($0, ()) })

    /// Speaks of the mail it answers, or of whom else to write to.
    private static let courtesies = PhraseTable(
        [
            "your message", "your email", "your e mail", "your mail", "your request", "limited access",
            "no access to email",
            "no access to my email", "access to email", "access to my email", "access to e mail", "check my email",
            "check email", "urgent matters", "urgent cases", "urgent requests", "if it is urgent", "if urgent",
            "for urgent", "in urgent", "emergencies", "in my absence", "during my absence", "upon my return",
            "when i return", "on my return", "after my return", "will not be read", "not be forwarded",
            "ihre nachricht", "ihre e mail", "ihre mail", "deine nachricht", "in dringenden", "bei dringenden",
            "dringende fälle", "meine vertretung", "vertritt mich", "vertreten mich", "während meiner abwesenheit",
            "in meiner abwesenheit", "nach meiner rückkehr", "nicht weitergeleitet", "wenden sie sich",
            "schnellstmöglich",
            "get back to you",
        ].map { ($0, ()) })

    /// Whether `body` is such a note. "I am on vacation until Monday and go on then" is not: it mentions
    /// no mail.
    public static func isOne(_ body: String) -> Bool {
        if let erased = ErasedText(body) { return erased.isAutomatic }
        return answers.value(of: body, isNote)
    }

    /// Asked several times of each comment of an issue at each of its analyses.
    private static let answers = TextMemo<Bool>()

    private static func isNote(_ body: String) -> Bool {
        let bytes = body.utf8.prefix(reach)
        guard bytes.count > 12 else { return false }
        let words = Words(String(decoding: bytes, as: UTF8.self))
        let title = titles.matches(in: words).first { $0.range.lowerBound <= 1 }
        if let title, words.endsClause(at: title.range.upperBound) { return true }
        return !absences.matches(in: words).isEmpty && !courtesies.matches(in: words).isEmpty
    }
}
