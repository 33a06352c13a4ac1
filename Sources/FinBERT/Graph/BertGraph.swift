/// The computation of `BertForSequenceClassification` (Devlin et al. 2018; the layers as in Hugging Face's
/// `modeling_bert.py`, without dropout) as an OpenVINO network over a checkpoint's own tensors.
///
/// The tokens of all sequences stand one behind the other, without padding, and each layer computes them so; only for
/// attention they are placed in rows of equal length. The last layer computes only the first token of each sequence,
/// because the classifier reads no other.
///
/// Inputs, each int64 (``TokenBatch``):
/// - `input_ids` and `positions` [tokens]: each token's id and its place in its sequence;
/// - `places` [rows, length]: for each slot of the rows, its token; any token for padding;
/// - `attention_mask` [rows, length]: 1 for text, 0 for padding;
/// - `slots` [tokens]: each token's slot, counted through the rows.
///
/// Output: `logits`, float32 [rows, classes].
struct BertGraph {
    private let config: BertConfig
    private let table: TensorTable
    private let block: WeightBlock
    /// `bert.` in a classifier's checkpoint, nothing in one saved without its head's wrapper.
    private let prefix: String
    private let matrices: Matrices
    private var writer: GraphWriter
    /// What the network has to be given besides each batch.
    private var bound: [BoundMatrix] = []

    /// How the network gets the matrices of the encoder.
    enum Matrices {
        /// As constants: the engine makes copies of them in the order in which it reads them, one or more.
        case packed
        /// As inputs, which the engine reads in the checkpoint's file and does not copy: slower, in a third of the memory.
        /// Those that are not stored in 32 bits are packed.
        case inPlace
        /// As constants in 8 bits.
        case quantised
    }

    /// A matrix of the checkpoint that is an input of the network.
    struct BoundMatrix {
        let name: String
        let shape: [Int]
        /// From the beginning of the block, in bytes.
        let offset: Int
    }

    /// The network as XML, whose constants are in the block, and the matrices that are its inputs.
    struct Network {
        let xml: String
        let bound: [BoundMatrix]
    }

    /// Throws ``ModelError`` when the tensors are not those of the configuration.
    ///
    /// - Parameter block: the checkpoint; takes the constants that the graph needs besides.
    init(_ config: BertConfig, _ table: TensorTable, in block: WeightBlock, matrices: Matrices) throws {
        self.config = config
        self.table = table
        self.block = block
        self.matrices = matrices
        prefix = table.tensors["bert.embeddings.word_embeddings.weight"] != nil ? "bert." : ""
        writer = GraphWriter(name: "bert", block: block)
    }

    private var file: MappedFile { block.file }

    /// The inputs that say where the tokens stand.
    private struct Arrangement {
        let places: GraphWriter.Port
        let slots: GraphWriter.Port
        /// Added to the attention scores: 0 for text, a large negative number for padding.
        let bias: GraphWriter.Port
        /// The token that each row begins with.
        let firsts: GraphWriter.Port
        let zero: GraphWriter.Port
    }

    /// The network of the checkpoint.
    mutating func build() throws -> Network {
        let ids = parameter("input_ids", rank: 1)
        let positions = parameter("positions", rank: 1)
        let zero = writer.integers([0], isScalar: true)
        let arrangement = arrangement(zero: zero)

        let embeddings = "\(prefix)embeddings."
        let words = writer.gather(
            try weight("\(embeddings)word_embeddings.weight", [config.vocabulary, config.hidden]), ids, axis: zero,
            rank: 2)
        let places = writer.gather(
            try weight("\(embeddings)position_embeddings.weight", [config.positions, config.hidden]), positions,
            axis: zero, rank: 2)
        // One text and no second: every token is of the first kind.
        let kind = writer.gather(
            try weight("\(embeddings)token_type_embeddings.weight", [config.tokenTypes, config.hidden]), zero,
            axis: zero, rank: 1)
        var state = try normalised(
            writer.add(writer.add(words, kind), places), "\(embeddings)LayerNorm", config.hidden)
        for index in 0..<config.layers {
            state = try encoderLayer(
                state, arrangement, isLast: index == config.layers - 1, "\(prefix)encoder.layer.\(index).")
        }

        let dense = try linear(state, "\(prefix)pooler.dense", from: config.hidden, to: config.hidden)
        let pooled = writer.layer("Tanh", "opset1", [dense], rank: 2)
        let logits = try linear(
            pooled, "classifier", from: config.hidden, to: config.labels.count, name: "logits")
        writer.result(logits)
        guard !block.isFull else {
            throw ModelError(.unsupported, "\(file.name): the constants of the network do not fit behind it")
        }
        return Network(xml: writer.xml, bound: bound)
    }

    private mutating func arrangement(zero: GraphWriter.Port) -> Arrangement {
        let places = parameter("places", rank: 2)
        let mask = parameter("attention_mask", rank: 2)
        let slots = parameter("slots", rank: 1)
        let isPadding = writer.subtract(writer.convert(mask), writer.floats([1], shape: []))
        let penalty = writer.multiply(isPadding, writer.floats([1e9], shape: []))
        let bias = writer.layer("Unsqueeze", "opset1", [penalty, writer.integers([1, 2])], rank: 4)
        let firsts = writer.gather(places, zero, axis: writer.integers([1], isScalar: true), rank: 1)
        return Arrangement(places: places, slots: slots, bias: bias, firsts: firsts, zero: zero)
    }

