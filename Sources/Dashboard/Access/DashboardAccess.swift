import Domain
import HTTPServer
import HTTPTypes

/// What every page and form needs (decision 0048).
enum DashboardAccess {
    static let table = AccessTable([open, reading, alerts, others, owners, operators].flatMap(\.self))

    private static let open: [RouteAccess] =
        Asset.all.map { RouteAccess(.get, $0.path, .anybody) } + [
            RouteAccess(.get, "/docs", .anybody), RouteAccess(.get, "/docs/{page}", .anybody),
            RouteAccess(.get, "/docs/schemas", .anybody), RouteAccess(.get, "/docs/schemas/{name}", .anybody),
            RouteAccess(.get, "/dashboard/sign-in", .ownCredential),
            RouteAccess(.post, "/dashboard/sign-in", .ownCredential),
            RouteAccess(.get, "/dashboard/links/{token}", .ownCredential),
            RouteAccess(.post, "/dashboard/links/{token}", .ownCredential),
            RouteAccess(.post, "/dashboard/sign-out", .ownCredential),
        ] + people

    /// Of people who sign in by themselves, whichever tenant their session shows, if any: each looks at the session itself.
    private static let people: [RouteAccess] =
        ["sign-in/{provider}", "sign-in/{provider}/callback", "tenants", "invitations/{token}", "account"].map {
            RouteAccess(.get, "/dashboard/\($0)", .ownCredential)
        }
        + [
            "tenants", "tenants/accept", "tenants/new", "invitations/{token}", "account/end", "account/end-all",
            "account/mails",
        ].map {
            RouteAccess(.post, "/dashboard/\($0)", .ownCredential)
        }

    private static let reading: [RouteAccess] = [
        "", "/events", "/risk.csv", "/blockers.csv", "/issues", "/issues.csv", "/issues/{key}",
        "/issues/{key}/past", "/issues/{key}/history.csv", "/projects", "/projects.csv", "/projects/{key}",
        "/projects/{key}/risk.csv",
        "/sprints", "/sprints.csv", "/sprints/{id}", "/sprints/{id}/burn-down.csv", "/forecast", "/alerts",
        "/alerts.csv", "/notifications", "/silences", "/rules", "/rules/{id}", "/scorecards", "/scorecards.csv",
        "/routes", "/routes/edit", "/channels", "/channels/{id}", "/setup", "/setup/backfills/{id}",
    ].map { RouteAccess.needs(.read, .get, "/dashboard\($0)", offersFile: $0.hasSuffix(".csv")) }

    private static let alerts: [RouteAccess] =
        ["/rules/new", "/routes/new", "/channels/new"].map { RouteAccess.needs(.manage, .get, "/dashboard\($0)") }
        + [
            "/alerts/retry", "/alerts/acknowledge", "/alerts/snooze", "/alerts/end-silence", "/silences",
            "/silences/{id}/end", "/rules/new", "/rules/{id}", "/rules/{id}/enable", "/rules/{id}/delete",
            "/routes/new", "/routes/edit", "/routes/move", "/routes/delete", "/channels/new", "/channels/{id}",
            "/channels/{id}/test", "/channels/{id}/confirm", "/channels/{id}/delete",
        ].map { RouteAccess.needs(.manage, .post, "/dashboard\($0)") }

    private static let others: [RouteAccess] = [
        .needs(.analyze, .post, "/dashboard/projects"),
        .needs(.manage, .post, "/dashboard/forecast/backtest"),
        .needs(.manage, .post, "/dashboard/setup/backfill"),
        .needs(.manage, .post, "/dashboard/setup/webhook-test"),
    ]

    private static let owners: [RouteAccess] = [
        .needs(.administer, .post, "/dashboard/setup/jira"), .needs(.administer, .post, "/dashboard/setup/webhook"),
        .needs(.administer, .post, "/dashboard/setup/secret"),
        .needs(.administer, .get, "/dashboard/audit"),
        .needs(.administer, .get, "/dashboard/keys"), .needs(.administer, .post, "/dashboard/keys"),
        .needs(.administer, .post, "/dashboard/keys/{id}/rotate"),
        .needs(.administer, .post, "/dashboard/keys/{id}/revoke"),
        .needs(.administer, .get, "/dashboard/members"), .needs(.administer, .post, "/dashboard/members/invite"),
        .needs(.administer, .post, "/dashboard/members/role"), .needs(.administer, .post, "/dashboard/members/remove"),
        .needs(.administer, .post, "/dashboard/members/withdraw"),
        // Who has to pay to be let in again can.
        .needs(.administer, .get, "/dashboard/plan", admitsInactive: true),
        .needs(.administer, .post, "/dashboard/plan/checkout", admitsInactive: true),
        .needs(.administer, .post, "/dashboard/plan/portal", admitsInactive: true),
    ]

    /// Of the host's owner, where an admin token is configured.
    private static let operators: [RouteAccess] =
        [
            "", "/tenants", "/tenants/{id}", "/tenants/{id}/usage.csv", "/work", "/usage", "/usage.csv", "/mails",
            "/audit",
        ].map {
            RouteAccess.needs(.operate, .get, "/dashboard/operator\($0)")
        }
        + ["/retry-issue", "/retry-webhooks", "/retry-mail", "/tenants/{id}"].map {
            RouteAccess.needs(.operate, .post, "/dashboard/operator\($0)")
        }
}
