import Domain
import Foundation
import StoreTestSupport
import TestSupport

@testable import Store

extension StoreFixture {
    /// A tenant with rows in every table, made through the store's own methods: an issue with comments, changes, a
    /// sprint, an analysis, an alert that was delivered, webhooks of each state, one use, one issue that waits, a
    /// backfill, and a forecast with its model.
    func makeFilledTenant(_ name: String, at now: Timestamp = start) async throws -> TenantID {
        let rule = AlertRule(id: UUID(), name: "High risk", condition: .threshold(raiseAt: 70, clearBelow: 60))
        let tenant = try await makeTenant(name, rules: [rule])
        let channel = AlertChannel(
            id: UUID(), kind: .slack, name: "team", target: "sealed",
            digest: DigestSchedule(every: .day, minute: 480, timeZone: "UTC"))
        try await store.saveAlertChannel(tenant, channel, by: .system("test"))
        let recipient = MailRecipient(
            id: UUID(), channelID: channel.id, address: "sealed", state: .confirmed, changedAt: now)
        try await store.addSignIn(
            SignIn(
                tokenHash: "hash of \(tenant)", kind: .session, tenantID: tenant, apiKeyHash: "hash", createdAt: now,
                endsAt: now.adding(days: 1)), from: nil)
        try await store.addAutomationToken(
            tenant, tokenID: UUID(), hash: "token of \(tenant)", formerUntil: nil, by: .system("test"), now: now)
        try await addPerson(to: tenant, at: now)
        _ = try await store.addMailRecipients(tenant, channelID: channel.id, [recipient], known: [])
        try await scoreIssue("10001", key: "PAY-1", of: tenant, rule: rule, at: now)
        let items = try await store.claimDeliveries(limit: 100, now: now, leaseUntil: now.adding(seconds: 30))
        for item in items { try await store.record(.delivered, for: item, now: now) }
        try await take(.sprint(Self.sprint, deleted: false), "sprint", of: tenant, at: now)
        // Somebody of whom nothing is stored; what comes of the person later leaves a comment without a text.
        let erasure = try await store.beginErasure(
            of: tenant, account: "557058:gone", by: .system("test"),
            now: now.adding(seconds: -60))
        if let erasure { _ = try await store.continueErasure(of: tenant, person: erasure.person.id) { true } }
        try await take(.ignored, "ignored", of: tenant, at: now, body: Self.commentOfTheErased)
        try await take(.rejected(reason: "no issue.id"), "rejected", of: tenant, at: now)
        try await take(.issues(["10002"]), "pending", of: tenant, at: now)
        try await moveBodyToPieces("pending", of: tenant)
        _ = try await store.reserveUsage(
            tenant, action: .issue, resourceKey: "PAY-1", in: CalendarMonth(containing: now), by: .system("test"),
            now: now)
        let backfill = try await store.startBackfill(tenant, jql: "project = PAY", by: .system("test"), now: now)
        try await store.recordPage(of: backfill, listed: 2, requested: ["10001", "10003"], nextPage: nil, now: now)
        try await store.requestTraining(tenant, reason: .manual, dueAt: now)
        if let training = try await store.claimTraining(now: now, leaseUntil: now.adding(seconds: 60)) {
            let model = ForecastModelRecord(
                id: "m1", kind: "own", state: .active, createdAt: now, cutAt: now, file: [1, 2, 3])
            try await store.saveModel(model, under: training)
            let basis = ForecastBasis(pace: [4, 5], asOf: now, finished: 3, judgedAt: now, judgedModelID: "m1")
            try await store.saveForecastBasis(basis, under: training)
            try await store.release(training, dueAt: now.adding(days: 7), error: nil, now: now)
        }
        if let refresh = try await store.claimForecastRefresh(now: now, leaseUntil: now.adding(seconds: 60)) {
            try await store.giveBack(refresh, retryAt: now.adding(seconds: 300))
        }
        _ = try await store.requestBacktest(tenant, options: "{}", by: .system("test"), now: now)
        try await store.saveForecasts(
            [ForecastRecord(issueID: "10001", modelID: "m1", asOf: now, lateUsual: 0.25, payload: "{}")], of: tenant)
        try await store.saveAlertRoute(tenant, AlertRoute(groupBy: .project), by: .system("test"))
        try await store.addAlertSilence(
            tenant,
            AlertSilence(
                id: UUID(), matchers: [AlertMatcher(name: .project, values: ["APP"])], startsAt: now,
                endsAt: now.adding(days: 1), createdBy: "operator", reason: "Release", createdAt: now),
            by: .system("test"))
        try await addPicture(of: tenant, at: now)
        try await writeBack(of: tenant, at: now)
        try await addAccountMails(of: tenant, at: now)
        try await subscribe(tenant, at: now)
        return tenant
    }

