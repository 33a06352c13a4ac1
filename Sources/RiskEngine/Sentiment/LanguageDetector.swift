public import Domain

/// Tells what a comment is written in by its script and by a few function words.
///
/// Comments are short and full of names and identifiers, so that only what is certain counts: a text is not English when
/// most of its letters belong to another script, or when it has function words that only another language has, more of
/// them than English ones: three in a text of twelve words or more, two in a shorter one without any English function
/// word. Everything else is taken for English. Reads at most the first 4,000 characters.
public enum LanguageDetector {
    private static let limit = 4_000
    private static let fewWords = 12

    /// The language of a text as ``ReadableText`` gives it.
    public static func language(of text: String) -> TextLanguage {
        let head = text.utf8.count > limit ? String(text.unicodeScalars.prefix(limit)) : text
        return script(of: head) ?? latinLanguage(of: head)
    }

    // MARK: Scripts

    /// The language of the script that most letters belong to; nil for Latin script and for texts without letters. An
    /// ideograph, a kana or a Korean syllable counts as three letters: they stand for a word or a part of it.
    private static func script(of text: String) -> TextLanguage? {
        var latin = 0
        var counts: [TextLanguage: Int] = [:]
        for scalar in text.unicodeScalars {
            switch scalar.value {
            case 0x41...0x5A, 0x61...0x7A, 0xC0...0x24F: latin += 1
            case 0x400...0x52F: counts[.cyrillic, default: 0] += 1
            case 0x600...0x6FF: counts[.arabic, default: 0] += 1
            case 0x3040...0x30FF: counts[.japanese, default: 0] += 3
            case 0x3400...0x4DBF, 0x4E00...0x9FFF: counts[.chinese, default: 0] += 3
            case 0xAC00...0xD7AF: counts[.korean, default: 0] += 3
            case 0x370...0x3FF, 0x530...0x5FF, 0x900...0xE7F: counts[.otherScript, default: 0] += 1
            default: break
            }
        }
        guard counts.values.reduce(0, +) > latin else { return nil }
        // Japanese is written with Chinese ideographs, too; kana are in nearly every sentence.
        if let kana = counts[.japanese], kana * 10 > counts[.chinese] ?? 0 { return .japanese }
        return counts.max { ($0.value, $0.key.rawValue) < ($1.value, $1.key.rawValue) }?.key
    }

    // MARK: Function words

    private static func latinLanguage(of text: String) -> TextLanguage {
        let words = Words(text).words
        var counts: [TextLanguage: Int] = [:]
        // Each word once: a name or a file type that is one, too, may stand in every line.
        for hash in Set(words.map(\.hash)) {
            if let language = languageOfWord[hash] { counts[language, default: 0] += 1 }
        }
        let english = counts.removeValue(forKey: .english) ?? 0
        guard
            let best = counts.max(by: { ($0.value, $0.key.rawValue) < ($1.value, $1.key.rawValue) }),
            best.value > english, best.value >= (words.count < fewWords ? 2 : 3),
            words.count >= fewWords || english == 0
        else { return .english }
        return best.key
    }

    private static let languageOfWord: [UInt64: TextLanguage] = {
        var table: [UInt64: TextLanguage] = [:]
        for (language, list) in functionWords {
            for word in Words(list).words { table[word.hash] = language }
        }
        return table
    }()

    /// Words that are frequent in one of these languages and no words, or rare ones, in the others and in code.
    private static let functionWords: [(TextLanguage, String)] = [
        (
            .english,
            """
            the and this it with for are have not you can should when but from which would if there has does what they \
            been please we our your its i'm it's don't be of that will could about because
            """
        ),
        (
            .german,
            """
            der und ist nicht das ein eine einen einem auf für wir ich auch aber wird werden wurde noch bei nach oder \
            wenn dass sind haben kann bitte leider schon immer beim zum zur hat dem vom sich nur keine kein jetzt \
            wieder muss müssen können funktioniert danke siehe ihr euch mir mich uns warum wie
            """
        ),
        (
            .french,
            """
            le les des une est pas pour dans avec sur qui nous vous je mais ce cette sont été ça aux sans donc \
            très fait comme être encore toujours peut c'est j'ai n'est merci
            """
        ),
        (
            .spanish,
            "los las una es por para con pero está este como más del lo muy también cuando hay porque esta gracias"
        ),
        (
            .italian,
            "il che non per è sono della nel questo questa anche più gli alla dei delle ho abbiamo perché grazie ancora"
        ),
        (.portuguese, "não uma isso ao mais foi são você pelo pela esse essa mas obrigado ainda então já"),
        (
            .dutch,
            "het een niet van voor zijn ook maar wordt deze naar geen heeft nog wel dat wij hebben kunnen moet waar bedankt"
        ),
        (.polish, "nie się jest że dla przez ale czy jak są tylko już było może oraz przy dziękuję trzeba jeszcze"),
        (.swedish, "och att är inte för det kan på som jag när också ska tack"),
        (.czech, "je že není jako jsem také při jsou nebo už aby ještě když tak děkuji"),
        (.turkish, "ve bir bu için ile değil çok olarak ama gibi daha sonra kadar teşekkürler"),
    ]
}
