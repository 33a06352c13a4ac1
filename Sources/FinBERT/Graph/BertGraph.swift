/// The computation of `BertForSequenceClassification` (Devlin et al. 2018; the layers as in Hugging Face's
/// `modeling_bert.py`, without dropout) as an OpenVINO network over a checkpoint's own tensors.
///
/// Inputs: `input_ids`, `attention_mask`, `token_type_ids`, each int64 [batch, length]. Output: `logits`, float32
/// [batch, classes].
struct BertGraph {
    private let config: BertConfig
    private let table: TensorTable
    private let file: MappedFile
    /// `bert.` in a classifier's checkpoint, nothing in one saved without its head's wrapper.
    private let prefix: String
    /// Set to compute in 8 bits.
    private let quantisation: Quantisation?
    private var writer: GraphWriter
    private var inputs = 0
    /// Set by calibration to observe the inputs of the linear layers.
    private let observesInputs: Bool

    /// Throws ``ModelError`` when the tensors are not those of the configuration.
    init(
        _ config: BertConfig, _ table: TensorTable, in file: MappedFile, quantisation: Quantisation? = nil,
        observesInputs: Bool = false
    ) throws {
        self.config = config
        self.table = table
        self.file = file
        self.quantisation = quantisation
        self.observesInputs = observesInputs
        prefix = table.tensors["bert.embeddings.word_embeddings.weight"] != nil ? "bert." : ""
        writer = GraphWriter(name: "bert", checkpointSize: file.size)
    }

    /// How many inputs of linear layers are observed or quantised: four in each layer of the encoder, as query, key and
    /// value share theirs.
    static func observedInputs(_ config: BertConfig) -> Int { config.layers * 4 }

    /// The network as XML, and the constants that follow the checkpoint.
    mutating func build() throws -> (xml: String, constants: [UInt8]) {
        let ids = parameter("input_ids")
        let mask = parameter("attention_mask")
        let types = parameter("token_type_ids")
        let zero = writer.integers([0], isScalar: true)
        let one = writer.integers([1], isScalar: true)

        let embeddings = "\(prefix)embeddings."
        let words = writer.gather(
            try weight("\(embeddings)word_embeddings.weight", [config.vocabulary, config.hidden]), ids, axis: zero,
            rank: 3)
        let kinds = writer.gather(
            try weight("\(embeddings)token_type_embeddings.weight", [config.tokenTypes, config.hidden]), types,
            axis: zero, rank: 3)
        let shape = writer.layer("ShapeOf", "opset3", [ids], [("output_type", "i64")], output: .i64, rank: 1)
        let length = writer.gather(shape, one, axis: zero, rank: 0)
        let range = writer.layer(
            "Range", "opset4", [zero, length, one], [("output_type", "i64")], output: .i64, rank: 1)
        let places = writer.gather(
            try weight("\(embeddings)position_embeddings.weight", [config.positions, config.hidden]), range,
            axis: zero, rank: 2)
        var state = try normalised(
            writer.add(writer.add(words, kinds), places), "\(embeddings)LayerNorm", config.hidden)

        // Added to the attention scores: 0 for text, a large negative number for padding.
        let isText = writer.convert(mask)
        let isPadding = writer.subtract(isText, writer.floats([1], shape: []))
        let penalty = writer.multiply(isPadding, writer.floats([1e9], shape: []))
        let bias = writer.layer("Unsqueeze", "opset1", [penalty, writer.integers([1, 2])], rank: 4)
        for index in 0..<config.layers {
            state = try encoderLayer(state, bias: bias, "\(prefix)encoder.layer.\(index).")
        }

        let first = writer.gather(state, zero, axis: one, rank: 2)
        let dense = try linear(first, "\(prefix)pooler.dense", from: config.hidden, to: config.hidden)
        let pooled = writer.layer("Tanh", "opset1", [dense], rank: 2)
        let logits = try linear(
            pooled, "classifier", from: config.hidden, to: config.labels.count, name: "logits")
        writer.result(logits)
        return (writer.xml, writer.constants)
    }

    private mutating func parameter(_ name: String) -> GraphWriter.Port {
        writer.layer(
            "Parameter", "opset1", [], [("shape", "?,?"), ("element_type", "i64")], output: .i64, rank: 2, name: name)
    }

