/// The words of ``WordListClassifier``. Whole words, lower case; changing one is a new model number.
///
/// Left out on purpose are words that name the subject of a ticket rather than how the work goes: error, bug, missing.
enum DeliveryVocabulary {
    static let positive = [
        // English
        "good", "great", "nice", "excellent", "perfect", "awesome", "fantastic", "well done", "thanks", "thank you",
        "happy", "glad", "pleased", "love", "like it", "looks good", "lgtm", "works", "working", "worked", "works fine",
        "working fine", "fixed", "resolved", "solved", "done", "completed", "finished", "merged", "approved", "passed",
        "passes", "passing", "green", "verified", "confirmed working", "deployed successfully", "success", "successful",
        "successfully", "on track", "on time", "ahead of schedule", "unblocked", "no longer blocked", "improved",
        "improvement", "faster", "stable", "ready", "shipped", "clean", "progress", "good progress", "helpful", "agree",
        // German
        "gut", "sehr gut", "super", "toll", "prima", "klasse", "perfekt", "danke", "vielen dank", "freut mich",
        "funktioniert", "läuft", "läuft wieder", "klappt", "behoben", "gelöst", "erledigt", "fertig", "abgeschlossen",
        "freigegeben", "genehmigt", "bestanden", "grün", "erfolgreich", "entblockt", "im plan", "im zeitplan", "stabil",
        "schneller", "verbessert", "bereit", "hilfreich", "einverstanden",
    ]

    static let negative = [
        // English
        "bad", "terrible", "awful", "horrible", "unacceptable", "disappointed", "disappointing", "frustrated",
        "frustrating", "frustration", "annoying", "angry", "unhappy", "worried", "worry", "concern", "concerned",
        "concerns", "afraid", "sorry", "unfortunately", "sadly", "problem", "problems", "issue with", "issues with",
        "broken", "breaks", "fails", "failed", "failing", "failure", "failures", "crash", "crashes", "crashed",
        "regression", "outage", "down again", "unstable", "flaky", "slow", "too slow",
        "stuck", "blocked", "blocker", "blockers", "blocking", "impossible", "cannot", "can't", "unable", "late",
        "too late", "delay", "delays", "delayed", "behind schedule", "overdue", "missed", "slipped", "slipping", "slip",
        "risk", "risky", "at risk", "escalate", "escalated", "escalation", "urgent", "critical", "wrong", "confusing",
        "confused", "unclear", "lost", "rejected", "reverted", "rollback", "rolled back", "reopened",
        "worse",
        "worst", "mess", "painful", "nightmare", "waste", "wasted", "doesn't work", "does not work", "not working",
        "no progress", "no response", "no answer", "still waiting", "give up", "overloaded", "understaffed",
        "conflict", "complaint", "complaints", "complains", "hopeless", "useless", "ignored",
        // German
        "schlecht", "furchtbar", "schrecklich", "inakzeptabel", "enttäuscht", "enttäuschend", "frustriert",
        "frustrierend", "ärgerlich", "verärgert", "unzufrieden", "besorgt", "sorge", "sorgen", "bedenken", "leider",
        "tut mir leid", "problem mit", "probleme", "kaputt", "fehlerhaft", "fehlgeschlagen", "schlägt fehl",
        "abgestürzt", "absturz", "ausfall", "instabil", "langsam", "zu langsam", "blockiert", "hängt", "hängt fest",
        "steckt fest", "unmöglich", "verspätet", "verspätung", "verzögert", "verzögerung", "verzögerungen",
        "überfällig", "im verzug", "zu spät", "verpasst", "verschoben", "risiko", "riskant", "eskalieren", "eskalation",
        "dringend", "kritisch", "falsch", "unklar", "abgelehnt", "zurückgerollt", "schlimmer",
        "schlimm", "chaos", "mühsam", "katastrophe", "verschwendet", "geht nicht", "funktioniert nicht", "läuft nicht",
        "klappt nicht", "kein fortschritt", "keine antwort", "keine rückmeldung", "warten immer noch",
        "überlastet", "unterbesetzt", "beschwerde", "beschwerden",
    ]
}
