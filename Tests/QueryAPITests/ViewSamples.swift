import Domain
import Foundation
import Testing

@testable import Alerts
@testable import Queries
@testable import QueryAPI

/// What an endpoint may return, encoded as it is returned: with everything that can be there, and with nothing that can be
/// absent or null.
struct ViewSamples: Sendable, CustomTestStringConvertible {
    /// The name of its schema.
    var schema: String
    var values: [JSONValue]

    var testDescription: String { schema }

    init(_ schema: String, _ views: any Encodable & Sendable...) {
        let encoder = JSONEncoder()
        encoder.keyEncodingStrategy = .convertToSnakeCase
        self.schema = schema
        // What cannot be encoded is missing here, and so differs from its schema.
        values = views.map { view in
            (try? JSONDecoder().decode(JSONValue.self, from: encoder.encode(view))) ?? .null
        }
    }

    static var all: [ViewSamples] {
        host + audit + tenants + plans + [accountMails] + people + jira + analyses + [differences] + whatIfs + rollups
            + alerts
            + forecasts + ruleTrials + writeBacks
    }

    // MARK: The host

    private static var host: [ViewSamples] {
        func health(_ status: HealthReport.Status, _ figures: StoreFigures?) -> HealthView {
            HealthView(
                HealthReport(
                    status: status,
                    components: [
                        "store": .init(status: status, detail: "It answers."),
                        "sentiment": .init(status: .degraded, detail: "No model.", reason: .modelMissing),
                    ],
                    figures: figures, engine: EngineIdentity(scorer: "classic-1", model: "wordlist-1")),
                version: "1.2.3")
        }
        func figures(lastEventAt: Timestamp?) -> StoreFigures {
            StoreFigures(
                pendingEvents: 1, rejectedEvents: 2, dueIssues: 3, parkedIssues: 4, queuedDeliveries: 5,
                deadDeliveries: 6, lastEventAt: lastEventAt)
        }
        return [
            ViewSamples("Root", RootView(version: "1.2.3")),
            ViewSamples("Message", MessageView(message: "Issue queued")),
            ViewSamples("Deletion", DeletionView(message: "Tenant deleted", deletesAt: testNow)),
            errors,
            ViewSamples(
                "Health", health(.unhealthy, nil), health(.degraded, figures(lastEventAt: nil)),
                health(.healthy, figures(lastEventAt: testNow))),
            ViewSamples(
                "Diagnosis",
                DiagnosisView([
                    DiagnosticCheck("store", .ok, "It answers."),
                    DiagnosticCheck("jira", .failed, "It does not answer.", remedy: "Set a new token."),
                ]), DiagnosisView([DiagnosticCheck("store", .warning, "The disk is almost full.")])),
        ]
    }

    // MARK: Tenants

    private static func tenant(_ plan: Plan, trialEndsAt: Timestamp?) -> Tenant {
        Tenant(
            id: TenantID(UUID()), companyName: "Acme", jiraURL: "https://acme.example", jiraEmail: "it@acme.example",
            plan: plan, status: .trial, limits: plan.limits, dailyRatePerPerson: 2500.5, createdAt: testNow,
            updatedAt: testNow, trialEndsAt: trialEndsAt)
    }

    private static var plainKey: TenantAPIKey {
        TenantAPIKey(
            id: UUID(), name: "first key", role: .owner, prefix: nil, fingerprint: "0123456789ab", createdAt: testNow,
            createdBy: "operator")
    }

    private static var endingKey: TenantAPIKey {
        TenantAPIKey(
            id: UUID(), name: "CI", role: .viewer, prefix: "cslk_abcdef", fingerprint: "0123456789ab",
            createdAt: testNow, createdBy: "api-key:0123456789ab", expiresAt: testNow, lastUsedAt: testNow,
            replacedBy: UUID())
    }

