import Domain
import Forecast
import Foundation

/// Makes the priors of a stream: what `script/make-prior` writes.
struct PriorMaker {
    let source: String
    let folder: String

    func run() throws {
        let stream = try WebhookStream()
        let samples = SampleMaker().samples(of: stream.histories, upTo: stream.end)
        let balanced = samples.observed(at: stream.end).balancedByTeam()
        for (kind, name) in [(HazardTraining.Kind.boosted, "prior.json"), (.logistic, "prior-logistic.json")] {
            var training = HazardTraining()
            training.kind = kind
            training.blanksTenantsOwn = true
            let finished = stream.histories.count { !$0.done.isEmpty }
            let model = try training.model(of: balanced, cut: stream.end, finished: finished, source: source)
                .withoutSamples()
            let file = try CanonicalJSON.encode(model)
            try file.write(to: URL(fileURLWithPath: folder).appendingPathComponent(name))
            print(kind.rawValue, try model.id, file.count)
        }
    }
}
