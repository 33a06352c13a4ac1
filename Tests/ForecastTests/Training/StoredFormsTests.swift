import Domain
import Foundation
import TestSupport
import Testing

@testable import Forecast

/// What training stores, in the forms that stores of users hold.
@Suite struct StoredFormsTests {
    private static let interval = #"{"confidence":0.9,"estimate":0.25,"high":0.5,"low":0.125}"#

    @Test func aRequestIsStoredInTheFormOfTheFirstVersion() throws {
        let stored = #"{"cuts":3,"horizon_days":92,"questions":["usual","30d"],"version":1}"#
        let request = BacktestRequest(cuts: 3, horizonDays: 92, questions: [.usual, .horizon(days: 30)])
        #expect(try request.stored() == stored)
        #expect(try BacktestRequest(stored: stored) == request)
        #expect(throws: DecodingError.self) {
            try BacktestRequest(stored: #"{"cuts":3,"horizon_days":92,"questions":["mood"],"version":1}"#)
        }
    }

    @Test func driftChecksAreStoredInTheFormOfTheFirstVersion() throws {
        let stored = """
            {"moved":[{"feature":"age","index":0.5}],"tempo_changed":true,"version":1,"weeks":[\
            {"at":1000,"model_id":"m1","outcomes":12},\
            {"at":604801000,"model_id":"m2","outcomes":60,"skill_over_age":-0.25,\
            "tempo":{"expected":10.5,"observed":3,"z":-3.5}}]}
            """
        var record = DriftRecord()
        record.add(DriftRecord.Week(at: 1000, modelID: "m1", outcomes: 12))
        record.add(
            DriftRecord.Week(
                at: 604_801_000, modelID: "m2", tempo: Drift.Tempo(observed: 3, expected: 10.5, z: -3.5), outcomes: 60,
                skillOverAge: -0.25))
        record.tempoChanged = true
        record.moved = [DriftRecord.Moved(feature: "age", index: 0.5)]
        #expect(try record.stored() == stored)
        #expect(try DriftRecord(stored: stored) == record)
    }

    @Test func aVerdictAndAReportAreReadAsTheyWereStored() throws {
        let result = """
            {"age_lead_times":[],"auc":\(Self.interval),"auc_over_age":\(Self.interval),"folds":[],"lead_times":[\
            {"days":7.5,"flagged":0.5,"issue_precision":0.75,"precision":0.875,"threshold":0.625,"time_left":0.25}],\
            "left_out":[{"count":2,"reason":"too young"}],"pooled":{"base_rate":0.5,"figures":[{"auc":0.75,\
            "auc_pr":0.75,"brier":0.25,"ece":0.0625,"model":"model","precision_at_10":0.5,"reliability":[\
            {"count":4,"predicted":0.5,"seen":0.25}]}],"issues":3,"samples":4},"question":"usual",\
            "tenths":[{"issues":4,"late":1}],"verdict":{"issues":3,"missing":[{"have":3,"kind":"test_issues",\
            "need":100}],"question":"usual","samples":4,"sentence":"Too little.","skill_over_age":\(Self.interval)}}
            """
        let verdict = #"{"results":[\#(result)],"version":1}"#
        let read = try StoredVerdict(stored: verdict)
        #expect(read.results.map(\.question) == ["usual"])
        #expect(try read.stored() == verdict)
        let report = """
            {"end":1760000000000,"finished":212,"issues":300,"kind":"boosted","prior":"abc","request":{"cuts":6,\
            "horizon_days":184,"questions":["usual"],"version":1},"results":[\(result)],"version":1}
            """
        let readReport = try BacktestReport(stored: report)
        #expect(readReport.finished == 212 && readReport.kind == .boosted && readReport.results == read.results)
        #expect(try readReport.stored() == report)
    }

    @Test func aPaceIsReadAsItWasStoredAndAnotherVersionIsRefused() throws {
        let end = Timestamp(seconds: 1_760_000_000)
        let past = TenantPast(issues: 40, days: 300, end: end)
        let maker = SampleMaker()
        let histories = IssueHistory.all(of: past.issues)
        let pace = maker.pace(of: histories, asOf: end)
        let stored = try pace.stored()
        let read = try TenantPace(stored: stored)
        #expect(read == pace)
        #expect(try read.stored() == stored)
        // Samples by the stored pace are those by all histories.
        let open = histories.sorted { $0.id < $1.id }
        #expect(maker.samples(of: open, at: end, pace: read) == maker.samples(of: histories, at: end))
        #expect(throws: TenantPace.FormError.otherVersion(2)) {
            try TenantPace(stored: Array(#"{"version":2,"pace":7}"#.utf8))
        }
    }
}