    private static var tenants: [ViewSamples] {
        var limited = tenant(.starter, trialEndsAt: testNow)
        limited.deletesAt = testNow
        let unlimited = tenant(.enterprise, trialEndsAt: nil)
        let secrets = CreatedTenantView.Secrets(apiKey: "key", webhookSecret: "secret", webhookURL: "https://a.example")
        let (used, month) = (UsageCount(issue: 3, sprint: 2, portfolio: 1), CalendarMonth(containing: testNow))
        return [
            ViewSamples("Tenant", TenantView(limited), TenantView(unlimited)),
            ViewSamples(
                "CreatedTenant", CreatedTenantView(tenant: TenantView(limited), secrets: secrets),
                CreatedTenantView(tenant: TenantView(unlimited), secrets: secrets)),
            ViewSamples(
                "Usage", UsageView(limited, used: used, month: month), UsageView(unlimited, used: used, month: month)),
            ViewSamples("APIKey", APIKeyView(apiKey: "key")),
            ViewSamples("TenantAPIKey", TenantAPIKeyView(plainKey), TenantAPIKeyView(endingKey)),
            ViewSamples(
                "MadeAPIKey", TenantAPIKeyView(plainKey, text: "key"), TenantAPIKeyView(endingKey, text: "key")),
            ViewSamples(
                "APIKeyRotation",
                APIKeyRotationView(new: TenantAPIKeyView(plainKey, text: "key"), old: TenantAPIKeyView(endingKey)),
                APIKeyRotationView(new: TenantAPIKeyView(endingKey, text: "key"), old: TenantAPIKeyView(plainKey))),
            ViewSamples(
                "WebhookSecret", WebhookSecretView(id: UUID(), createdAt: testNow, secret: "secret"),
                WebhookSecretView(id: UUID(), createdAt: testNow, expiresAt: testNow)),
            ViewSamples(
                "AutomationToken",
                AutomationTokenView(
                    AutomationTokenInfo(id: UUID(), createdAt: testNow), token: "token", url: "https://a.example"),
                AutomationTokenView(AutomationTokenInfo(id: UUID(), createdAt: testNow, expiresAt: testNow))),
        ]
    }

    // MARK: Jira

    private static var jira: [ViewSamples] {
        let webhook = ScriptedAdministration.webhook
        func access(_ reason: String?, _ instant: Timestamp?) -> JiraAccessView {
            JiraAccessView(
                JiraAccessStatus(
                    stoppedReason: reason, stoppedAt: instant, lastError: reason, sweptAt: instant,
                    fullySweptAt: instant, missed: 1, healed: 1, deleted: 0, hidden: 0, calls: 9, waiting: 0,
                    unavailable: 0), isEnabled: true)
        }
        func backfill(error: String?, finishedAt: Timestamp?) -> BackfillView {
            BackfillView(
                Backfill(
                    id: UUID(), tenantID: TenantID(UUID()), jql: "project = ENG",
                    state: error == nil ? .running : .failed, error: error, createdAt: testNow, finishedAt: finishedAt))
        }
        return [
            ViewSamples("JiraAccess", access("account refused", testNow), access(nil, nil)),
            ViewSamples(
                "Backfill", backfill(error: "Jira refused the query.", finishedAt: testNow),
                backfill(error: nil, finishedAt: nil)),
            ViewSamples(
                "WebhookOverview",
                WebhookOverviewView(WebhookOverview(url: webhook.url, own: [webhook], others: ["CI"]))),
            ViewSamples(
                "WebhookRegistration",
                WebhookRegistrationView(WebhookRegistration(webhook: webhook, isNew: true, doubles: [webhook]))),
            ViewSamples(
                "WebhookSecretRotation",
                WebhookSecretRotationView(
                    WebhookSecretRotation(secretID: UUID(), webhookIDs: ["17"], formerValidUntil: testNow))),
            ViewSamples(
                "WebhookTest",
                WebhookTestView(
                    WebhookTest(
                        url: webhook.url, hasArrived: true, status: 202, detail: "It arrived.", milliseconds: 3)),
                WebhookTestView(
                    WebhookTest(
                        url: webhook.url, hasArrived: false, status: nil, detail: "No answer.", milliseconds: 3))),
            ViewSamples(
                "WebhookEvent", WebhookEventView(webhookEvent(issueID: "10001", error: "no issue in the body")),
                WebhookEventView(webhookEvent(issueID: nil, error: nil))),
            ViewSamples("RetriedEvents", RetriedEventsView(retried: 2)),
        ]
    }

    private static func webhookEvent(issueID: IssueID?, error: String?) -> WebhookEventRecord {
        WebhookEventRecord(
            id: 1, deliveryID: "delivery-1", event: "jira:issue_updated", issueID: issueID,
            state: error == nil ? .pending : .rejected, error: error, receivedAt: testNow)
    }

