/// How a model computes.
public enum Precision: String, Sendable, CaseIterable {
    /// bf16 where the processor computes it faster than fp32, which elsewhere is the choice.
    case auto
    /// 32-bit floating point, as published.
    case fp32
    /// 16-bit brain floating point, on processors that have instructions for it; refused on others.
    case bf16
    /// 8-bit integers with bounds calibrated at start: for processors with VNNI, and for memory. Probabilities differ
    /// visibly from those of fp32; Benchmarks/README.md has figures.
    case int8
}
