/// Whether a model still holds; asked weekly.
public enum Drift {
    /// Completions of a time against those that were expected.
    public struct Tempo: Sendable, Codable, Equatable {
        /// Issues that were done.
        public var observed: Int
        /// The sum of their probabilities.
        public var expected: Double
        /// (observed - expected) / √Σp(1 - p); 0 when nothing was uncertain. Beyond ±3 twice running: the tempo
        /// changed.
        public var z: Double

        private enum CodingKeys: String, CodingKey { case observed, expected, z }

        /// Whether it is beyond 3.
        public var isUnusual: Bool { abs(z) > Drift.limit }
    }

    /// |z| beyond this twice running means that the tempo changed.
    public static let limit = 3.0
    /// A feature's stability index beyond this means that it moved.
    public static let stabilityLimit = 0.25
    /// Ripened outcomes that a statement about skill needs.
    public static let leastOutcomes = 50

    /// - Parameter completions: For each issue that was open at the start the probability that it would be done in the
    ///   time, and whether it was.
    public static func tempo(_ completions: [(probability: Double, done: Bool)]) -> Tempo {
        let observed = completions.count { $0.done }
        let expected = completions.reduce(0) { $0 + $1.probability }
        let variance = completions.reduce(0) { $0 + $1.probability * (1 - $1.probability) }
        let z = variance > 0 ? (Double(observed) - expected) / variance.squareRoot() : 0
        return Tempo(observed: observed, expected: expected, z: z)
    }

    /// Whether the tempo changed: the last two are unusual and in the same direction. `weeks`: oldest first.
    public static func tempoChanged(_ weeks: [Tempo]) -> Bool {
        let last = weeks.suffix(2)
        return last.count == 2 && (last.allSatisfy { $0.z > limit } || last.allSatisfy { $0.z < -limit })
    }

    /// The Brier skill over age, 1 - Brier(model) / Brier(age), on outcomes that have ripened; at or below 0 the model
    /// has to step down a rung. Nil with fewer than ``leastOutcomes``, or when age makes no error.
    public static func skillOverAge(_ ripened: [(model: Double, age: Double, late: Bool)]) -> Double? {
        guard ripened.count >= leastOutcomes else { return nil }
        let model = ripened.reduce(0) { $0 + Calibration.squaredError($1.model, $1.late) }
        let age = ripened.reduce(0) { $0 + Calibration.squaredError($1.age, $1.late) }
        return age > 0 ? 1 - model / age : nil
    }
}
