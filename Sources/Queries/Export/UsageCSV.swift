public import Domain

/// A tenant's usage of a month as comma-separated values: one row. The columns are the fields of `GET /api/tenants/{id}/usage`; a
/// limit without a number means unlimited.
public enum UsageCSV {
    /// The one row.
    public static func records(of tenant: Tenant, used: UsageCount, month: CalendarMonth) -> CSVRecords {
        var row = CSVRecord()
        row.add("tenant_id", tenant.id.description)
        row.add("period", month.name)
        for action in UsageAction.allCases { row.add("\(action.rawValue)_analyses", used[action]) }
        row.add("total_calls", used.total)
        for action in UsageAction.allCases { row.add("\(action.rawValue)_limit", tenant.limits[action]) }
        for action in UsageAction.allCases {
            row.add("\(action.rawValue)_remaining", tenant.limits.remaining(action, of: used))
        }
        return CSVRecords([row])
    }
}
