import Domain
import Foundation

/// The words of mails about accounts: all of them stand here. Made of what is known of the tenant when a mail is sent.
struct AccountMailWords: Sendable, Hashable {
    /// A page of the dashboard.
    enum Page: String, Sendable, Hashable {
        case dashboard = "/dashboard"
        case setUp = "/dashboard/setup"
        case plan = "/dashboard/plan"
    }

    var subject: String
    var paragraphs: [String]
    /// What is left to do.
    var points: [String] = []
    /// The words of the link.
    var action = "Open the dashboard"
    /// Where the link leads.
    var page = Page.dashboard
    /// Why the recipient gets the mail.
    var reason = ""

    /// - Parameter sells: whether owners can buy plans by themselves; else the operator of the host gives them.
    init(_ claim: AccountMailClaim, sells: Bool = false) {
        let facts = claim.facts
        self = Self.of(claim, site: facts.siteURL.onOneLine(limit: 200), sells: sells)
        if Self.leadsToPlan(claim, sells: sells) {
            action = "Open the page of the plan"
            page = .plan
        }
        let role =
            facts.isContact(claim.key.recipientID)
            ? "this is the address of the account with which consilod signs in to"
            : "you are an owner of the consilod account of"
        let ending =
            claim.key.kind.isOptional
            ? "" : " It cannot be switched off, because it says whether the account works."
        reason = "You get this mail because \(role) \(facts.siteURL.onOneLine(limit: 200)).\(ending)"
    }

    private init(
        _ subject: String, _ paragraphs: [String], points: [String] = [], action: String? = nil,
        page: Page = .dashboard
    ) {
        self.subject = subject
        self.paragraphs = paragraphs
        self.points = points
        if let action { self.action = action }
        self.page = page
    }

    private static func of(_ claim: AccountMailClaim, site: String, sells: Bool) -> AccountMailWords {
        switch claim.key.kind {
        case .trialStarted, .trialEnding, .trialEnded, .trialOver: trial(claim, site: site, sells: sells)
        case .usageNear, .usageReached: usage(claim, site: site, sells: sells)
        case .paymentFailed, .graceEnding, .suspended, .restored: payment(claim, site: site, sells: sells)
        case .onboarding: onboarding(claim.facts, site: site)
        }
    }

    /// Whether what a mail asks for is done, or explained, on the page of the plan.
    private static func leadsToPlan(_ claim: AccountMailClaim, sells: Bool) -> Bool {
        switch claim.key.kind {
        case .trialEnding, .trialEnded, .trialOver: sells
        case .usageNear, .usageReached, .paymentFailed, .graceEnding: true
        case .suspended: claim.facts.status == .cancelled
        case .trialStarted, .restored, .onboarding: false
        }
    }

    // MARK: Trials

    private static let nothingIsLost =
        "Nothing is deleted: issues are still scored, alerts are still sent, and the dashboard still shows both."
    private static let afterTrial =
        "After that, the API and analyses on request are locked until the account has a plan."

    private static func trial(_ claim: AccountMailClaim, site: String, sells: Bool) -> AccountMailWords {
        let plan =
            sells
            ? "To continue, buy a plan on the page that the link below opens."
            : "To continue, ask the operator of this host for a plan."
        let end = claim.facts.trialEndsAt.map(instant) ?? ""
        switch claim.key.kind {
        case .trialStarted:
            return AccountMailWords(
                "Your trial has begun",
                [
                    "The trial of consilod for \(site) has begun. It ends on \(end).",
                    "\(afterTrial) \(nothingIsLost)",
                ])
        case .trialEnding:
            return AccountMailWords(
                "Your trial ends soon",
                ["The trial of consilod for \(site) ends on \(end).", "\(afterTrial) \(nothingIsLost)", plan])
        case .trialEnded:
            return AccountMailWords(
                "Your trial has ended",
                [
                    "The trial of consilod for \(site) ended on \(end). The API and analyses on request are locked.",
                    nothingIsLost, plan,
                ])
        default:
            return AccountMailWords(
                "The API stays locked after your trial",
                [
                    "The trial of consilod for \(site) ended on \(end), and the account has no plan yet.",
                    "The API and analyses on request stay locked. \(nothingIsLost)", plan,
                    "This is the last mail about the trial.",
                ])
        }
    }

