import Domain
import Synchronization

/// A model whose engine is loaded, for single forecasts by any thread, one at a time.
///
/// What takes long (a batch, an explanation) loads an engine of its own instead: see ``ForecastModel/predictor()``.
final class LoadedModel: Sendable {
    let model: ForecastModel
    /// The engine is not safe to be used by two threads at a time.
    private let predictor: Mutex<HazardPredictor>

    /// Throws what ``ForecastModel/predictor()`` throws.
    init(_ model: ForecastModel) throws {
        self.model = model
        predictor = Mutex(try model.predictor())
    }

    /// The number without open blockers, see ``ForecastExplainer/blockersClosed(_:question:support:)``. Throws what the engine
    /// throws.
    func blockersClosed(_ sample: Sample, question: Question) throws -> Counterfactual? {
        try predictor.withLock {
            try ForecastExplainer(model, $0, most: 1)
                .blockersClosed(sample, question: question, support: model.support)
        }
    }

    /// Curves of a few samples. Throws what the engine throws.
    func curves(_ vectors: [[Float]]) throws -> [SurvivalCurve] { try predictor.withLock { try $0.curves(vectors) } }
}
