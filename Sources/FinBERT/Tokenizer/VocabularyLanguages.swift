import Domain

/// Tells from a vocabulary which languages a model was trained on.
///
/// A WordPiece vocabulary holds the frequent words of its language whole. A model's configuration does not name its
/// language, and an English vocabulary holds stray foreign words (`und`, `les`), so that most of a language's words below
/// must be there.
enum VocabularyLanguages {
    /// Frequent words without accents, which an uncased vocabulary has lost.
    private static let frequent: [(language: TextLanguage, words: String)] = [
        (.english, "would their which should because between through about"),
        (.german, "nicht werden wurde zwischen jedoch sowie diese bereits"),
        (.french, "cette aussi leurs plusieurs toujours ainsi depuis notamment"),
        (.spanish, "donde desde cuando porque muchos estos hasta sobre"),
        (.italian, "della questo nella anche sono quando dopo degli"),
        (.portuguese, "pelo pela quando mais foram uma seus ainda"),
        (.dutch, "werd wordt deze niet voor heeft naar zijn"),
        (.polish, "jest oraz tylko przez jako roku przed gdzie"),
        (.swedish, "och inte efter eller som sedan mycket vara"),
        (.czech, "jako jeho podle nebo jsou roku byla pouze"),
        (.turkish, "olarak daha sonra kadar olan gibi ancak bir"),
        (.japanese, "から こと もの した ない いる まし ところ"),
        (.chinese, "这 们 说 对 没 过 还 进"),
        (.korean, "에서 으로 하는 그리고 있다 이다 까지 한다"),
        (.cyrillic, "это как для или только после более года"),
        (.arabic, "من في على هذا التي كان بعد عن"),
    ]

    /// The languages of which at least three in four words are held; every language for a vocabulary of four or more, as
    /// multilingual models have them; English where none is recognised.
    ///
    /// - Parameter holds: whether the vocabulary has a word whole.
    static func languages(_ holds: (String) -> Bool) -> Set<TextLanguage> {
        let known = frequent.filter { _, list in
            let words = list.split(separator: " ")
            return words.count(where: { holds(String($0)) }) * 4 >= words.count * 3
        }.map(\.language)
        if known.count >= 4 { return Set(TextLanguage.allCases) }
        return known.isEmpty ? [.english] : Set(known)
    }
}
