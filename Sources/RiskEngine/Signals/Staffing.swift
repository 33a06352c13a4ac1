import Domain

/// Who a person is, as far as cost is concerned.
struct Staffing: Sendable {
    private let configuration: RiskConfiguration
    private let patterns: [(words: PhraseTable<Void>, role: String)]
    /// The words of all patterns, in lower case.
    private let roleWords: Set<String>

    init(_ configuration: RiskConfiguration) {
        self.configuration = configuration
        patterns = configuration.rolePatterns.map { (PhraseTable([(Self.plain($0.words), ())]), $0.role) }
        roleWords = Set(
            configuration.rolePatterns.flatMap { Self.plain($0.words).lowercased().split(separator: " ") }.map(
                String.init))
    }

    /// By account id, else by display name, else the first pattern found in the display name without its generational
    /// suffix, else the default role.
    func role(of person: Person) -> String {
        if let erased = ErasedPerson.staffing(of: person) { return erased.role }
        if let role = placement(of: person)?.role { return role }
        let name = Words(
            Self.plain(DisplayName.withoutSuffix(person.displayName, isRoleWord: roleWords.contains)))
        return patterns.first { !$0.words.matches(in: name).isEmpty }?.role ?? configuration.defaultRole
    }

    /// By account id, else by display name, else by time zone, else the default location.
    func location(of person: Person) -> String {
        if let erased = ErasedPerson.staffing(of: person) { return erased.location }
        return placement(of: person)?.location ?? person.timeZone.flatMap { configuration.timeZoneLocations[$0] }
            ?? configuration.defaultLocation
    }

    private func placement(of person: Person) -> RiskConfiguration.Placement? {
        configuration.people[person.id] ?? configuration.people[person.displayName]
    }

    /// Letters and digits only, so that the full stop of "Sr. QA" does not part the two words.
    private static func plain(_ name: String) -> String {
        String(name.map { $0.isLetter || $0.isNumber ? $0 : " " })
    }
}
