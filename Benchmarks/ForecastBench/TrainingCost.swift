import Domain
import Forecast
import Foundation

/// What training and prediction cost, on a stream's rows; the rows are written to a file, for others to train on.
///
/// The file has three 64-bit integers (rows, columns, rows to predict), then labels, weights and features as floats, then
/// the features of open issues without their bins. All little-endian.
struct TrainingCost {
    let file: String
    /// Open issues that are predicted.
    static let predicted = 10_000

    private struct Figures: Encodable {
        var rows: Int
        var trainSeconds: Double
        var predicted: Int
        var predictSeconds: Double
        /// Above what the process had before it had any rows.
        var peakMegabytes: Double
    }

    func run() throws {
        let stream = try WebhookStream()
        let set = SampleMaker().samples(of: stream.histories, upTo: stream.end)
        let samples = set.observed(at: stream.end)
        let open = set.tests(after: Timestamp(milliseconds: 0), through: stream.end).map(\.features)
        let vectors = (0..<Self.predicted).map { open[$0 % open.count] }
        let rows = HazardRows(samples, cut: stream.end)
        try write(rows, vectors)
    }

    private func write(_ rows: HazardRows, _ vectors: [[Float]]) throws {
        var data = Data()
        for number in [rows.labels.count, rows.matrix.columns, vectors.count] {
            withUnsafeBytes(of: Int64(number).littleEndian) { data.append(contentsOf: $0) }
        }
        for values in [rows.labels, rows.weights, rows.matrix.values] + vectors {
            values.withUnsafeBytes { data.append(contentsOf: $0) }
        }
        try data.write(to: URL(fileURLWithPath: file))
    }

    /// Trains on the file's rows and predicts, in a process that has done nothing else.
    func measure() throws {
        #if HAS_XGBOOST
            let before = peakMegabytes()
            let (matrix, labels, weights, vectors) = try read()
            var parameters = BoosterParameters()
            parameters.monotone = Feature.allCases.map(\.monotone) + [0]
            var start = processorSeconds()
            let booster = try Booster(training: matrix, labels: labels, weights: weights, parameters: parameters)
            let train = processorSeconds() - start
            let predictor = HazardPredictor(booster)
            start = processorSeconds()
            let curves = try predictor.curves(vectors)
            let predict = processorSeconds() - start
            let figures = Figures(
                rows: labels.count, trainSeconds: train, predicted: curves.count, predictSeconds: predict,
                peakMegabytes: peakMegabytes() - before)
            try printJSON(figures)
        #else
            fail("this build has no XGBoost")
        #endif
    }

    private func read() throws -> (FeatureMatrix, [Float], [Float], [[Float]]) {
        let data = try Data(contentsOf: URL(fileURLWithPath: file), options: .alwaysMapped)
        return data.withUnsafeBytes { bytes in
            let counts = (0..<3).map { Int(bytes.loadUnaligned(fromByteOffset: 8 * $0, as: Int64.self)) }
            let (rows, columns) = (counts[0], counts[1])
            var place = 24
            func floats(_ count: Int) -> [Float] {
                defer { place += 4 * count }
                return (0..<count).map { bytes.loadUnaligned(fromByteOffset: place + 4 * $0, as: Float.self) }
            }
            let (labels, weights) = (floats(rows), floats(rows))
            let matrix = FeatureMatrix(columns: columns, values: floats(rows * columns))
            return (matrix, labels, weights, (0..<counts[2]).map { _ in floats(columns - 1) })
        }
    }
}
