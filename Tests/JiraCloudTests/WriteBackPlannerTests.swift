import Domain
import TestSupport
import Testing

@testable import JiraCloud

/// When what stands in Jira is good enough, and what is put there.
@Suite struct WriteBackPlannerTests {
    private static let start = Timestamp(seconds: 1_790_000_000)

    private static func settings(
        _ target: WriteBackSettings.Target, points: Int = 5, days: Int = 3
    ) -> WriteBackSettings {
        WriteBackSettings(
            target: target,
            fields: .init(
                score: "customfield_1", band: "customfield_2", forecastDate: "customfield_3", cause: "customfield_4"),
            stepPoints: points, stepDays: days)
    }

    /// As the store compares them.
    private static func isOutside(
        _ window: WriteWindow, _ risk: WrittenRisk, _ settings: WriteBackSettings
    ) -> Bool {
        guard window.scores.contains(risk.score) else { return true }
        guard settings.writesForecast else { return false }
        guard let at = risk.forecastAt, let after = window.forecastAfter, let before = window.forecastBefore else {
            return (risk.forecastAt == nil) != (window.forecastAfter == nil)
        }
        return at <= after || at >= before
    }

    @Test func aWriteIsDueExactlyWhenTheBandOrAStatedStepChanges() {
        var random = SeededGenerator(seed: 58)
        func risk() -> WrittenRisk {
            let at = Self.start.adding(seconds: Int64.random(in: -864_000...864_000, using: &random))
            return WrittenRisk(
                score: Int.random(in: 0...100, using: &random), forecastAt: Bool.random(using: &random) ? at : nil)
        }
        for _ in 1...20_000 {
            let settings = Self.settings(
                [WriteBackSettings.Target.property, .fields].randomElement(using: &random) ?? .property,
                points: Int.random(in: 1...30, using: &random), days: Int.random(in: 1...6, using: &random))
            let (written, current) = (risk(), risk())
            let window = WriteBackPlanner.window(of: written, settings)
            #expect(!Self.isOutside(window, written, settings), "what was written needs no write")
            let step = Int64(settings.stepDays) * 86_400_000
            let hasMoved =
                switch (written.forecastAt, current.forecastAt) {
                case (nil, nil): false
                case (let a?, let b?): abs(a.milliseconds - b.milliseconds) >= step
                default: true
                }
            let isDue =
                written.band != current.band || abs(written.score - current.score) >= settings.stepPoints || hasMoved
            #expect(Self.isOutside(window, current, settings) == isDue, "\(written) \(current) \(settings)")
        }
    }

    @Test func withoutADateFieldNoForecastCausesAWrite() {
        var settings = Self.settings(.fields)
        settings.fields.forecastDate = nil
        let written = WrittenRisk(score: 50, forecastAt: Self.start)
        let window = WriteBackPlanner.window(of: written, settings)
        #expect(window.forecastAfter == nil)
        #expect(!Self.isOutside(window, WrittenRisk(score: 50, forecastAt: Self.start.adding(days: 90)), settings))
    }

    @Test func everyConfiguredFieldHasAValueAndNullWhereThereIsNone() {
        let fields = Self.settings(.fields).fields
        let full = WriteBackPlanner.fields(
            of: WrittenRisk(score: 72, forecastAt: Self.start, cause: String(repeating: "a", count: 300)), fields)
        #expect(full["customfield_1"] == .number(72) && full["customfield_2"] == .text("high"))
        #expect(full["customfield_3"] == .text("2026-09-21"))
        #expect(full["customfield_4"] == .text(String(repeating: "a", count: 254) + "…"))
        let bare = WriteBackPlanner.fields(of: WrittenRisk(score: 0), fields)
        #expect(bare["customfield_1"] == .number(0) && bare["customfield_3"] == .null && bare["customfield_4"] == .null)
        #expect(Set(WriteBackPlanner.fields(of: nil, fields).values) == [.null])
        #expect(WriteBackPlanner.fields(of: nil, .init(score: "customfield_1")).keys.sorted() == ["customfield_1"])
    }
}