    // MARK: Issues

    /// An analysis with evidence, and with all that may be absent.
    static var wholeAnalysis: Analysis {
        let evidence = [
            Evidence(kind: .comment, id: "1", at: testNow, note: "It says it is blocked.", author: "Ada"),
            Evidence(kind: .field, id: "duedate"),
        ]
        var analysis = Fixture.listing("ENG-1", score: 74).analysis
        for index in analysis.factors.indices { analysis.factors[index].evidence = evidence }
        analysis.factors[0].remedy = "Resolve the blocker."
        analysis.blockers = evidence.map {
            Blocker(author: "Dana Moreau", date: testNow, snippet: "blocked", categories: ["vendor"], evidence: $0)
        }
        analysis.blockers[0].furtherEvidence = evidence
        analysis.blockers[0].unansweredSince = testNow
        analysis.dependencies = Dependencies(blocks: ["ENG-2"], blockedBy: ["ENG-3"], relatesTo: ["ENG-4"])
        analysis.nextChangeAt = testNow
        analysis.sentiment.notJudged = ["French": 1]
        analysis.restrictions = Restrictions(securityLevel: "Board only", withheldComments: 2)
        return analysis
    }

    /// A forecast of the tenant's own model with all that may be in it.
    static var numbers: IssueForecast {
        let explanation = IssueForecast.Explanation(
            typical: 55, parts: [.init(group: "age", points: 25, text: "open for 80 days")], other: 0)
        return IssueForecast(
            modelID: "m1", asOf: testNow, finished: 300, agePercentile: 80,
            answers: [
                .init(
                    question: .due, deadline: testNow.adding(days: 3), rung: .own, probability: 0.81,
                    tenth: .init(issues: 40, late: 33), later: [.init(days: 7, percent: 60)],
                    blockersClosed: .init(percent: 70, samples: 143, late: 87), explanation: explanation),
                .init(
                    question: .sprint, deadline: testNow.adding(days: -3), rung: .own, probability: 1, lateByDays: 4),
                .init(question: .usual, deadline: testNow.adding(days: 9), rung: .age, probability: 0.5),
            ], p50At: testNow, p85At: testNow)
    }

    /// One with little evidence.
    static var levels: IssueForecast {
        let missing = [MissingEvidence(.finishedIssues, have: 120, need: 200)].compactMap(\.self)
        return IssueForecast(
            modelID: "prior", asOf: testNow, finished: 120, agePercentile: 10,
            answers: [ForecastQuestion.due, .sprint].map {
                .init(question: $0, deadline: testNow.adding(days: 3), rung: .prior, missing: missing, probability: 0.9)
            })
    }

