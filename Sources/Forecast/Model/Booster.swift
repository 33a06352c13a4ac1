#if HAS_XGBOOST
    import CXGBoost

    /// XGBoost refused a call; `description` is its own message.
    public struct BoosterError: Error, CustomStringConvertible {
        public let description: String
    }

    /// Boosted trees of XGBoost's C library.
    ///
    /// It is not `Sendable`: the library allows one thread at a time, and the compiler sees to it. The same data,
    /// parameters and version of the library give the same bytes. What crosses threads is the bytes (``bytes()``).
    public final class Booster {
        private let handle: BoosterHandle

        /// Boosted trees from bytes that ``bytes()`` gave. Throws `BoosterError` for other bytes.
        public init(bytes: [UInt8]) throws {
            handle = try Self.create()
            // A class whose initialiser throws is not deinitialised before all properties are set; here they are.
            try bytes.withUnsafeBytes {
                try check(XGBoosterLoadModelFromBuffer(handle, $0.baseAddress, UInt64($0.count)))
            }
            try set([("nthread", "1"), ("verbosity", "0")])
        }

        /// Trains trees.
        ///
        /// - Parameters:
        ///   - labels: 0 or 1 a row.
        ///   - weights: What a row counts; nil: all the same.
        ///   - prior: Bytes of a booster to go on from; its trees stay as they are. It must have as many columns.
        /// - Throws: `BoosterError`.
        public init(
            training rows: FeatureMatrix, labels: [Float], weights: [Float]? = nil,
            parameters: BoosterParameters = .init(),
            continuing prior: [UInt8]? = nil
        ) throws {
            precondition(
                labels.count == rows.rows && (weights ?? labels).count == labels.count, "a label and a weight a row")
            let data = try TrainingData(rows)
            try data.set("label", labels)
            if let weights { try data.set("weight", weights) }
            // It learns the number of columns from the matrix.
            handle = try Self.create([data.handle])
            var first: Int32 = 0
            if let prior {
                try prior.withUnsafeBytes {
                    try check(XGBoosterLoadModelFromBuffer(handle, $0.baseAddress, UInt64($0.count)))
                }
                try check(XGBoosterBoostedRounds(handle, &first))
            }
            try set(parameters.settings)
            for tree in 0..<Int32(parameters.trees) {
                try check(XGBoosterUpdateOneIter(handle, first + tree, data.handle))
            }
        }

        deinit { XGBoosterFree(handle) }

        /// The library that is linked, as in `1.7.4`.
        public static var libraryVersion: String {
            var (major, minor, patch): (Int32, Int32, Int32) = (0, 0, 0)
            XGBoostVersion(&major, &minor, &patch)
            return "\(major).\(minor).\(patch)"
        }

        /// The trees in XGBoost's UBJSON form. Throws `BoosterError`.
        public func bytes() throws -> [UInt8] {
            var (count, start): (UInt64, UnsafePointer<CChar>?) = (0, nil)
            try check(XGBoosterSaveModelToBuffer(handle, #"{"format":"ubj"}"#, &count, &start))
            return [UInt8](UnsafeRawBufferPointer(start: start, count: Int(count)))
        }

        /// The number of trees. Throws `BoosterError`.
        public func treeCount() throws -> Int {
            var count: Int32 = 0
            try check(XGBoosterBoostedRounds(handle, &count))
            return Int(count)
        }

        /// The log-odds of each row. Throws `BoosterError`.
        public func margins(_ rows: FeatureMatrix) throws -> [Float] {
            guard rows.rows > 0 else { return [] }
            let options = """
                {"type":1,"training":false,"iteration_begin":0,"iteration_end":0,"strict_shape":false,"missing":NaN,\
                "cache_id":0}
                """
            return try rows.values.withUnsafeBytes { values in
                // numpy's array interface: the address of the first value, and that it is only read.
                let array = """
                    {"data":[\(UInt(bitPattern: values.baseAddress)),true],"shape":[\(rows.rows),\(rows.columns)],\
                    "typestr":"<f4","version":3}
                    """
                var (shape, dimensions, result): (UnsafePointer<UInt64>?, UInt64, UnsafePointer<Float>?) = (nil, 0, nil)
                try check(XGBoosterPredictFromDense(handle, array, options, nil, &shape, &dimensions, &result))
                // The library keeps the result until the next call.
                return [Float](UnsafeBufferPointer(start: result, count: rows.rows))
            }
        }

        /// The columns that reduce the training loss most, the most useful first; those without a use are left out.
        /// Throws `BoosterError`.
        public func columnsByGain() throws -> [(column: Int, gain: Float)] {
            var (count, names): (UInt64, UnsafeMutablePointer<UnsafePointer<CChar>?>?) = (0, nil)
            var (dimensions, shape, scores): (UInt64, UnsafePointer<UInt64>?, UnsafePointer<Float>?) = (0, nil, nil)
            let options = #"{"importance_type":"total_gain"}"#
            try check(XGBoosterFeatureScore(handle, options, &count, &names, &dimensions, &shape, &scores))
            guard let names, let scores else { return [] }
            // Without names of ours a column is called f0, f1 …
            let gains = (0..<Int(count)).compactMap { index -> (column: Int, gain: Float)? in
                guard let name = names[index], let column = Int(String(cString: name).dropFirst()) else { return nil }
                return (column, scores[index])
            }
            return gains.sorted { ($1.gain, $0.column) < ($0.gain, $1.column) }
        }

        private static func create(_ data: [DMatrixHandle?] = []) throws -> BoosterHandle {
            var handle: BoosterHandle?
            try check(XGBoosterCreate(data, UInt64(data.count), &handle))
            guard let handle else { throw BoosterError(description: "XGBoost gave no booster") }
            return handle
        }

        private func set(_ settings: [(name: String, value: String)]) throws {
            for setting in settings { try check(XGBoosterSetParam(handle, setting.name, setting.value)) }
        }
    }

    /// XGBoost's own copy of rows with their labels; freed with this value.
    private struct TrainingData: ~Copyable {
        let handle: DMatrixHandle

        init(_ rows: FeatureMatrix) throws { handle = try Self.create(rows) }

        /// Sets `label` or `weight`, one value a row.
        func set(_ field: String, _ values: [Float]) throws {
            try check(XGDMatrixSetFloatInfo(handle, field, values, UInt64(values.count)))
        }

        private static func create(_ rows: FeatureMatrix) throws -> DMatrixHandle {
            var handle: DMatrixHandle?
            try check(
                XGDMatrixCreateFromMat_omp(rows.values, UInt64(rows.rows), UInt64(rows.columns), .nan, &handle, 1))
            guard let handle else { throw BoosterError(description: "XGBoost gave no matrix") }
            return handle
        }

        deinit { XGDMatrixFree(handle) }
    }

    /// XGBoost's message belongs to the thread: it is read at once, before anything could move to another one.
    private func check(_ status: Int32) throws {
        guard status != 0 else { return }
        let text = XGBGetLastError().map { String(cString: $0) } ?? "XGBoost failed without a message"
        // The first line says what is wrong; the rest is a stack trace.
        throw BoosterError(description: text.split(separator: "\n").first.map(String.init) ?? text)
    }
#endif