    /// Has the body of a delivery in a piece, as SQLite keeps large ones; PostgreSQL has such rows of a store that was moved.
    private func moveBodyToPieces(_ deliveryID: String, of tenant: TenantID) async throws {
        let (id, delivery): (UUID, [SQLValue]) = (UUID(), [.tenant(tenant), .text(deliveryID)])
        try await store.driver.write { connection in
            try connection.run(
                connection.dialect.schema(
                    """
                    INSERT INTO webhook_body_pieces (tenant_id, body_id, piece, created_at, bytes)
                    SELECT tenant_id, CAST(? AS {uuid}), 0, received_at, body FROM webhook_events
                    WHERE tenant_id = ? AND delivery_id = ?
                    """), [.uuid(id)] + delivery)
            try connection.run(
                connection.dialect.schema(
                    """
                    UPDATE webhook_events SET body = CAST('' AS {blob}), body_id = ? WHERE tenant_id = ? AND delivery_id = ?
                    """), [.uuid(id)] + delivery)
        }
    }

    /// A mail about the account that waits, to somebody who switched reminders off.
    private func addAccountMails(of tenant: TenantID, at now: Timestamp) async throws {
        let key = AccountMailKey(kind: .trialStarted, occasion: "sign-up", recipientID: tenant.uuid)
        _ = try await store.queueAccountMails([key], of: tenant, now: now)
        _ = try await store.setAccountMails(
            tenant, recipientID: tenant.uuid, isOff: true, by: .system("test"), now: now)
    }

    /// A customer of Stripe about whom an event has come.
    private func subscribe(_ tenant: TenantID, at now: Timestamp) async throws {
        let start = try await store.beginStripeIntent(
            .customer, of: tenant, parameters: "", resumableSince: nil, busySince: now, by: .system("test"), now: now)
        guard case .begun(let intent) = start else { return }
        try await store.finishStripeIntent(intent, .customer("cus_\(tenant)"), now: now)
        let event = StripeEvent(
            id: "evt_\(tenant)", type: "customer.subscription.updated", customerID: "cus_\(tenant)", objectID: "sub_1",
            createdAt: now, isRelevant: true)
        _ = try await store.appendStripeEvent(event, now: now)
    }

    /// A picture for the dashboard.
    private func addPicture(of tenant: TenantID, at now: Timestamp) async throws {
        _ = try await store.riskPicture(tenant, projectKey: nil, now: now)
        if let pictures = try await store.claimRiskPictures(now: now, leaseUntil: now.adding(seconds: 60)) {
            _ = try await store.finish(
                pictures, ["": RiskPicture(asOf: now)], freshUntil: now.adding(seconds: 20),
                nextDueAt: now.adding(days: 1), now: now)
        }
    }

    /// One issue that was written to.
    private func writeBack(of tenant: TenantID, at now: Timestamp) async throws {
        _ = try await store.setWriteBack(
            tenant, WriteBackSettings(target: .property), by: .system("test"), now: now)
        try await store.driver.write { connection in
            try connection.run(
                "UPDATE jira_access SET swept_at = ? WHERE tenant_id = ?", [.timestamp(now), .tenant(tenant)])
        }
        guard let claim = try await store.claimWriteBack(now: now, leaseUntil: now.adding(seconds: 60)) else { return }
        try await store.record(
            .written(WrittenRisk(score: 80), WriteWindow(scores: 76...84)), of: "10001", under: claim,
            nextAt: now.adding(seconds: 600), leaseUntil: now.adding(seconds: 60), now: now)
        try await store.release(claim, dueAt: now.adding(seconds: 60), hasFailed: false, stop: nil)
    }

    /// A person who has chosen the tenant and owns it, and an invitation.
    private func addPerson(to tenant: TenantID, at now: Timestamp) async throws {
        let identity = PersonIdentity(
            issuer: "https://id.example", subject: "owner of \(tenant)", email: "ada@\(tenant).example",
            isEmailVerified: true, fullName: "Ada")
        let session = PersonSignIn.Session(tokenHash: "person of \(tenant)", endsAt: now.adding(days: 1))
        _ = try await store.signIn(
            PersonSignIn(
                identity: identity, source: "acme", grants: [tenant: .owner], admitsStrangers: false, session: session),
            from: nil, now: now)
        _ = try await store.chooseTenant(tenant, tokenHash: session.tokenHash, from: nil, now: now)
        let invitation = NewInvitation(
            id: UUID(), email: "bob@\(tenant).example", role: .viewer, tokenHash: "invitation of \(tenant)",
            expiresAt: now.adding(days: 7))
        _ = try await store.addInvitation(tenant, invitation, by: .system("test"), now: now)
    }

