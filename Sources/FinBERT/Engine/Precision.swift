/// How a model computes.
public enum Precision: String, Sendable, CaseIterable {
    /// bf16 if the CPU computes it faster than fp32, else fp32.
    case auto
    /// 32-bit floating point, as published.
    case fp32
    /// 16-bit brain floating point; an error on CPUs without instructions for it.
    case bf16
    /// 8-bit integers with bounds calibrated at start: for CPUs with VNNI, or to save memory. Probabilities differ
    /// visibly from those of fp32; Benchmarks/README.md has figures.
    case int8
}