    private static var analyses: [ViewSamples] {
        var bare = Fixture.listing("ENG-2", score: 20)
        (bare.issue.status, bare.issue.assignee) = (nil, nil)
        (bare.issue.priority, bare.issue.dueDate) = (nil, nil)
        bare.analysis.capacity.assigneeLocation = nil
        var listing = Fixture.listing("ENG-1", score: 74)
        listing.issue.securityLevel = "Board only"
        var restrictedAnalysis = wholeAnalysis
        restrictedAnalysis.restrictions = Restrictions(securityLevel: nil, withheldComments: 1)
        func comparison(
            of analysis: Analysis, _ forecast: IssueForecast? = nil, isOver: Bool = false
        ) -> IssueAnalyses.Comparison {
            IssueAnalyses.Comparison(
                analysis: analysis,
                similarIssues: [
                    SimilarIssue(
                        key: "ENG-9", projectKey: "ENG", summary: "Checkout is slow", status: "Done", isDone: true,
                        tookDays: 12, ageDays: nil),
                    SimilarIssue(
                        key: "PAY-3", projectKey: "PAY", summary: "Checkout hangs", status: "To Do", isDone: false,
                        tookDays: nil, ageDays: 3),
                ],
                teamBaseline: TeamBaseline(avgAgeDays: 12.5, avgComments: 3.5), isOver: isOver, forecast: forecast,
                links: [], state: IssueState(id: "10001"))
        }
        let entry = HistoryEntry(
            id: "ENG-1-1", issueKey: "ENG-1", projectKey: "ENG", riskScore: 74, dailyCost: 3600.5, blockerCount: 1,
            sentimentNegativePct: 33.3, analyzedAt: testNow)
        listing.forecast = try? ForecastRecord(numbers, of: "10001")
        bare.issue.status = Status(id: "6", name: "Done", category: .done)
        var (unlisted, levelled) = (bare, listing)
        (unlisted.issue.status, levelled.forecast) = (nil, try? ForecastRecord(levels, of: "10001"))
        func report(_ forecast: IssueForecast?, isOver: Bool) -> ReportView {
            ReportView(
                IssueAnalyses.Report(
                    analysis: listing.analysis, text: "High risk.", isOver: isOver, forecast: forecast),
                template: "executive")
        }
        return [
            ViewSamples(
                "Report", report(numbers, isOver: false), report(levels, isOver: false), report(nil, isOver: false),
                report(nil, isOver: true)),
            ViewSamples(
                "RawAnalysis", RawAnalysisView(comparison(of: wholeAnalysis, numbers)),
                RawAnalysisView(comparison(of: restrictedAnalysis, levels)),
                RawAnalysisView(comparison(of: bare.analysis)),
                RawAnalysisView(comparison(of: bare.analysis, isOver: true)),
                RawAnalysisView(
                    comparison(of: bare.analysis), past: past(comparison(of: bare.analysis), stored: wholeAnalysis)),
                RawAnalysisView(
                    comparison(of: bare.analysis), past: past(comparison(of: bare.analysis), stored: nil))),
            ViewSamples("HistoryEntry", HistoryView(entry)),
            ViewSamples(
                "Trends",
                TrendsView(IssueAnalyses.Trend(projectKey: "ENG", entries: [entry], direction: "stable"), of: "ENG-1")),
            ViewSamples(
                "Issue", IssueView(listing, site: "https://acme.example"),
                IssueView(levelled, site: "https://acme.example"), IssueView(unlisted, site: "https://acme.example"),
                IssueView(bare, site: "https://acme.example")),
            ViewSamples(
                "ParkedIssue",
                ParkedIssueView(
                    ParkedIssue(
                        issueID: "10001", issueKey: "ENG-1", lastError: "timed out", attempts: 8, parkedAt: testNow)
                ),
                ParkedIssueView(
                    ParkedIssue(issueID: "10002", issueKey: nil, lastError: "timed out", attempts: 8, parkedAt: testNow)
                )
            ),
        ]
    }

    // MARK: Roll-ups

    private static var rollups: [ViewSamples] {
        let capacity = RollupCapacity(totalDailyCost: 3600.5, totalPersonDaysLostPerDay: 0.5)
        let rollup = SprintRollup(
            counts: .init(
                issues: 1, blockers: 1, highRisk: 1, mediumRisk: 0, lowRisk: 0, staleFor5Days: 1, staleFor10Days: 0),
            risk: .init(avg: 74.5, max: 74, highRiskKeys: ["ENG-1"]), capacity: capacity,
            blockersByCategory: ["vendor": 1])
        let part = SprintScope.Part([.init(key: "ENG-1", storyPoints: 2.5), .init(key: "ENG-2", storyPoints: nil)])
        let (whole, bare) = (
            Sprint(
                id: "7", name: "Sprint 7", state: "closed", startDate: testNow, endDate: testNow,
                completeDate: testNow), Sprint(id: "8", name: "Sprint 8", state: "future")
        )
        func sprint(_ sprint: Sprint, other: Sprint) -> SprintAnalysisView {
            SprintAnalysisView(
                SprintAnalysis(
                    projectKey: "ENG", sprint: sprint, otherSprints: [other], coverage: .whole, openIssueCount: 2,
                    rollup: rollup,
                    scope: SprintScope(
                        committed: part, added: part, removed: part, completed: part, notCompleted: part),
                    outlook: ForecastOutlook(
                        .sprint, of: sprint.state == "future" ? [levels] : [numbers, nil], countsAll: true),
                    summary: "One issue is at risk.", asOf: testNow))
        }
        let portfolio = PortfolioRollup(
            counts: .init(issues: 1, blockers: 1, highRisk: 1, projects: 1), risk: .init(avg: 74.5, max: 74),
            capacity: capacity, blockersByCategory: ["vendor": 1], issuesByProject: ["ENG": 1],
            topHighRisk: [
                .init(key: "ENG-1", risk: 74, status: "Open", assignee: "Dana Moreau", summary: "Checkout times out")
            ])
        let slice = PortfolioAnalysis.Slice(
            name: "Shop", jql: "project = ENG", coverage: .asked, rollup: portfolio,
            outlooks: [
                ForecastOutlook(.due, of: [numbers], countsAll: false),
                ForecastOutlook(.due, of: [levels], countsAll: false),
            ])
        return [
            ViewSamples("SprintAnalysis", sprint(whole, other: bare), sprint(bare, other: whole)),
            ViewSamples(
                "PortfolioAnalysis",
                PortfolioView(
                    PortfolioAnalysis(
                        slices: [slice], overall: portfolio, outlooks: slice.outlooks, summary: "One issue is at risk.",
                        asOf: testNow))),
        ]
    }