    private mutating func parameter(_ name: String, rank: Int) -> GraphWriter.Port {
        writer.layer(
            "Parameter", "opset1", [],
            [("shape", Array(repeating: "?", count: rank).joined(separator: ",")), ("element_type", "i64")],
            output: .i64, rank: rank, name: name)
    }

    /// - Parameter isLast: whether only the first token of each sequence is needed of the result: then it is all there is.
    private mutating func encoderLayer(
        _ input: GraphWriter.Port, _ arrangement: Arrangement, isLast: Bool, _ name: String
    ) throws -> GraphWriter.Port {
        let hidden = config.hidden
        func projection(_ part: String) -> String { "\(name)attention.self.\(part)" }
        let key = try encoderLinear(input, projection("key"), from: hidden, to: hidden)
        let value = try encoderLinear(input, projection("value"), from: hidden, to: hidden)
        let asking =
            isLast ? writer.gather(input, arrangement.firsts, axis: arrangement.zero, rank: 2) : input
        let query = try encoderLinear(asking, projection("query"), from: hidden, to: hidden)
        // Scaled by the square root of the head's width, by default.
        let attention = writer.layer(
            "ScaledDotProductAttention", "opset13",
            [
                isLast ? heads(query, [0, 1]) : heads(inRows(query, arrangement), [0, 0]),
                heads(inRows(key, arrangement), [0, 0]), heads(inRows(value, arrangement), [0, 0]), arrangement.bias,
            ], [("causal", "false")], rank: 4)
        let slots = writer.reshape(writer.transpose(attention, [0, 2, 1, 3]), [-1, hidden])
        let context = isLast ? slots : writer.gather(slots, arrangement.slots, axis: arrangement.zero, rank: 2)
        let attended = try encoderLinear(context, "\(name)attention.output.dense", from: hidden, to: hidden)
        let state = try normalised(writer.add(attended, asking), "\(name)attention.output.LayerNorm", hidden)

        let wide = try encoderLinear(state, "\(name)intermediate.dense", from: hidden, to: config.intermediate)
        let active = writer.layer("Gelu", "opset7", [wide], [("approximation_mode", "ERF")], rank: 2)
        let narrow = try encoderLinear(active, "\(name)output.dense", from: config.intermediate, to: hidden)
        return try normalised(writer.add(narrow, state), "\(name)output.LayerNorm", hidden)
    }

    /// Tokens, each in its slot of the rows.
    private mutating func inRows(_ tokens: GraphWriter.Port, _ arrangement: Arrangement) -> GraphWriter.Port {
        writer.gather(tokens, arrangement.places, axis: arrangement.zero, rank: 3)
    }

    /// - Parameter extents: the rows and their length, 0 for those of `port`.
    private mutating func heads(_ port: GraphWriter.Port, _ extents: [Int]) -> GraphWriter.Port {
        writer.transpose(
            writer.reshape(port, extents + [config.heads, config.hidden / config.heads]), [0, 2, 1, 3])
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

    /// A linear layer of the encoder.
    private mutating func encoderLinear(
        _ input: GraphWriter.Port, _ name: String, from width: Int, to outputs: Int
    ) throws -> GraphWriter.Port {
        let matrix =
            switch matrices {
            case .packed: try weight("\(name).weight", [outputs, width])
            case .inPlace: try boundMatrix("\(name).weight", [outputs, width])
            case .quantised: try quantisedMatrix("\(name).weight", rows: outputs, width: width)
            }
        let product = writer.matrixProduct(input, transposed: matrix)
        return writer.add(product, try weight("\(name).bias", [outputs]))
    }

    private mutating func boundMatrix(_ name: String, _ shape: [Int]) throws -> GraphWriter.Port {
        let tensor = try tensor(name, shape)
        guard tensor.type == .f32, tensor.offset.isMultiple(of: tensor.type.size) else {
            return try weight(name, shape)
        }
        bound.append(BoundMatrix(name: name, shape: shape, offset: tensor.offset))
        return writer.layer(
            "Parameter", "opset1", [],
            [("shape", shape.map(String.init).joined(separator: ",")), ("element_type", "f32")], rank: shape.count,
            name: name)
    }

    private mutating func quantisedMatrix(_ name: String, rows: Int, width: Int) throws -> GraphWriter.Port {
        let group = GroupQuantisation.weightGroup(width: width)
        let (values, scales) = try floats(name, [rows, width]).withUnsafeBufferPointer {
            GroupQuantisation.quantised($0, group: group)
        }
        let groups = [rows, width / group]
        let stored = values.withUnsafeBytes { writer.constant(.i8, shape: groups + [group], bytes: $0) }
        // In this form the engine keeps the matrix in 8 bits: it multiplies bytes, or widens them as it goes.
        let weights = writer.multiply(writer.convert(stored), writer.floats(scales, shape: groups + [1]))
        return writer.reshape(weights, [rows, width])
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
        case .f32:
            return [Float](unsafeUninitializedCapacity: count) { values, filled in
                UnsafeMutableRawBufferPointer(values).copyMemory(
                    from: UnsafeRawBufferPointer(rebasing: file.bytes[tensor.offset..<tensor.offset + tensor.size]))
                filled = count
            }
        case .f16: return (0..<count).map { Float(value($0, Float16.self)) }
        case .bf16: return (0..<count).map { Float(bitPattern: UInt32(value($0, UInt16.self)) << 16) }
        case .f64: return (0..<count).map { Float(value($0, Double.self)) }
        default: throw ModelError(.unsupported, "\(file.name): tensor \(name) is of type \(tensor.type.rawValue)")
        }
    }
}
