import Domain
import HTTPServer
import HTTPTypes

/// What every route of the API needs (decision 0048). `openapi.yaml` says the same of each operation, as `x-required-role`.
enum APIAccess {
    static let table = AccessTable(
        [open, host, accounts, billing, keys, people, issues, forecasts, alerts, rules, channels].flatMap(\.self))

    private static let open: [RouteAccess] = [
        RouteAccess(.get, "/", .anybody), RouteAccess(.get, "/health", .anybody), RouteAccess(.get, "/ready", .anybody),
        RouteAccess(.get, "/openapi.json", .anybody), RouteAccess(.get, "/openapi.yaml", .anybody),
        RouteAccess(.get, "/metrics", .ownCredential),
        RouteAccess(.get, "/links/{token}", .ownCredential), RouteAccess(.post, "/links/{token}", .ownCredential),
    ]

    private static let host: [RouteAccess] = [
        .needs(.operate, .get, "/api/tenants", admitsInactive: true),
        .needs(.operate, .post, "/api/tenants", admitsInactive: true),
        .needs(.operate, .get, "/api/doctor", admitsInactive: true),
        .needs(.operate, .post, "/api/operator/login-links", admitsInactive: true),
        .needs(.operate, .get, "/api/operator/audit", admitsInactive: true),
        .needs(.operate, .get, "/api/operator/usage", admitsInactive: true, offersFile: true),
        .needs(.operate, .put, "/api/plans/{name}", admitsInactive: true),
        .needs(.operate, .get, "/api/operator/mails", admitsInactive: true),
        .needs(.operate, .post, "/api/operator/mails/{mail-id}/retry", admitsInactive: true),
    ]

    /// What is about accounts and their access to Jira, also of tenants that are not active.
    private static let accounts: [RouteAccess] = [
        .needs(.read, .get, "/api/tenants/{id}", admitsInactive: true),
        .needs(.administer, .put, "/api/tenants/{id}", admitsInactive: true),
        .needs(.administer, .delete, "/api/tenants/{id}", admitsInactive: true),
        .needs(.administer, .post, "/api/tenants/{id}/restore", admitsInactive: true),
        .needs(.read, .get, "/api/tenants/{id}/usage", admitsInactive: true, offersFile: true),
        .needs(.read, .get, "/api/tenants/{id}/usage/days", admitsInactive: true, offersFile: true),
        .needs(.read, .get, "/api/plans", admitsInactive: true),
        .needs(.administer, .post, "/api/tenants/{id}/api-key", admitsInactive: true),
        .needs(.administer, .get, "/api/tenants/{id}/webhook-secrets", admitsInactive: true),
        .needs(.administer, .post, "/api/tenants/{id}/webhook-secrets", admitsInactive: true),
        .needs(.administer, .delete, "/api/tenants/{id}/webhook-secrets/{secret-id}", admitsInactive: true),
        .needs(.administer, .get, "/api/tenants/{id}/automation-tokens", admitsInactive: true),
        .needs(.administer, .post, "/api/tenants/{id}/automation-tokens", admitsInactive: true),
        .needs(.administer, .delete, "/api/tenants/{id}/automation-tokens/{token-id}", admitsInactive: true),
        .needs(.read, .get, "/api/tenants/{id}/jira", admitsInactive: true),
        .needs(.manage, .post, "/api/tenants/{id}/jira/sweep", admitsInactive: true),
        .needs(.read, .get, "/api/tenants/{id}/backfills", admitsInactive: true),
        .needs(.manage, .post, "/api/tenants/{id}/backfills", admitsInactive: true),
        .needs(.read, .get, "/api/tenants/{id}/backfills/{backfill-id}", admitsInactive: true),
        .needs(.read, .get, "/api/tenants/{id}/jira/webhooks", admitsInactive: true),
        .needs(.administer, .post, "/api/tenants/{id}/jira/webhooks", admitsInactive: true),
        .needs(.administer, .post, "/api/tenants/{id}/jira/webhooks/rotate-secret", admitsInactive: true),
        .needs(.manage, .post, "/api/tenants/{id}/jira/webhooks/test", admitsInactive: true),
        .needs(.read, .get, "/api/tenants/{id}/jira/write-back", admitsInactive: true),
        .needs(.administer, .put, "/api/tenants/{id}/jira/write-back", admitsInactive: true),
        .needs(.administer, .delete, "/api/tenants/{id}/jira/write-back", admitsInactive: true),
        .needs(.read, .get, "/api/tenants/{id}/doctor", admitsInactive: true),
    ]

    /// Also of tenants that are not active: who cannot pay must be able to.
    private static let billing: [RouteAccess] = [
        .needs(.administer, .get, "/api/billing/subscription", admitsInactive: true),
        .needs(.administer, .post, "/api/billing/checkout", admitsInactive: true),
        .needs(.administer, .post, "/api/billing/portal", admitsInactive: true),
        .needs(.administer, .post, "/api/billing/upgrade", admitsInactive: true),
        .needs(.administer, .post, "/api/billing/downgrade", admitsInactive: true),
        .needs(.administer, .post, "/api/billing/cancel", admitsInactive: true),
    ]