    // MARK: Alerts

    private static var alerts: [ViewSamples] {
        func record(previousScore: Int?) -> AlertRecord {
            var alert = Fixture.alert("ENG-1", tenantID: TenantID(UUID()))
            if case .issue(var issue) = alert.subject {
                (issue.factors, issue.previousScore) = (wholeAnalysis.factors, previousScore)
                alert.subject = .issue(issue)
            }
            return AlertRecord(
                alert: alert,
                deliveries: [
                    AlertRecord.Delivery(
                        id: UUID(), channelID: UUID(), channelName: "Team", channelKind: .slack,
                        recipient: "ana@example.com", state: .dead, attempts: 8, lastError: "the channel answered 404",
                        nextAttemptAt: testNow,
                        deliveredAt: testNow)
                ])
        }
        var whole = record(previousScore: 61)
        whole.silenceID = UUID()
        (whole.acknowledgedAt, whole.acknowledgedBy) = (testNow, "link to Team")
        var bare = record(previousScore: nil)
        bare.deliveries[0].channelKind = nil
        bare.deliveries[0].recipient = nil
        bare.deliveries[0].lastError = nil
        bare.deliveries[0].nextAttemptAt = nil
        bare.deliveries[0].deliveredAt = nil
        func rule(_ condition: AlertRule.Condition) -> RuleView {
            RuleView(
                AlertRule(id: UUID(), name: "Rule", condition: condition, projectKeys: ["ENG"], channelIDs: [UUID()]))
        }
        let channel = AlertChannel(id: UUID(), kind: .slack, name: "Team", target: "")
        let mailChannel = AlertChannel(id: UUID(), kind: .email, name: "Leads", target: "")
        var quiet = channel
        quiet.quietHours = QuietHours(
            timeZone: "Europe/Warsaw", spans: [.init(weekdays: [1], from: 0, to: 420)],
            dates: [CalendarDay(daysSinceEpoch: 20_000)], breakthrough: .high)
        var plainQuiet = quiet
        plainQuiet.quietHours?.breakthrough = nil
        var reported = channel
        reported.digest = DigestSchedule(
            every: .week, minute: 480, timeZone: "UTC", weekday: .monday, projectKeys: ["ENG"])
        var daily = channel
        daily.digest = DigestSchedule(every: .day, minute: 480, timeZone: "UTC", saysWhenEmpty: true)
        func shown(
            _ channel: AlertChannel, _ destination: String = "", recipients: [MailRecipients.Entry] = [],
            secret: String? = nil
        ) -> AlertChannels.Shown {
            AlertChannels.Shown(
                channel: channel, destination: destination, recipients: recipients, signingSecret: secret)
        }
        let matchers = [AlertMatcher(name: .project, values: ["ENG"])]
        let leaf = AlertRoute(
            matchers: matchers, channelIDs: [UUID()], groupBy: .issue, groupWait: 1, groupInterval: 2, repeatInterval: 3
        )
        let middle = AlertRoute(
            matchers: matchers, channelIDs: [UUID()], groupBy: .issue, groupWait: 1, groupInterval: 2,
            repeatInterval: 3,
            routes: [leaf])
        let tree = AlertRoute(
            matchers: matchers, channelIDs: [UUID()], groupBy: .project, groupWait: 1, groupInterval: 2,
            repeatInterval: 3,
            routes: [middle])
        let silence = AlertSilence(
            id: UUID(), matchers: [AlertMatcher(name: .project, values: ["ENG"])], startsAt: testNow,
            endsAt: testNow.adding(days: 1), createdBy: "operator", reason: "Release", createdAt: testNow)
        return [
            ViewSamples("Alert", AlertView(whole, open: { $0 }), AlertView(bare, open: { $0 })),
            ViewSamples(
                "AlertRule", rule(.threshold(raiseAt: 70, clearBelow: 60)), rule(.spike(points: 20, windowSeconds: 60)),
                rule(.forecast(question: .due, raiseAt: 70, clearBelow: 60))),
            ViewSamples(
                "AlertChannel", ChannelView(shown(channel, "hooks.example")),
                ChannelView(shown(quiet)), ChannelView(shown(plainQuiet)),
                ChannelView(shown(channel, secret: "whsec_")), ChannelView(shown(reported)),
                ChannelView(shown(daily)),
                ChannelView(
                    shown(
                        mailChannel, "a@b.example",
                        recipients: [
                            MailRecipients.Entry(
                                address: "a@b.example", state: .confirmed, changedAt: testNow,
                                confirmationSentAt: testNow),
                            MailRecipients.Entry(
                                address: "c@b.example", state: .unconfirmed, changedAt: nil, confirmationSentAt: nil),
                        ]))),
            ViewSamples("QueuedDigest", QueuedDigestView(alertId: "\(UUID())")),
            ViewSamples(
                "Digest", DigestPayload(digest(isWhole: true)), DigestPayload(digest(isWhole: false)),
                DigestPayload(reviewedDigest)),
            ViewSamples(
                "Acknowledgement",
                AcknowledgementView(Acknowledgement(at: testNow, by: "operator"), of: UUID())),
            ViewSamples(
                "AlertChannelTest", ChannelTestView([]),
                ChannelTestView([
                    ChannelTest.Result(recipient: "a@b.example", attempt: .accepted),
                    ChannelTest.Result(recipient: nil, attempt: .permanent(reason: "no")),
                ])),
            ViewSamples("Silence", SilenceView(silence, at: testNow)),
            ViewSamples("LoginLink", LoginLinkView(url: "https://a.example/dashboard/links/x", expiresAt: testNow)),
            ViewSamples("AlertRoute", RouteView(tree), RouteView(AlertRoute(routes: [AlertRoute()]))),
        ]
    }

