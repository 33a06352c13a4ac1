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
        var bounds: [Quantisation.Bounds] = []
        for text in CalibrationTexts.all {
            var batch = TokenBatch([tokenizer.encode(text, limit: config.positions)], padding: tokenizer.padding)
            // Minimum and maximum of each column of each input, in order, then the logits.
            let outputs = try network.run(&batch)
            guard outputs.count == inputs * 2 + 1, outputs.dropLast().allSatisfy({ $0.allSatisfy(\.isFinite) })
            else { throw ModelError(.malformed, "the model cannot be calibrated: its weights are damaged") }
            let seen = (0..<inputs).map { Quantisation.Bounds(lows: outputs[2 * $0], highs: outputs[2 * $0 + 1]) }
            bounds = bounds.isEmpty ? seen : zip(bounds, seen).map { $0.union($1) }
        }
        return Quantisation(bounds: bounds, weightLimit: ProcessorFeatures.current.hasWideByteProducts ? 127 : 63)
    }
}