    private mutating func encoderLayer(
        _ input: GraphWriter.Port, bias: GraphWriter.Port, _ name: String
    ) throws -> GraphWriter.Port {
        let hidden = config.hidden
        let projections = ["query", "key", "value"].map { "\(name)attention.self.\($0)" }
        let seen = try linearInput(input, of: projections, from: hidden, to: hidden)
        let query = heads(try encoderLinear(seen, projections[0], from: hidden, to: hidden))
        let key = heads(try encoderLinear(seen, projections[1], from: hidden, to: hidden))
        let value = heads(try encoderLinear(seen, projections[2], from: hidden, to: hidden))
        // Scaled by the square root of the head's width, by default.
        let attention = writer.layer(
            "ScaledDotProductAttention", "opset13", [query, key, value, bias], [("causal", "false")], rank: 4)
        let context = writer.reshape(writer.transpose(attention, [0, 2, 1, 3]), [0, 0, hidden])
        let attended = try encoderStep(context, "\(name)attention.output.dense", from: hidden, to: hidden)
        let state = try normalised(writer.add(attended, input), "\(name)attention.output.LayerNorm", hidden)

        let wide = try encoderStep(state, "\(name)intermediate.dense", from: hidden, to: config.intermediate)
        let active = writer.layer("Gelu", "opset7", [wide], [("approximation_mode", "ERF")], rank: 3)
        let narrow = try encoderStep(active, "\(name)output.dense", from: config.intermediate, to: hidden)
        return try normalised(writer.add(narrow, state), "\(name)output.LayerNorm", hidden)
    }

    private mutating func heads(_ port: GraphWriter.Port) -> GraphWriter.Port {
        writer.transpose(writer.reshape(port, [0, 0, config.heads, config.hidden / config.heads]), [0, 2, 1, 3])
    }

    private mutating func normalised(
        _ port: GraphWriter.Port, _ name: String, _ size: Int
    ) throws -> GraphWriter.Port {
        let axes = writer.integers([-1])
        let unit = writer.layer(
            "MVN", "opset6", [port, axes],
            [("eps", "\(config.layerNormEpsilon)"), ("eps_mode", "inside_sqrt"), ("normalize_variance", "true")],
            rank: port.rank)
        // Checkpoints converted from TensorFlow say gamma and beta.
        let (scale, shift) =
            table.tensors["\(name).gamma"] != nil
            ? ("\(name).gamma", "\(name).beta") : ("\(name).weight", "\(name).bias")
        return writer.add(writer.multiply(unit, try weight(scale, [size])), try weight(shift, [size]))
    }

    // MARK: Linear layers

    private mutating func linear(
        _ input: GraphWriter.Port, _ name: String, from width: Int, to outputs: Int, name portName: String? = nil
    ) throws -> GraphWriter.Port {
        let product = writer.matrixProduct(input, transposed: try weight("\(name).weight", [outputs, width]))
        return writer.add(product, try weight("\(name).bias", [outputs]), name: portName)
    }

    /// What goes into linear layers of the encoder: as it is, or in 8 bits.
    private struct LinearInput {
        let port: GraphWriter.Port
        /// By what each column of the layers' matrices is multiplied, as the input was divided by it.
        var smoothing: [Float]?
    }

    /// A linear layer that shares its input with none.
    private mutating func encoderStep(
        _ input: GraphWriter.Port, _ name: String, from width: Int, to outputs: Int
    ) throws -> GraphWriter.Port {
        let input = try linearInput(input, of: [name], from: width, to: outputs)
        return try encoderLinear(input, name, from: width, to: outputs)
    }

    private mutating func encoderLinear(
        _ input: LinearInput, _ name: String, from width: Int, to outputs: Int
    ) throws -> GraphWriter.Port {
        guard let quantisation, let smoothing = input.smoothing else {
            return try linear(input.port, name, from: width, to: outputs)
        }
        var matrix = try floats("\(name).weight", [outputs, width])
        for row in stride(from: 0, to: matrix.count, by: width) {
            for column in 0..<width { matrix[row + column] *= smoothing[column] }
        }
        let (values, scales) = quantisation.quantised(matrix, rows: outputs)
        let stored = values.withUnsafeBytes { writer.constant(.i8, shape: [outputs, width], bytes: $0) }
        let weights = writer.multiply(writer.convert(stored), writer.floats(scales, shape: [outputs, 1]))
        let product = writer.matrixProduct(input.port, transposed: weights)
        return writer.add(product, try weight("\(name).bias", [outputs]))
    }

