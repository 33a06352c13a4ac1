/// The hazard as a logistic regression: what there is without XGBoost (AUC .789 where trees have .800, and less
/// calibrated).
///
/// Features are taken as sign(x)·ln(1 + |x|) and standardised; what is unknown is taken as the mean. Each bin has a
/// coefficient of its own. The penalty is L2 with C = 0.05, as in scikit-learn: ½·Σβ² + C·Σ weight·loss, the intercept
/// free.
public struct LogisticHazard: Hazard, Sendable, Codable, Equatable {
    private var means: [Double]
    private var scales: [Double]
    /// Of the features, and then of the bins.
    private var coefficients: [Double]
    private var intercept: Double

    private enum CodingKeys: String, CodingKey { case means, scales, coefficients, intercept }

    /// Fits the coefficients by Newton's method (iteratively reweighted least squares).
    public init(training rows: HazardRows, strength: Double = 0.05) {
        let columns = rows.matrix.columns - 1
        means = []
        scales = []
        coefficients = [Double](repeating: 0, count: columns + HazardBins.count)
        intercept = 0
        for column in 0..<columns {
            let known = (0..<rows.matrix.rows).lazy.map {
                Self.squeezed(rows.matrix.values[$0 * (columns + 1) + column])
            }
            .filter { !$0.isNaN }
            let count = Double(max(known.reduce(0) { n, _ in n + 1 }, 1))
            let mean = known.reduce(0, +) / count
            let variance = known.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / count
            means.append(mean)
            scales.append(variance > 1e-12 ? variance.squareRoot() : 1)
        }
        fit(rows, strength: strength)
    }

    /// See ``Hazard``; it throws nothing.
    public func logOdds(_ rows: FeatureMatrix) throws -> [Float] {
        var row = [Double](repeating: 0, count: means.count)
        return (0..<rows.rows).map { index in
            let bin = standardise(rows, index, into: &row)
            var sum = intercept + coefficients[means.count + bin]
            for column in row.indices { sum += coefficients[column] * row[column] }
            return Float(sum)
        }
    }

    /// The columns of the features, the one with the largest coefficient first.
    func columnsByWeight() -> [Int] {
        means.indices.sorted { (abs(coefficients[$1]), $0) < (abs(coefficients[$0]), $1) }
    }

    private static func squeezed(_ value: Float) -> Double {
        let value = Double(value)
        return value < 0 ? -Mathematics.log1p(-value) : Mathematics.log1p(value)
    }

    /// The standardised features of a row; answers its bin.
    private func standardise(_ rows: FeatureMatrix, _ index: Int, into row: inout [Double]) -> Int {
        let start = index * rows.columns
        for column in means.indices {
            let value = (Self.squeezed(rows.values[start + column]) - means[column]) / scales[column]
            row[column] = value.isNaN ? 0 : value
        }
        return min(max(Int(rows.values[start + means.count]), 0), HazardBins.count - 1)
    }

    private mutating func fit(_ rows: HazardRows, strength: Double) {
        let size = coefficients.count + 1
        var parameters = [Double](repeating: 0, count: size)
        for _ in 0..<25 {
            var (gradient, hessian) = derivatives(rows, parameters, strength: strength)
            guard let step = Self.solve(&hessian, &gradient) else { break }
            for index in 0..<size { parameters[index] -= step[index] }
            if step.allSatisfy({ abs($0) < 1e-7 }) { break }
        }
        coefficients = Array(parameters.dropLast())
        intercept = parameters[size - 1]
    }

    /// The gradient and the lower triangle of the Hessian (row by row) of the penalised loss.
    private func derivatives(
        _ rows: HazardRows, _ parameters: [Double], strength: Double
    ) -> (gradient: [Double], hessian: [Double]) {
        let (size, features) = (parameters.count, means.count)
        var gradient = [Double](repeating: 0, count: size)
        var hessian = [Double](repeating: 0, count: size * size)
        for index in 0..<(size - 1) {
            gradient[index] = parameters[index]
            hessian[index * size + index] = 1
        }
        // Keeps it solvable when the rows are all of one kind.
        hessian[size * size - 1] = 1e-9
        var row = [Double](repeating: 0, count: features)
        for index in 0..<rows.matrix.rows {
            let bin = features + standardise(rows.matrix, index, into: &row)
            var sum = parameters[size - 1] + parameters[bin]
            for column in 0..<features { sum += parameters[column] * row[column] }
            let probability = Mathematics.logistic(sum)
            let weight = strength * Double(rows.weights[index])
            let first = weight * (probability - Double(rows.labels[index]))
            let second = weight * probability * (1 - probability)
            for column in 0..<features {
                gradient[column] += first * row[column]
                let scaled = second * row[column]
                let start = column * size
                for other in 0...column { hessian[start + other] += scaled * row[other] }
                hessian[bin * size + column] += scaled
                hessian[(size - 1) * size + column] += scaled
            }
            gradient[bin] += first
            gradient[size - 1] += first
            hessian[bin * size + bin] += second
            hessian[(size - 1) * size + bin] += second
            hessian[size * size - 1] += second
        }
        return (gradient, hessian)
    }

    /// Solves `matrix` · x = `right` for a positive definite matrix by Cholesky's decomposition, in place; nil if it is
    /// not positive definite.
    private static func solve(_ matrix: inout [Double], _ right: inout [Double]) -> [Double]? {
        let size = right.count
        for row in 0..<size {
            for column in 0...row {
                var sum = matrix[row * size + column]
                for index in 0..<column { sum -= matrix[row * size + index] * matrix[column * size + index] }
                if row == column {
                    guard sum > 0 else { return nil }
                    matrix[row * size + row] = sum.squareRoot()
                } else {
                    matrix[row * size + column] = sum / matrix[column * size + column]
                }
            }
            for column in 0..<row { right[row] -= matrix[row * size + column] * right[column] }
            right[row] /= matrix[row * size + row]
        }
        for row in (0..<size).reversed() {
            for below in (row + 1)..<max(size, row + 1) { right[row] -= matrix[below * size + row] * right[below] }
            right[row] /= matrix[row * size + row]
        }
        return right
    }
}