    /// Takes a webhook and commits an analysis of its issue, at once the first and the newest.
    func scoreIssue(
        _ id: IssueID, key: IssueKey, of tenant: TenantID, rule: AlertRule? = nil, at now: Timestamp,
        isDeleted: Bool = false, model: String = "wordlist-1"
    ) async throws {
        let claim = try await claim(id, of: tenant, at: now, deliveryID: "\(id) at \(now)")
        var result = Self.result(try await store.loadWork(for: claim), id: id, key: key, score: 80, now: now)
        let ada = Person(id: "u1", displayName: "Ada")
        for number in 1...3 {
            let (comment, change) = (CommentID("\(number)"), ChangeID("\(number)/0"))
            result.state.comments[comment] = Comment(
                id: comment, author: ada, body: "Blocked again \(number)", created: now, updated: now)
            result.state.changes[change] = Change(
                id: change, at: now, author: ada, field: "status", from: "1", fromString: "Open", to: "2",
                toString: "Doing")
        }
        result.state.fields.key = Versioned(key, Version(at: now, sentAt: now))
        result.statuses = [
            StatusRecord(Status(id: "1", name: "Open", category: .new), toldOn: now.utcDay),
            StatusRecord(Status(name: "Doing", category: .indeterminate), toldOn: now.utcDay),
        ].compactMap(\.self)
        result.project = ProjectRecord(id: "10100", key: "PAY", isGone: false, toldAt: now)
        result.state.fields.sprints = Versioned([Self.sprint], Version(at: now, sentAt: now))
        result.state.isDeleted = isDeleted
        result.sprintRecords = try await store.sprintRecords(tenantID: tenant, sprintIDs: [Self.sprint.id])
        result.analysis?.engine.model = model
        for index in result.history.indices { result.history[index].analysis.engine.model = model }
        result.newReadings = [ContentHash("reading of \(id)"): SentimentReading(label: .negative, score: 0.75)]
        if let rule {
            result.decision = try await decision(
                AlertFixture.alert(tenant: tenant, rule: rule, score: 80, at: now),
                states: [AlertState(ruleID: rule.id, isFiring: true, since: now, score: 80)])
        }
        try await store.commit(result, for: claim)
    }

    @discardableResult
    func take(
        _ routing: WebhookDelivery.Routing, _ id: String, of tenant: TenantID, at now: Timestamp, body: String? = nil
    ) async throws -> InboxOutcome {
        var delivery = Self.delivery(id, of: tenant, at: now)
        if let body { delivery.body = Array(body.utf8) }
        delivery.routing = routing
        return try await store.inbox.append(delivery)
    }

    private static let commentOfTheErased = """
        {"comment": {"id": "77", "author": {"accountId": "557058:gone", "displayName": "Gone"}, "body": "So long.",
         "created": "2025-10-01T10:00:00.000Z", "updated": "2025-10-01T10:00:00.000Z"}}
        """
    private static let sprint = Sprint(id: "7", name: "Sprint 7", state: "active")

    /// Every table with rows of tenants, as the schema has it.
    func tenantTables() async throws -> [String] {
        try await store.driver.read { connection in
            try connection.query(
                Self.isShared
                    ? """
                    SELECT c.table_name::text FROM information_schema.columns AS c JOIN information_schema.tables AS t
                        ON t.table_schema = c.table_schema AND t.table_name = c.table_name AND t.table_type = 'BASE TABLE'
                    WHERE c.table_schema = current_schema() AND c.column_name = 'tenant_id' ORDER BY 1
                    """
                    : """
                    SELECT m.name FROM sqlite_master AS m JOIN pragma_table_info(m.name) AS c ON c.name = 'tenant_id'
                    WHERE m.type = 'table' ORDER BY m.name
                    """, []
            ).map { try $0.text(0) }
        }
    }

    /// How many rows of a tenant each of these tables has.
    func rowCounts(of tenant: TenantID) async throws -> [String: Int] {
        let tables = try await tenantTables()
        return try await store.driver.read { connection in
            try tables.reduce(into: [:]) { counts, table in
                counts[table] = try connection.first(
                    "SELECT COUNT(*) FROM \(table) WHERE tenant_id = ?", [.tenant(tenant)])?.integer(0)
            }
        }
    }

    /// A number that a query answers.
    func count(_ sql: String, _ arguments: [SQLValue] = []) async throws -> Int {
        try await store.driver.read { try $0.first(sql, arguments)?.integer(0) ?? 0 }
    }
}
