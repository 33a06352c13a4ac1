import Domain

/// Checks what writing into a tenant's Jira needs: permissions, fields of the right type, and that Jira does not refuse it.
struct WriteBackDiagnosis: Sendable {
    private let status: WriteBackStatus
    private let settings: WriteBackSettings
    private let tenant: Tenant

    /// Nil where nothing is written.
    init?(_ status: WriteBackStatus, of tenant: Tenant) {
        guard let settings = status.settings else { return nil }
        self.status = status
        self.settings = settings
        self.tenant = tenant
    }

    /// What the checks are called.
    private static let (name, fieldsName) = ("jira.write", "jira.write.fields")

    func checks(with client: JiraClient, now: Timestamp) async throws(JiraError) -> [DiagnosticCheck] {
        var checks = [try await permissions(client)]
        if settings.target == .fields { checks.append(try await fields(client)) }
        if let until = status.stoppedUntil, until > now {
            checks.append(
                DiagnosticCheck(
                    "jira.write.stopped", .failed, "nothing is written until \(until): \(status.stoppedReason ?? "")",
                    remedy: "repair it, then consilod jira write-back set tries again at once"))
        } else if status.refused > 0 {
            checks.append(
                DiagnosticCheck(
                    "jira.write.refused", .warning,
                    "Jira refused \(status.refused) issues: \(status.refusal ?? "without a reason")",
                    remedy: "give the account its permissions and put the fields on the edit screens in all projects"))
        }
        return checks
    }

    /// Without a project, Jira says whether the account has a permission in any.
    private func permissions(_ client: JiraClient) async throws(JiraError) -> DiagnosticCheck {
        var needed = ["ADD_COMMENTS"]
        if settings.target != .none { needed.append("EDIT_ISSUES") }
        // Without it, each write would be mailed to the issue's watchers.
        if settings.target == .fields { needed.append("ADMINISTER_PROJECTS") }
        let granted = try await client.permissions(needed)
        let missing = needed.filter { granted[$0] != true }
        guard missing.isEmpty else {
            return DiagnosticCheck(
                Self.name, .failed, "the account lacks \(missing.joined(separator: ", ")) in every project",
                remedy: "give \(tenant.jiraEmail) these permissions in the projects that are written to")
        }
        return DiagnosticCheck(
            Self.name, .ok, "the account has \(needed.joined(separator: ", ")); a scoped token needs write:jira-work")
    }

    private func fields(_ client: JiraClient) async throws(JiraError) -> DiagnosticCheck {
        let known = try await client.fields()
        let wanted = [
            (settings.fields.score, "number"), (settings.fields.band, "string"),
            (settings.fields.forecastDate, "date"), (settings.fields.cause, "string"),
        ]
        var faults: [String] = []
        for case (let id?, let type) in wanted {
            if let use = client.fieldMapping.use(of: id) { faults.append("\(id) is read as \(use)") }
            guard let field = known.first(where: { $0.id == id }) else {
                faults.append("\(id) is unknown")
                continue
            }
            if field.valueType != type {
                faults.append("\(id) holds \(field.valueType ?? "something else"), not \(type)")
            }
            // Jira takes only documents there.
            if field.customType?.hasSuffix(":textarea") == true { faults.append("\(id) is of several lines") }
        }
        guard faults.isEmpty else {
            return DiagnosticCheck(
                Self.fieldsName, .failed, faults.joined(separator: "; "),
                remedy: "name fields of the types number (score), short text (band, cause) and date (forecast)")
        }
        return DiagnosticCheck(Self.fieldsName, .ok, "the fields \(settings.fields.ids.joined(separator: ", ")) fit")
    }
}
