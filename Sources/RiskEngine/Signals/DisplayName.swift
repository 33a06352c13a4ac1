/// The display name of a person, as people in companies write it: `Jane Doe`, `Doe, Jane (Sr. QA)`, `Tom – Jr. Dev`.
enum DisplayName {
    /// Between a name and what is said of the person.
    private static let openings: Set<Character> = ["(", "[", "{", "|", "/", "–", "—", ":"]
    /// Words that part a father's name from his son's, and are short for words of roles as well.
    private static let suffixes: Set<String> = ["jr", "sr"]

    /// The name without a generational suffix: `Sammy Davis Jr.` and `Davis, Sammy, Jr. (QA)` are no juniors, `Jr. Dev`,
    /// `Tom, Sr. Developer` and `Tom (Jr.)` have a role.
    ///
    /// - Parameter isRoleWord: whether a word in lower case is part of a role: `Developer Jr.` is no person's name.
    static func withoutSuffix(_ name: String, isRoleWord: (String) -> Bool) -> String {
        let end = firstOpening(of: name)
        let parts = name[..<end].split(separator: ",", omittingEmptySubsequences: false)
        let kept = parts.enumerated().map { index, part in
            let words = part.split(whereSeparator: \.isWhitespace)
            guard let last = words.last, suffixes.contains(plain(last)), index > 0 || words.count > 1 else {
                return String(part)
            }
            if let before = words.dropLast().last, isRoleWord(plain(before)) { return String(part) }
            return words.dropLast().joined(separator: " ")
        }
        return kept.joined(separator: ", ") + " " + name[end...]
    }

    private static func firstOpening(of name: String) -> String.Index {
        let bracket = name.firstIndex(where: openings.contains) ?? name.endIndex
        let hyphen = name.firstRange(of: " - ")?.lowerBound ?? name.endIndex
        return min(bracket, hyphen)
    }

    private static func plain(_ word: Substring) -> String { word.filter { $0.isLetter || $0.isNumber }.lowercased() }
}
