/// The small words that take back, strengthen or weaken a word of ``AffectLexicon`` shortly after them.
enum ToneModifiers {
    static let negations = [
        "not", "no", "never", "none", "nobody", "noone", "nothing", "neither", "nor", "without", "hardly", "barely",
        "cannot", "can't", "cant", "don't", "dont", "doesn't", "doesnt", "didn't", "didnt", "isn't", "isnt", "aren't",
        "wasn't", "weren't", "won't", "wouldn't", "couldn't", "shouldn't", "hasn't", "haven't", "hadn't", "ain't",
        "nicht", "nie", "niemals", "niemand", "nichts", "kein", "keine", "keinen", "keinem", "keiner", "ohne", "weder",
        "kaum",
    ]

    /// Words after which praise is a wish or a condition.
    static let wishes = [
        "would", "could", "should", "might", "if", "unless", "whether", "wäre", "würde", "könnte", "sollte", "wenn",
        "falls", "ob",
    ]

    static let strengthening = [
        "very", "really", "so", "too", "extremely", "totally", "completely", "absolutely", "incredibly", "utterly",
        "quite", "truly", "deeply", "highly", "super", "damn", "insanely", "such",
        "sehr", "wirklich", "echt", "total", "völlig", "absolut", "extrem", "unglaublich", "richtig", "ziemlich",
        "furchtbar", "so",
    ]

    static let weakening = [
        "slightly", "somewhat", "bit", "little", "kinda", "sort", "kind", "mildly", "etwas", "bisschen", "wenig",
        "leicht",
    ]
}
