import ArgumentParser
import Foundation

/// Changes what a tenant has subscribed to.
struct TenantPlanCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "plan", abstract: "Change the plan, the status, the end of the trial and the limits of a tenant.",
        discussion: """
            What is not named stays. Limits follow the plan until one of the tenant's own is set; --plan-limits has them \
            follow the plan again. Nothing is deleted, whatever the plan. Takes the admin token.
            """)

    @OptionGroup var arguments: TenantArguments

    @Option(help: "Name of the plan: free, starter, growth or enterprise.")
    var plan: String?

    @Option(help: "Status: trial, active, suspended or cancelled.")
    var status: String?

    @Option(help: "End of the trial, as 2026-12-24T00:00:00Z; never for a trial without an end.")
    var trialEndsAt: String?

    @Option(help: "Analyses of issues a month: a number, or unlimited.")
    var issues: String?

    @Option(help: "Analyses of sprints a month: a number, or unlimited.")
    var sprints: String?

    @Option(help: "Analyses of portfolios a month: a number, or unlimited.")
    var portfolios: String?

    @Flag(help: "Have the limits follow the plan again.")
    var planLimits = false

    func run() async throws {
        var fields: [String: PlanField] = [:]
        if let plan { fields["plan"] = .text(plan) }
        if let status { fields["status"] = .text(status) }
        if let trialEndsAt {
            fields["trial_ends_at"] = trialEndsAt == "never" ? PlanField.null : PlanField.text(trialEndsAt)
        }
        if let issues { fields["monthly_issue_limit"] = try PlanText.field(issues, "issues") }
        if let sprints { fields["monthly_sprint_limit"] = try PlanText.field(sprints, "sprints") }
        if let portfolios { fields["monthly_portfolio_limit"] = try PlanText.field(portfolios, "portfolios") }
        if planLimits { fields["own_limits"] = .flag(false) }
        let daemon = try arguments.daemon()
        let tenant: ShownTenant =
            try await fields.isEmpty ? daemon.get(arguments.path) : daemon.put(arguments.path, object: fields)
        tenant.show()
    }
}
