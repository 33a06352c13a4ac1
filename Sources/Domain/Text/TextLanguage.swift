/// What a text is written in, as far as it matters for who can read it: a language, or a script where that is all that
/// can be told.
public enum TextLanguage: String, Sendable, Hashable, CaseIterable {
    case english = "English"
    case german = "German"
    case french = "French"
    case spanish = "Spanish"
    case italian = "Italian"
    case portuguese = "Portuguese"
    case dutch = "Dutch"
    case polish = "Polish"
    case swedish = "Swedish"
    case czech = "Czech"
    case turkish = "Turkish"
    case japanese = "Japanese"
    case chinese = "Chinese"
    case korean = "Korean"
    case cyrillic = "Cyrillic script"
    case arabic = "Arabic script"
    case otherScript = "another script"
}
