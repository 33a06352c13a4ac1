/// The categories of a site's statuses, as issues were seen in them. The change log names statuses only, and their names
/// are the site's own.
public struct StatusCatalog: Sendable, Hashable {
    private var byID: [String: Status.Category] = [:]
    /// By the name in small letters. Two projects may disagree on a name; the work is over where any says so.
    private var byName: [String: Status.Category] = [:]
    /// By the id, and those without one by the name in small letters.
    private var known: [String: Status] = [:]
    /// What Jira said last, by ``StatusRecord/key``.
    private var records: [String: StatusRecord] = [:]

    /// A catalog of these statuses; those without a category are left out, and of two with one id the last counts.
    public init(_ statuses: [Status] = []) {
        for status in statuses { insert(status) }
    }

    /// A catalog of what Jira said last of each status.
    public init(records: [StatusRecord]) {
        for record in records {
            self.records[record.key] = record
            enter(record)
            let name = record.name.lowercased()
            byName[name] = byName[name].map { max($0, record.category) } ?? record.category
        }
    }

    /// Takes what was said of a status where that is newer than what is known of it; whether it was.
    ///
    /// Of several statuses of one name, the name has the last of their categories in the order of the work.
    @discardableResult
    public mutating func take(_ record: StatusRecord) -> Bool {
        let former = records[record.key]
        if let former, !record.isNewer(than: former) { return false }
        records[record.key] = record
        enter(record)
        // A name may lose the category that the former word gave it.
        for name in Set([record.name.lowercased(), (former?.name ?? record.name).lowercased()]) {
            byName[name] = known.values.lazy.filter { $0.name.lowercased() == name }.compactMap(\.category).max()
        }
        return true
    }

    private mutating func enter(_ record: StatusRecord) {
        if let id = record.id { byID[id] = record.category }
        known[record.key] = record.status
    }

    /// What Jira said last of the status of this ``StatusRecord/key``; nil for nothing.
    public func record(_ key: String) -> StatusRecord? { records[key] }

    /// Whether a change of the log that names a status by its former or present name, with its id or without, has another
    /// category by this catalog than by the one before it took `record`.
    public func differs(from before: StatusCatalog, by record: StatusRecord) -> Bool {
        let names = Set([record.name, before.records[record.key]?.name ?? record.name])
        return names.contains { name in
            category(id: record.id, name: name) != before.category(id: record.id, name: name)
                || category(id: nil, name: name) != before.category(id: nil, name: name)
        }
    }

    /// Whether a change of status among `changes` names one that has another category by this catalog than by the other.
    public func differs(from other: StatusCatalog, for changes: some Sequence<Change>) -> Bool {
        changes.contains { change in
            change.isOfStatus
                && (category(id: change.from, name: change.fromString)
                    != other.category(id: change.from, name: change.fromString)
                    || category(id: change.to, name: change.toString)
                        != other.category(id: change.to, name: change.toString))
        }
    }

    /// Adds a status, or replaces the one with its id. One without a category changes nothing.
    public mutating func insert(_ status: Status) {
        guard let category = status.category else { return }
        if let id = status.id { byID[id] = category }
        let name = status.name.lowercased()
        byName[name] = byName[name] == .done ? .done : category
        // Where Jira told no id, the name stands for it.
        let id = status.id == name ? nil : status.id
        known[id ?? name] = Status(id: id, name: status.name, category: category)
    }

    /// The category of a status by its id or, where that is nil or unknown, its name in any case; nil where neither is known.
    public func category(id: String?, name: String?) -> Status.Category? {
        id.flatMap { byID[$0] } ?? name.flatMap { byName[$0.lowercased()] }
    }

    /// All statuses, by name, then id.
    public var statuses: [Status] {
        known.values.sorted { ($0.name, $0.id ?? "") < ($1.name, $1.id ?? "") }
    }

    /// The status of this id or, where none has it, of this name in any case; nil for one that is not known. Of several of one
    /// name it is the one whose id is first in the order of texts.
    public func status(_ text: String) -> Status? {
        if let status = known[text], status.id != nil { return status }
        let name = text.lowercased()
        return statuses.first { $0.name.lowercased() == name }
    }
}

extension Change {
    /// Whether it is a change of status. Jira's own fields are named in lower case; old exports also know `Status`.
    public var isOfStatus: Bool { field == "status" || field == "Status" }
}
