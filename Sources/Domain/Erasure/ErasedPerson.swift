/// What stands in place of a person who was erased. Of the person nothing can be computed from it: its parts are random.
public struct ErasedPerson: Sendable, Hashable {
    private static let prefix = "erased-"
    private static let namePrefix = "Erased person "
    /// Between the role and the place: what is in no name of either.
    private static let separator = " · "

    /// In place of the account id: `erased-` and 16 hexadecimal digits.
    public var id: String
    /// In place of the display name: `Erased person 3f9c2a (Developer · Remote)`. The role and the place stay, because costs rest
    /// on them.
    public var name: String

    /// - Parameters:
    ///   - token: 16 random hexadecimal digits.
    ///   - role: the role that costs are reckoned with.
    ///   - location: the place that costs are reckoned with.
    public init(token: String, role: String, location: String) {
        id = Self.prefix + token
        name = "\(Self.namePrefix)\(token.prefix(6)) (\(role)\(Self.separator)\(location))"
    }

    /// One that was made before.
    public init(id: String, name: String) {
        self.id = id
        self.name = name
    }

    /// In place of a name within a text: one word, which says nothing to who reads it for impediments. `Erased3f9c2a`.
    public var word: String { "Erased\(id.dropFirst(Self.prefix.count).prefix(6))" }

    /// The role and the place that an erased person has; nil for everybody else.
    public static func staffing(of person: Person) -> (role: String, location: String)? {
        guard person.id.hasPrefix(prefix), person.displayName.hasPrefix(namePrefix),
            let open = person.displayName.firstIndex(of: "("), person.displayName.hasSuffix(")")
        else { return nil }
        let inside = person.displayName[open...].dropFirst().dropLast()
        guard let range = inside.firstRange(of: separator) else { return nil }
        return (String(inside[..<range.lowerBound]), String(inside[range.upperBound...]))
    }
}

/// What became of a request to erase a person.
public struct PersonErasure: Sendable, Hashable {
    /// What stands in the person's place now.
    public var person: ErasedPerson
    /// When it was asked for first.
    public var requestedAt: Timestamp
    /// When the last value was replaced; nil while some are left.
    public var finishedAt: Timestamp?
    /// How many rows of each table were changed so far, by its name.
    public var counts: [String: Int]

    public init(person: ErasedPerson, requestedAt: Timestamp, finishedAt: Timestamp?, counts: [String: Int]) {
        self.person = person
        self.requestedAt = requestedAt
        self.finishedAt = finishedAt
        self.counts = counts
    }
}

/// A stored row that holds something of a person.
public struct PersonRecord: Sendable, Hashable {
    /// The table's name.
    public var table: String
    /// The columns that tell the row apart, with their values.
    public var key: [String: String]
    /// The columns that hold something of the person, with their values as they are stored.
    public var values: [String: String]

    public init(table: String, key: [String: String], values: [String: String]) {
        self.table = table
        self.key = key
        self.values = values
    }
}
