import Domain
import Foundation
import Testing

@testable import Store

/// What rows hold, as consilod wrote it at each version of a form. A fixture of a version that was released is never edited.
enum StoredFixture {
    static func text(_ name: String, version: Int) throws -> String {
        let file = try #require(
            Bundle.module.url(forResource: name, withExtension: "json", subdirectory: "Fixtures/v\(version)"))
        return try String(contentsOf: file, encoding: .utf8)
    }

    static func read<Form: StoredRow>(_ name: String, version: Int, as form: Form.Type) throws -> Form.Value {
        try SQLRow(values: [.text(try text(name, version: version))]).stored(0, as: form)
    }
}

@Suite struct StoredFormTests {
    private static let states = [
        "state-full": StoredSamples.fullState, "state-emptied": StoredSamples.emptiedState,
        "state-bare": StoredSamples.bareState,
    ]
    private static let analyses = [
        "analysis-standard": StoredSamples.standardAnalysis, "analysis-classic": StoredSamples.classicAnalysis,
    ]
    /// What has keys that rows of version 0 lack.
    private static let newerStates = [
        "state-identified": StoredSamples.identifiedState, "state-context": StoredSamples.contextState,
    ]
    private static let newerAnalyses = [
        "analysis-partly-judged": StoredSamples.partlyJudgedAnalysis, "analysis-blocked": StoredSamples.blockedAnalysis,
        "analysis-restricted": StoredSamples.restrictedAnalysis,
    ]
    private static let alerts = [
        "alert-threshold": StoredSamples.thresholdAlert, "alert-resolved": StoredSamples.resolvedAlert,
        "alert-spike": StoredSamples.spikeAlert, "alert-access": StoredSamples.accessAlert,
    ]
    private static let newerAlerts = [
        "alert-labelled": StoredSamples.labelledAlert, "alert-forecast": StoredSamples.forecastAlert,
        "alert-digest": StoredSamples.digestAlert, "alert-digest-rules": StoredSamples.reviewedDigestAlert,
        "alert-digest-no-rules": StoredSamples.unreviewedDigestAlert,
    ]
    private static let newerRules = ["rule-forecast": StoredSamples.forecastRule]
    private static let forecasts = [
        "forecast": StoredSamples.forecast, "forecast-bare": StoredSamples.bareForecast,
    ]
    private static let rules = [
        "rule-threshold": StoredSamples.thresholdRule, "rule-spike": StoredSamples.spikeRule,
    ]