    /// Keys also of tenants that are not active: a leaked one must end.
    private static let keys: [RouteAccess] = [
        .needs(.administer, .get, "/api/audit", admitsInactive: true),
        .needs(.administer, .get, "/api/people/{account_id}", admitsInactive: true),
        .needs(.administer, .delete, "/api/people/{account_id}", admitsInactive: true),
        .needs(.administer, .get, "/api/api-keys", admitsInactive: true),
        .needs(.administer, .post, "/api/api-keys", admitsInactive: true),
        .needs(.administer, .get, "/api/api-keys/{id}", admitsInactive: true),
        .needs(.administer, .delete, "/api/api-keys/{id}", admitsInactive: true),
        .needs(.administer, .post, "/api/api-keys/{id}/rotate", admitsInactive: true),
        // The dashboard is in every plan, and this leads there.
        .needs(.manage, .post, "/api/login-links", isInEveryPlan: true),
    ]

    /// As keys: somebody who left must lose access.
    private static let people: [RouteAccess] = [
        .needs(.read, .get, "/api/me", admitsInactive: true),
        .needs(.administer, .get, "/api/members", admitsInactive: true),
        .needs(.administer, .put, "/api/members/{id}", admitsInactive: true),
        .needs(.administer, .delete, "/api/members/{id}", admitsInactive: true),
        .needs(.administer, .get, "/api/invitations", admitsInactive: true),
        .needs(.administer, .post, "/api/invitations", admitsInactive: true),
        .needs(.administer, .delete, "/api/invitations/{id}", admitsInactive: true),
    ]

    private static let issues: [RouteAccess] = [
        .needs(.read, .get, "/api/issues", offersFile: true), .needs(.read, .get, "/api/issues/parked"),
        .needs(.manage, .post, "/api/issues/parked/{id}/retry"),
        .needs(.analyze, .post, "/api/analyze/issue"), .needs(.read, .get, "/api/analyze/issue/{key}/raw"),
        .needs(.read, .get, "/api/analyze/issue/{key}/diff"),
        .needs(.manage, .post, "/api/analyze/issue/{key}/comment"),
        // Computes on what is stored, and saves nothing.
        .needs(.read, .post, "/api/analyze/what-if"), .needs(.read, .get, "/api/analyze/issue/{key}/remedies"),
        .needs(.read, .get, "/api/analyze/history", offersFile: true),
        .needs(.read, .get, "/api/analyze/history/{key}", offersFile: true),
        .needs(.read, .get, "/api/analyze/trends/{key}"),
        .needs(.read, .post, "/api/analyze/sprint/what-if"), .needs(.read, .get, "/api/analyze/sprint/remedies"),
        .needs(.analyze, .post, "/api/analyze/sprint", offersFile: true),
        .needs(.analyze, .post, "/api/analyze/portfolio", offersFile: true),
        .needs(.read, .get, "/api/webhook-events"), .needs(.manage, .post, "/api/webhook-events/retry"),
    ]

    private static let forecasts: [RouteAccess] = [
        .needs(.read, .get, "/api/forecast/model"), .needs(.read, .get, "/api/forecast/backtest"),
        .needs(.manage, .post, "/api/forecast/backtest"),
    ]

    private static let alerts: [RouteAccess] = [
        .needs(.read, .get, "/api/alerts", offersFile: true), .needs(.manage, .post, "/api/alerts/{id}/acknowledge"),
        .needs(.manage, .post, "/api/alerts/deliveries/{id}/retry"),
        .needs(.read, .get, "/api/alert-silences"), .needs(.manage, .post, "/api/alert-silences"),
        .needs(.read, .get, "/api/alert-silences/{id}"), .needs(.manage, .delete, "/api/alert-silences/{id}"),
        .needs(.read, .get, "/api/alert-routes"), .needs(.manage, .put, "/api/alert-routes"),
    ]

    private static let rules: [RouteAccess] = [
        .needs(.read, .get, "/api/alert-rules"), .needs(.manage, .post, "/api/alert-rules"),
        .needs(.manage, .put, "/api/alert-rules/{id}"), .needs(.manage, .delete, "/api/alert-rules/{id}"),
        // Reads what is stored, and saves nothing.
        .needs(.read, .post, "/api/alert-rules/try"), .needs(.read, .get, "/api/alert-scorecards", offersFile: true),
    ]

    private static let channels: [RouteAccess] = [
        .needs(.read, .get, "/api/alert-channels"), .needs(.manage, .post, "/api/alert-channels"),
        .needs(.manage, .put, "/api/alert-channels/{id}"), .needs(.manage, .delete, "/api/alert-channels/{id}"),
        .needs(.manage, .post, "/api/alert-channels/{id}/test"),
        .needs(.manage, .post, "/api/alert-channels/{id}/confirm"),
        .needs(.manage, .post, "/api/alert-channels/{id}/digest"), .needs(.read, .get, "/api/digest"),
    ]
}
