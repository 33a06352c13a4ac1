/// What Jira said last of a status' category, by an issue that was in it.
///
/// Records of one status are joined by ``isNewer(than:)``, a total order: whatever order they come in, the same one is left.
public struct StatusRecord: Sendable, Hashable {
    /// Jira's id, which survives a renaming; nil where the payload had none.
    public let id: String?
    /// As the workflow calls it.
    public let name: String
    /// What Jira said of it.
    public let category: Status.Category
    /// The UTC day on which Jira said so. Nil for a status without an id, and where the day is not known: older than any day.
    public let toldOn: CalendarDay?

    /// Nil for a status without a category, which says nothing.
    ///
    /// - Parameter toldOn: when Jira read the status, and not when the issue changed: an issue that is fetched years after its
    ///   last change has today's category. Nil where it is not known. It does not count for a status without an id: two
    ///   projects may mean two statuses by one name, of which neither replaces the other.
    public init?(_ status: Status, toldOn: CalendarDay?) {
        guard let category = status.category else { return nil }
        id = status.id
        name = status.name
        self.category = category
        self.toldOn = status.id == nil ? nil : toldOn
    }

    /// By which records are of the same status: its id, or its name in small letters.
    public var key: String { id ?? name.lowercased() }

    /// The status that it describes.
    public var status: Status { Status(id: id, name: name, category: category) }

    /// Whether this word replaces another on the same status: that of the later day does. On one day the later category does, in
    /// the order of the work, so that a status that is said to have two in turn changes twice a day at most; then the
    /// larger name.
    public func isNewer(than other: StatusRecord) -> Bool {
        let (day, otherDay) = (toldOn?.daysSinceEpoch ?? .min, other.toldOn?.daysSinceEpoch ?? .min)
        guard day == otherDay else { return day > otherDay }
        guard category == other.category else { return category > other.category }
        return other.name.utf8.lexicographicallyPrecedes(name.utf8)
    }
}

extension Status.Category: Comparable {
    /// In the order of the work.
    public static func < (a: Status.Category, b: Status.Category) -> Bool { a.place < b.place }

    private var place: Int {
        switch self {
        case .new: 0
        case .indeterminate: 1
        case .done: 2
        }
    }
}
