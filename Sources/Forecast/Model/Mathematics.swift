import Foundation

/// The functions of libm that the forecast uses.
enum Mathematics {
    static func exp(_ x: Double) -> Double { Foundation.exp(x) }
    static func log(_ x: Double) -> Double { Foundation.log(x) }
    static func log1p(_ x: Double) -> Double { Foundation.log1p(x) }
    static func log1p(_ x: Float) -> Float { Foundation.log1p(x) }

    /// 1 / (1 + e^-x), without overflow.
    static func logistic(_ x: Double) -> Double {
        if x >= 0 { return 1 / (1 + exp(-x)) }
        let power = exp(x)
        return power / (1 + power)
    }
}
