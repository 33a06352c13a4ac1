/// How a model computes.
public enum Precision: String, Sendable, CaseIterable {
    /// bf16 if the CPU computes it faster than fp32, else fp32.
    case auto
    /// 32-bit floating point, as published.
    case fp32
    /// 16-bit brain floating point; an error on CPUs without instructions for it.
    case bf16
    /// Weights in 8-bit integers; what meets them is quantised as it comes on CPUs with VNNI. Probabilities differ
    /// visibly from those of fp32; decision 0007 has figures.
    case int8
}
