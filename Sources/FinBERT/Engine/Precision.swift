/// How a model computes.
public enum Precision: String, Sendable, CaseIterable {
    /// bf16 where the processor has instructions for it, fp32 elsewhere.
    case auto
    /// 32-bit floating point, as published.
    case fp32
    /// 16-bit brain floating point: about twice as fast, probabilities change in the third decimal.
    case bf16
    /// 8-bit integers with calibrated bounds: fastest, probabilities change in the second decimal.
    case int8
}
