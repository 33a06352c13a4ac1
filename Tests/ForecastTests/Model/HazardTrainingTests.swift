import Domain
import Foundation
import Testing

@testable import Forecast

struct HazardTrainingTests {
    static let kinds: [HazardTraining.Kind] = HazardTraining.bestKind == .boosted ? [.boosted, .logistic] : [.logistic]

    private func training(_ kind: HazardTraining.Kind) -> HazardTraining {
        var training = HazardTraining()
        training.kind = kind
        return training
    }

    @Test func logisticFitIsThatOfScikitLearn() throws {
        // scikit-learn 1.9.1: StandardScaler, LogisticRegression(C=0.05), the unknown as 0 after scaling.
        var (matrix, labels, weights) = (FeatureMatrix(columns: 3), [Float](), [Float]())
        for i in 0..<60 {
            let (a, b, bin) = (Float((i * 7) % 11) - 3, Float(((i * 5) % 13) * ((i * 5) % 13)), i % 4)
            labels.append(Float((i * i) % 7) + a + Float(bin) > 4 ? 1 : 0)
            weights.append(1 + Float(i % 3) * 0.5)
            matrix.append([a, i % 10 == 0 ? .nan : b], last: Float(bin))
        }
        let hazard = LogisticHazard(training: HazardRows(matrix: matrix, labels: labels, weights: weights))
        let expected: [Float] = [-1.237_472_73, 0.877_467_68, 0.080_061_30, 1.324_570_08, 0.712_321_28, -0.599_358_25]
        for (odds, expected) in zip(try hazard.logOdds(matrix), expected) {
            #expect(abs(odds - expected) < 1e-5)
        }
    }

    @Test(arguments: kinds) func twoRunsGiveTheSameBytesInAnyOrderOfSamples(kind: HazardTraining.Kind) throws {
        let tenant = SyntheticTenant(issues: 50)
        let model = try training(kind).model(of: tenant.grid, cut: tenant.end, finished: 100)
        let again = try training(kind).model(of: tenant.grid.reversed(), cut: tenant.end, finished: 100)
        #expect(try CanonicalJSON.encode(model) == CanonicalJSON.encode(again))
        #expect(try model.id == again.id)
        let read = try CanonicalJSON.decode(ForecastModel.self, from: CanonicalJSON.encode(model))
        #expect(read == model)
        #expect(try read.id == model.id)
        let vectors = tenant.grid.prefix(10).map(\.sample.features)
        #expect(try read.predictor().curves(vectors) == model.predictor().curves(vectors))
    }

    @Test(arguments: kinds) func itLearnsWhatTheSamplesTell(kind: HazardTraining.Kind) throws {
        let tenant = SyntheticTenant(issues: kind == .boosted ? 300 : 60)
        let predictor = try training(kind).model(of: tenant.grid, cut: tenant.end, finished: 200).predictor()
        let fast = try predictor.curve(
            of: SyntheticTenant.sample([.age: 20, .priority: 0.2, .summaryLength: 40, .changes7: 1]))
        let slow = try predictor.curve(
            of: SyntheticTenant.sample([.age: 20, .priority: 4.8, .summaryLength: 40, .changes7: 1]))
        #expect(fast.survival(days: 60) + 0.3 < slow.survival(days: 60))
    }

    @Test(arguments: kinds) func whatComesAfterTheCutChangesNothing(kind: HazardTraining.Kind) throws {
        let tenant = SyntheticTenant(issues: 50)
        let cut = tenant.end.adding(days: -400)
        let before = tenant.grid.filter { $0.sample.at <= cut }.map {
            ObservedSample(sample: $0.sample, outcome: $0.outcome.known(at: cut))
        }
        let model = try training(kind).model(of: tenant.grid, cut: cut, finished: 50)
        #expect(try training(kind).model(of: before, cut: cut, finished: 50) == model)
    }

    @Test func oneSampleHasTheCurveItHasAmongOthers() throws {
        let tenant = SyntheticTenant(issues: 200)
        let predictor = try HazardTraining().model(of: tenant.grid, cut: tenant.end, finished: 100).predictor()
        let vectors = tenant.grid.prefix(700).map(\.sample.features)
        let curves = try predictor.curves(vectors)
        for index in [0, 511, 512, 699] {
            #expect(try predictor.curves([vectors[index]]) == [curves[index]])
            for days in [0.5, 30, 31, 2000] {
                #expect(try predictor.survival([vectors[index]], days: days) == [curves[index].survival(days: days)])
            }
        }
        #expect(try predictor.curves([[Float]]()).isEmpty)
    }

    @Test func nothingToLearnFromIsAnError() {
        #expect(throws: ForecastModelError.noRows) {
            try HazardTraining().model(of: [], cut: Timestamp(milliseconds: 0), finished: 0)
        }
    }

    @Test func aModelOfOtherFeaturesIsRefused() throws {
        let tenant = SyntheticTenant(issues: 60)
        var model = try training(.logistic).model(of: tenant.grid, cut: tenant.end, finished: 10)
        model.featureVersion = "another"
        #expect(throws: ForecastModelError.otherFeatures("another")) { try model.predictor() }
    }

    #if HAS_XGBOOST
        @Test func thePriorsTreesAreKeptAndTheTenantsAdded() throws {
            let (teams, tenant) = (SyntheticTenant(issues: 200, seed: 8), SyntheticTenant(issues: 150))
            var first = HazardTraining()
            first.blanksTenantsOwn = true
            let prior = try first.model(of: teams.grid, cut: teams.end, finished: 300)
            var training = HazardTraining()
            training.prior = prior
            let model = try training.model(of: tenant.grid, cut: tenant.end, finished: 60)
            guard case .boosted(let bytes) = model.learner else { return #expect(Bool(false), "not boosted") }
            #expect(try Booster(bytes: [UInt8](bytes)).treeCount() == 150 + 30, "10 + 60/3 of its own")
            #expect(try model.prior == prior.id)
            #expect(HazardTraining.trees(finished: 0) == 10)
            #expect(HazardTraining.trees(finished: 5000) == 120)
        }

        @Test func hazardsMoveOnlyAsTheFeatureMay() throws {
            let tenant = SyntheticTenant(issues: 300)
            let predictor = try HazardTraining().model(of: tenant.grid, cut: tenant.end, finished: 200).predictor()
            for priority in [Float(0.5), 2.5, 4.5] {
                let samples = (0...40).map { SyntheticTenant.sample([.age: Float($0) * 20, .priority: priority]) }
                let open = try predictor.curves(samples.map(\.features)).map { $0.survival(days: 30) }
                #expect(zip(open, open.dropFirst()).allSatisfy { $1 >= $0 }, "the older, the longer it stays open")
            }
        }
    #endif
}