    /// A digest of issues with all that may be said of them, or with no more than must be.
    private static func digest(isWhole: Bool) -> DigestContent {
        let line = DigestContent.Line(
            key: "ENG-1", summary: "Checkout times out", score: 74, previousScore: isWhole ? 60 : nil,
            cause: isWhole ? "It is old." : nil, forecast: isWhole ? "late" : nil,
            dueDate: isWhole ? CalendarDay(daysSinceEpoch: 20_000) : nil)
        let open = RiskCounts(high: 1)
        return DigestContent(
            every: isWhole ? .week : .day, timeZone: "UTC", from: testNow, to: testNow, asOf: testNow,
            siteURL: "https://acme.example", projectKeys: ["ENG"], open: open, riskiest: [line], risen: [line],
            fallen: [line], due: [line], dueCount: 1,
            sprints: [
                .init(
                    name: "Sprint 7", endsAt: isWhole ? testNow : nil, open: open, expectedLate: isWhole ? 1.5 : nil,
                    outlook: isWhole ? "one late" : nil)
            ], silenced: [.init(reason: "Release", createdBy: "operator", alerts: 2)],
            undelivered: [.init(channel: "Team", reason: "gone", deliveries: 1)],
            days: [.init(at: testNow, open: open)],
            rules: isWhole ? ruleReview : nil)
    }

    private static var reviewedDigest: DigestContent {
        var digest = digest(isWhole: false)
        digest.rules = DigestContent.RuleReview(lastDays: 90)
        return digest
    }

    private static var ruleReview: DigestContent.RuleReview {
        let advice = [
            RuleAdvice(kind: .raise, field: "raise_at", value: 80, sentence: "Raise it."),
            RuleAdvice(kind: .narrow, field: nil, value: nil, sentence: "Narrow it."),
        ]
        return DigestContent.RuleReview(
            lastDays: 90,
            changes: advice.map {
                DigestContent.RuleLine(
                    name: "High risk", advice: $0, raised: 20, precision: Proportion(1, of: 4),
                    noise: Proportion(12, of: 20), recall: Proportion(1, of: 3))
            }, failure: "the log has the reason")
    }
}