    // MARK: Usage

    private static func usage(_ claim: AccountMailClaim, site: String, sells: Bool) -> AccountMailWords {
        let action = AccountMailPlanner.action(of: claim.key.occasion) ?? .issue
        let (used, limit) = (claim.facts.used[action], claim.facts.limits[action] ?? 0)
        let month = String(claim.key.occasion.prefix { $0 != "/" })
        let kind =
            switch action {
            case .issue: "issue analyses"
            case .sprint: "sprint analyses"
            case .portfolio: "portfolio analyses"
            }
        let remedy =
            "The count starts again on the first day of the next month (UTC). For a higher limit, "
            + (sells
                ? "buy a higher plan on the page that the link opens, or change a subscription with POST /api/billing/upgrade."
                : "ask the operator of this host.")
        guard claim.key.kind == .usageReached else {
            return AccountMailWords(
                "Most \(kind) of this month are used",
                [
                    "For \(site), \(used) of the \(limit) \(kind) of \(month) are used.",
                    "When all are used, further ones are refused until the next month. \(remedy)",
                ])
        }
        return AccountMailWords(
            "All \(kind) of this month are used",
            [
                "For \(site), all \(limit) \(kind) of \(month) are used. Further ones are refused.",
                "\(remedy) Issues are still scored, and alerts are still sent.",
            ])
    }

    // MARK: Payments

    private static let nothingIsDeleted = "Nothing is deleted: issues are still scored, and alerts are still sent."

    private static func payment(_ claim: AccountMailClaim, site: String, sells: Bool) -> AccountMailWords {
        let end = claim.refersTo.map(instant)
        let remedy =
            sells
            ? "Check the payment method on the page of the plan."
            : "Check the payment method, or ask the operator of this host."
        switch claim.key.kind {
        case .paymentFailed:
            let until =
                end.map { "Everything works as before until \($0); without a payment, the account is then suspended." }
                ?? "Without a payment, the account will be suspended."
            return AccountMailWords(
                "A payment failed",
                [
                    "The last payment for consilod at \(site) failed. \(until)", remedy,
                ])
        case .graceEnding:
            return AccountMailWords(
                "Your account is about to be suspended",
                [
                    "No payment was received for consilod at \(site). The account will be suspended on \(end ?? "").",
                    remedy,
                ])
        case .suspended where claim.facts.status == .cancelled:
            return AccountMailWords(
                "Your account is suspended until it is paid",
                [
                    """
                    The consilod account of \(site) is not paid for. The API and the dashboard, except the page of the plan, are \
                    closed until it is paid.
                    """,
                    nothingIsDeleted,
                    "\(remedy) Once it is paid, the account works again.",
                ])
        case .suspended:
            return AccountMailWords(
                "Your account is suspended",
                [
                    "The consilod account of \(site) is suspended: the API and the dashboard are closed.",
                    nothingIsDeleted,
                    "To reopen it, ask the operator of this host.",
                ])
        default:
            return AccountMailWords(
                "Your account works again",
                ["The consilod account of \(site) is open again. You do not have to do anything."])
        }
    }

    // MARK: Set-up

    private static func onboarding(_ facts: AccountMailFacts, site: String) -> AccountMailWords {
        let points = OnboardingStep.allCases.filter { facts.stepsLeft.contains($0) }.map { step in
            switch step {
            case .webhook: "Register the webhook, so that Jira reports changes to consilod."
            case .backfill: "Fetch a project, so that its existing issues are scored, too."
            case .channel: "Add a channel, so that alerts are sent."
            }
        }
        return AccountMailWords(
            "The set-up is not finished",
            ["These steps are left of the set-up of consilod for \(site):"], points: points,
            action: "Continue the set-up", page: .setUp)
    }

    /// `2026-12-15 09:30 UTC`.
    private static func instant(_ instant: Timestamp) -> String {
        instant.description.prefix(16).replacing("T", with: " ") + " UTC"
    }
}