    @Test(arguments: [0, 1]) func everyVersionIsRead(version: Int) throws {
        for (name, state) in Self.states {
            #expect(try StoredFixture.read(name, version: version, as: StoredIssueState.self) == state)
        }
        for (name, analysis) in Self.analyses {
            #expect(try StoredFixture.read(name, version: version, as: StoredAnalysis.self) == analysis)
        }
        for (name, alert) in Self.alerts {
            #expect(try StoredFixture.read(name, version: version, as: StoredAlert.self) == alert)
        }
        for (name, rule) in Self.rules {
            #expect(try StoredFixture.read(name, version: version, as: StoredAlertRule.self) == rule)
        }
        #expect(
            try StoredFixture.read("custom-fields", version: version, as: StoredCustomFields.self)
                == StoredSamples.customFields)
    }

    @Test func laterKeysAreRead() throws {
        for (name, state) in Self.newerStates {
            #expect(try StoredFixture.read(name, version: 1, as: StoredIssueState.self) == state)
        }
        for (name, analysis) in Self.newerAnalyses {
            #expect(try StoredFixture.read(name, version: 1, as: StoredAnalysis.self) == analysis)
        }
        for (name, alert) in Self.newerAlerts {
            #expect(try StoredFixture.read(name, version: 1, as: StoredAlert.self) == alert)
        }
        for (name, rule) in Self.newerRules {
            #expect(try StoredFixture.read(name, version: 1, as: StoredAlertRule.self) == rule)
        }
        #expect(try StoredFixture.read("route", version: 1, as: StoredAlertRoute.self) == StoredSamples.route)
        #expect(
            try StoredFixture.read("route-repeated", version: 1, as: StoredAlertRoute.self)
                == StoredSamples.repeatedRoute)
        #expect(try StoredFixture.read("silence", version: 1, as: StoredAlertSilence.self) == StoredSamples.silence)
        #expect(
            try StoredFixture.read("quiet-hours", version: 1, as: StoredQuietHours.self) == StoredSamples.quietHours)
        #expect(
            try StoredFixture.read("digest-schedule", version: 1, as: StoredDigestSchedule.self)
                == StoredSamples.digestSchedule)
    }

    @Test func theNewestVersionIsWrittenByteForByte() throws {
        func expect<Form: StoredRow>(_ values: [String: Form.Value], _ form: Form.Type) throws {
            for (name, value) in values {
                #expect(
                    try SQLValue.stored(value, as: form) == .text(StoredFixture.text(name, version: 1)), "\(name)")
            }
        }
        try expect(Self.states, StoredIssueState.self)
        try expect(Self.analyses, StoredAnalysis.self)
        try expect(Self.newerStates, StoredIssueState.self)
        try expect(Self.newerAnalyses, StoredAnalysis.self)
        try expect(Self.alerts, StoredAlert.self)
        try expect(Self.newerAlerts, StoredAlert.self)
        try expect(
            ["route": StoredSamples.route, "route-repeated": StoredSamples.repeatedRoute], StoredAlertRoute.self)
        try expect(["silence": StoredSamples.silence], StoredAlertSilence.self)
        try expect(["quiet-hours": StoredSamples.quietHours], StoredQuietHours.self)
        try expect(["digest-schedule": StoredSamples.digestSchedule], StoredDigestSchedule.self)
        try expect(Self.rules, StoredAlertRule.self)
        try expect(Self.newerRules, StoredAlertRule.self)
        try expect(["custom-fields": StoredSamples.customFields], StoredCustomFields.self)
    }

    /// The store keeps the text as it is; its form is that of the value.
    @Test func aForecastIsReadAndWrittenByteForByte() throws {
        for (name, forecast) in Self.forecasts {
            let text = try StoredFixture.text(name, version: 1)
            #expect(try CanonicalJSON.decode(IssueForecast.self, from: Data(text.utf8)) == forecast)
            #expect(String(decoding: try CanonicalJSON.encode(forecast), as: UTF8.self) == text)
        }
    }

    /// The fixtures hold the factors of their time.
    @Test func everyFactorIsReadAsItWasWritten() throws {
        var analysis = StoredSamples.standardAnalysis
        analysis.factors = Factor.Name.allCases.map { Factor(name: $0, points: 0, cap: 9, explanation: "No.") }
        let row = SQLRow(values: [try SQLValue.stored(analysis, as: StoredAnalysis.self)])
        #expect(try row.stored(0, as: StoredAnalysis.self).factors == analysis.factors)
    }

    @Test func aNewerVersionIsRefusedAndNamed() throws {
        let newer = try StoredFixture.text("rule-spike", version: 1).replacing(#""v":1"#, with: #""v":2"#)
        let error = #expect(throws: StorageError.self) {
            try SQLRow(values: [.text(newer)]).stored(0, as: StoredAlertRule.self)
        }
        #expect(error?.code == .corrupt)
        #expect(error?.message.contains("version 2") == true)
        #expect(error?.message.contains("up to 1") == true)
    }

    @Test(arguments: ["{}", "[]", "", #"{"v":"1"}"#, #"{"v":-1}"#, #"{"condition":{}}"#])
    func whatIsNotAFormIsCorrupt(json: String) {
        let error = #expect(throws: StorageError.self) {
            try SQLRow(values: [.text(json)]).stored(0, as: StoredAlertRule.self)
        }
        #expect(error?.code == .corrupt)
    }

    /// A new property with a default compiles without a member in the form; this finds it without a value in the fixtures,
    /// and with one the fixtures tell that it is not stored.
    @Test func everyOptionalPropertyHasAValueInAFixture() {
        var properties = OptionalProperties()
        for state in Self.states.values { properties.visit(state) }
        for analysis in Self.analyses.values { properties.visit(analysis) }
        for state in Self.newerStates.values { properties.visit(state) }
        for analysis in Self.newerAnalyses.values { properties.visit(analysis) }
        for alert in Self.alerts.values { properties.visit(alert) }
        for alert in Self.newerAlerts.values { properties.visit(alert) }
        properties.visit(StoredSamples.route)
        properties.visit(StoredSamples.repeatedRoute)
        properties.visit(StoredSamples.quietHours)
        properties.visit(StoredSamples.digestSchedule)
        for rule in Self.rules.values { properties.visit(rule) }
        for rule in Self.newerRules.values { properties.visit(rule) }
        for forecast in Self.forecasts.values { properties.visit(forecast) }
        properties.visit(StoredSamples.customFields)
        #expect(properties.filled.count > 20)
        #expect(properties.empty.subtracting(properties.filled) == [])
    }

    /// The words of the enumerations are part of the rows.
    @Test func theWordsOfEnumerationsStay() {
        let words: [(String, String)] = [
            (Alert.Kind.threshold.rawValue, "threshold"), (Alert.Kind.spike.rawValue, "spike"),
            (Alert.Kind.forecast.rawValue, "forecast"), (Alert.Kind.access.rawValue, "access"),
            (Alert.Kind.digest.rawValue, "digest"),
            (Alert.Event.raised.rawValue, "raised"),
            (Alert.Event.resolved.rawValue, "resolved"), (RiskBand.high.rawValue, "high"),
            (RiskBand.medium.rawValue, "medium"), (RiskBand.low.rawValue, "low"),
            (Evidence.Kind.comment.rawValue, "comment"), (Evidence.Kind.change.rawValue, "change"),
            (Evidence.Kind.link.rawValue, "link"), (Evidence.Kind.field.rawValue, "field"),
            (IssueLink.Relation.blocks.rawValue, "blocks"), (IssueLink.Relation.blockedBy.rawValue, "blocked_by"),
            (IssueLink.Relation.relatesTo.rawValue, "relates_to"), (IssuePresence.present.rawValue, "present"),
            (IssuePresence.hidden.rawValue, "hidden"), (IssuePresence.deleted.rawValue, "deleted"),
        ]
        for (word, stored) in words { #expect(word == stored) }
        #expect(Status.Category.allCases.map(\.rawValue) == ["new", "indeterminate", "done"])
        #expect(ForecastQuestion.allCases.map(\.rawValue) == ["usual", "due", "sprint"])
        #expect(ForecastRung.allCases.map(\.rawValue) == ["percentile", "prior", "age", "own"])
        #expect(DigestSchedule.Period.allCases.map(\.rawValue) == ["day", "week"])
        #expect(
            DigestSchedule.Weekday.allCases.map(\.rawValue)
                == ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"])
        #expect(RuleAdvice.Kind.allCases.map(\.rawValue) == ["too_few", "raise", "narrow", "lower", "keep"])
        #expect(SentimentLabel.allCases.map(\.rawValue) == ["positive", "negative", "neutral"])
        #expect(
            Factor.Name.allCases.map(\.rawValue)
                == [
                    "sentiment", "blockers", "age", "staleness", "due_date", "churn", "progress", "owner", "priority",
                    "upstream",
                ])
    }
}

/// Which optional properties were seen with a value, and which without.
private struct OptionalProperties {
    var filled: Set<String> = []
    var empty: Set<String> = []

    mutating func visit(_ value: Any) {
        let mirror = Mirror(reflecting: value)
        for child in mirror.children {
            let member = Mirror(reflecting: child.value)
            guard member.displayStyle == .optional, mirror.displayStyle == .struct else {
                visit(child.value)
                continue
            }
            let name = "\(mirror.subjectType).\(child.label ?? "")"
            guard let content = member.children.first else {
                empty.insert(name)
                continue
            }
            filled.insert(name)
            visit(content.value)
        }
    }
}
