import Foundation

/// Finds the bounds of what goes into each linear layer, by reading sample texts in 32 bits.
enum Calibration {
    /// Bounds of the encoder's inputs over ``CalibrationTexts``. Throws ``ModelError``.
    static func run(
        _ config: BertConfig, _ table: TensorTable, in file: MappedFile, tokenizer: BertTokenizer, threads: Int
    ) throws -> Quantisation {
        var graph = try BertGraph(config, table, in: file, observesInputs: true)
        let (xml, constants) = try graph.build()
        let network = try OpenVINONetwork(
            .graph(xml: xml, weights: try WeightBlock(file: file, constants: constants)),
            options: .init(precision: .fp32, threads: threads))
        let inputs = BertGraph.observedInputs(config)
        var (lows, highs) = ([Float](repeating: 0, count: inputs), [Float](repeating: 0, count: inputs))
        for text in CalibrationTexts.all {
            var batch = TokenBatch([tokenizer.encode(text, limit: config.positions)], padding: tokenizer.padding)
            // Minimum and maximum of each input, in order, then the logits.
            let outputs = try network.run(&batch)
            guard outputs.count == inputs * 2 + 1, outputs.dropLast().allSatisfy({ $0.count == 1 && $0[0].isFinite })
            else { throw ModelError(.malformed, "the model cannot be calibrated: its weights are damaged") }
            for index in 0..<inputs {
                lows[index] = min(lows[index], outputs[2 * index][0])
                highs[index] = max(highs[index], outputs[2 * index + 1][0])
            }
        }
        let ranges = zip(lows, highs).map { low, high in low...max(high, low + 1e-6) }
        return Quantisation(ranges: ranges, weightLimit: hasWideProducts ? 127 : 63)
    }

    /// Whether the processor adds products of bytes in 32 bits (VNNI, AMX, or ARM's dot product). Without, pairs are
    /// added in 16 bits, which full-range weights overflow.
    private static var hasWideProducts: Bool {
        #if arch(x86_64)
            guard let data = FileManager.default.contents(atPath: "/proc/cpuinfo") else { return false }
            let flags =
                String(decoding: data, as: UTF8.self).split(separator: "\n").first { $0.hasPrefix("flags") } ?? ""
            return flags.contains("vnni") || flags.contains("amx_int8")
        #else
            return true
        #endif
    }
}