    /// What goes into linear layers: observed, or in 256 steps between the calibrated bounds, or as it is.
    private mutating func linearInput(
        _ port: GraphWriter.Port, of names: [String], from width: Int, to outputs: Int
    ) throws -> LinearInput {
        defer { inputs += 1 }
        if observesInputs {
            let axes = writer.integers([0, 1])
            for type in ["ReduceMin", "ReduceMax"] {
                writer.result(writer.layer(type, "opset1", [port, axes], [("keep_dims", "false")], rank: 1))
            }
        }
        guard let quantisation else { return LinearInput(port: port) }
        guard quantisation.bounds.indices.contains(inputs), quantisation.bounds[inputs].lows.count == width else {
            throw ModelError(.malformed, "the calibration belongs to another model")
        }
        let bounds = quantisation.bounds[inputs]
        var largestWeights = [Float](repeating: 0, count: width)
        for name in names {
            let matrix = try floats("\(name).weight", [outputs, width])
            for row in stride(from: 0, to: matrix.count, by: width) {
                for column in 0..<width {
                    largestWeights[column] = max(largestWeights[column], abs(matrix[row + column]))
                }
            }
        }
        let smoothing = bounds.smoothing(largestWeights: largestWeights)
        let range = bounds.range(dividedBy: smoothing)
        // Bounds for each column would need no product, but the engine accepts them for channels only.
        let smooth = writer.multiply(port, writer.floats(smoothing.map { 1 / $0 }, shape: [width]))
        let low = writer.floats([range.lowerBound], shape: [])
        let high = writer.floats([range.upperBound], shape: [])
        let quantised = writer.layer(
            "FakeQuantize", "opset1", [smooth, low, high, low, high], [("levels", "256"), ("auto_broadcast", "numpy")],
            rank: port.rank)
        return LinearInput(port: quantised, smoothing: smoothing)
    }

    // MARK: Tensors

    private func tensor(_ name: String, _ shape: [Int]) throws -> TensorTable.Tensor {
        guard let tensor = table.tensors[name] else { throw file.malformed("tensor \(name) is missing") }
        guard tensor.shape == shape else {
            throw file.malformed("tensor \(name) has the shape \(tensor.shape); config.json needs \(shape)")
        }
        return tensor
    }

    private mutating func weight(_ name: String, _ shape: [Int]) throws -> GraphWriter.Port {
        let tensor = try tensor(name, shape)
        let element: GraphWriter.Element
        switch tensor.type {
        case .f32: element = .f32
        case .f16: element = .f16
        case .bf16: element = .bf16
        case .f64: element = .f64
        default: throw ModelError(.unsupported, "\(file.name): tensor \(name) is of type \(tensor.type.rawValue)")
        }
        // Vector loads need aligned elements; an unaligned tensor is copied.
        let stored =
            tensor.offset.isMultiple(of: tensor.type.size)
            ? writer.constant(element, shape: shape, offset: tensor.offset, size: tensor.size)
            : writer.constant(
                element, shape: shape,
                bytes: UnsafeRawBufferPointer(rebasing: file.bytes[tensor.offset..<tensor.offset + tensor.size]))
        return element == .f32 ? stored : writer.convert(stored)
    }

    private func floats(_ name: String, _ shape: [Int]) throws -> [Float] {
        let tensor = try tensor(name, shape)
        let count = tensor.size / tensor.type.size
        func value<Value>(_ index: Int, _ type: Value.Type) -> Value {
            file.bytes.loadUnaligned(fromByteOffset: tensor.offset + index * MemoryLayout<Value>.size, as: type)
        }
        switch tensor.type {
        case .f32: return (0..<count).map { value($0, Float.self) }
        case .f16: return (0..<count).map { Float(value($0, Float16.self)) }
        case .bf16: return (0..<count).map { Float(bitPattern: UInt32(value($0, UInt16.self)) << 16) }
        case .f64: return (0..<count).map { Float(value($0, Double.self)) }
        default: throw ModelError(.unsupported, "\(file.name): tensor \(name) is of type \(tensor.type.rawValue)")
        }
    }
}
