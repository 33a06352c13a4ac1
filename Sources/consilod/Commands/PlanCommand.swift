import ArgumentParser
import Foundation

/// Lists the plans of the host, and changes what each costs, limits and has.
struct PlanCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "plan", abstract: "List the plans, and change what each costs, limits and has.",
        discussion: "Needs a running daemon. The plan of a tenant is changed by 'tenant plan'.",
        subcommands: [PlanListCommand.self, PlanSetCommand.self])
}

/// What a body says of one field.
enum PlanField: Encodable, Sendable {
    case null
    case text(String)
    case number(Int)
    case flag(Bool)

    func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .null: try container.encodeNil()
        case .text(let text): try container.encode(text)
        case .number(let number): try container.encode(number)
        case .flag(let flag): try container.encode(flag)
        }
    }
}

/// Limits as people write them.
enum PlanText {
    /// `unlimited` for nil.
    static func limit(_ limit: Int?) -> String { limit.map(String.init) ?? "unlimited" }

    /// A number, or `unlimited`. Throws `ValidationError` for anything else.
    static func field(_ text: String, _ option: String) throws -> PlanField {
        if text == "unlimited" { return .null }
        guard let number = Int(text), number >= 0 else {
            throw ValidationError("--\(option) must be a number from 0, or unlimited")
        }
        return .number(number)
    }
}

/// A plan as the daemon's API shows it.
private struct ShownPlan: Decodable, Sendable {
    var name: String
    var priceMonthly: Int
    var issueAnalysesMonthly: Int?
    var sprintAnalysesMonthly: Int?
    var portfolioAnalysesMonthly: Int?
    var csvExport: Bool
    var apiAccess: Bool
    var customRiskWeights: Bool
    var slackIntegration: Bool

    var line: String {
        let limits = [issueAnalysesMonthly, sprintAnalysesMonthly, portfolioAnalysesMonthly].map(PlanText.limit)
        let features = [
            csvExport ? "csv_export" : nil, apiAccess ? "api_access" : nil,
            customRiskWeights ? "custom_risk_weights" : nil, slackIntegration ? "slack_integration" : nil,
        ].compactMap(\.self)
        return "\(name)  \(priceMonthly)  issues \(limits[0])  sprints \(limits[1])  portfolios \(limits[2])  "
            + (features.isEmpty ? "-" : features.joined(separator: " "))
    }
}

struct PlanListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List the plans: price, monthly limits and features.")

    @Option(help: "Address of the daemon.")
    var url = "http://127.0.0.1:8080"

    @Option(help: "File that holds the admin token, or an API key.")
    var keyFile: String

    func run() async throws {
        let daemon = DaemonClient(url: url, key: try SecretFile.read(keyFile))
        for plan in try await daemon.pages("/api/plans", of: ShownPlan.self) { print(plan.line) }
    }
}

struct PlanSetCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "set", abstract: "Change a plan, for all tenants that have it.",
        discussion: """
            Its tenants get the new limits at once, but for those that have limits of their own. Takes the admin token.
            """)

    @Argument(help: "Name of the plan: free, starter, growth or enterprise.")
    var name: String

    @Option(help: "Address of the daemon.")
    var url = "http://127.0.0.1:8080"

    @Option(help: "File that holds the admin token.")
    var keyFile: String

    @Option(help: "Price of a month, in whole units of the host's currency.")
    var price: Int?

    @Option(help: "Analyses of issues a month: a number, or unlimited.")
    var issues: String?

    @Option(help: "Analyses of sprints a month: a number, or unlimited.")
    var sprints: String?

    @Option(help: "Analyses of portfolios a month: a number, or unlimited.")
    var portfolios: String?

    @Option(help: "Feature to add: csv_export, api_access, custom_risk_weights or slack_integration. Repeatable.")
    var with: [String] = []

    @Option(help: "Feature to remove. Repeatable.")
    var without: [String] = []

    func run() async throws {
        var fields: [String: PlanField] = [:]
        if let price { fields["price_monthly"] = .number(price) }
        if let issues { fields["issue_analyses_monthly"] = try PlanText.field(issues, "issues") }
        if let sprints { fields["sprint_analyses_monthly"] = try PlanText.field(sprints, "sprints") }
        if let portfolios { fields["portfolio_analyses_monthly"] = try PlanText.field(portfolios, "portfolios") }
        for feature in with { fields[feature] = .flag(true) }
        for feature in without { fields[feature] = .flag(false) }
        guard ["free", "starter", "growth", "enterprise"].contains(name) else {
            throw ValidationError("the plan must be free, starter, growth or enterprise")
        }
        let daemon = DaemonClient(url: url, key: try SecretFile.read(keyFile))
        let plan: ShownPlan = try await daemon.put("/api/plans/\(name)", object: fields)
        print(plan.line)
    }
}
