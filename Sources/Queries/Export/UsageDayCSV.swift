public import Domain

/// Usage by day and kind of analysis as comma-separated values. The columns are the fields of the API.
public enum UsageDayCSV {
    private static let columns = ["day", "action_type", "uses", "processing_time_ms"]

    /// The days of one tenant.
    public static func records(of days: [UsageDay]) -> CSVRecords {
        CSVRecords(columns: columns, rows: days.map(cells))
    }

    /// The days of all tenants.
    public static let table = CSVTable<TenantUsageDay>(
        "usage", columns: ["tenant_id", "company_name", "plan"] + columns, pageSize: 500
    ) { day in
        [[day.tenantID.description, day.companyName, day.plan.rawValue] + cells(day.usage)]
    }

    private static func cells(_ day: UsageDay) -> [String?] {
        [day.day, day.action.rawValue, String(day.uses), String(day.processingMilliseconds)]
    }
}
