import Foundation

/// Writes a network in OpenVINO's intermediate representation, version 11: an XML of layers and edges whose constants
/// are offsets into one block of bytes.
///
/// The block is a checkpoint's file as it is, followed from the next page on by the constants made here, so that the
/// weights of the file are neither converted nor copied (``WeightBlock``).
/// Source: https://docs.openvino.ai, "Operation Sets" and "OpenVINO IR format".
struct GraphWriter {
    enum Element: String {
        case f32, f16, bf16, f64, i64, i8
        /// As ports name it.
        var port: String {
            switch self {
            case .f32, .f16, .f64: "FP" + rawValue.dropFirst()
            case .bf16, .i64, .i8: rawValue.uppercased()
            }
        }
    }

    /// An output of a layer.
    struct Port {
        fileprivate var layer: Int
        fileprivate var index: Int
        fileprivate var element: Element
        var rank: Int
    }

    private let name: String
    private var layers = ""
    private var edges = ""
    private var count = 0
    /// Takes the constants made here.
    private let block: WeightBlock

    init(name: String, block: WeightBlock) {
        self.name = name
        self.block = block
    }

    /// The whole network.
    var xml: String {
        """
        <?xml version="1.0"?>
        <net name="\(name)" version="11">
        <layers>
        \(layers)</layers>
        <edges>
        \(edges)</edges>
        </net>
        """
    }

    // MARK: Layers

    /// Adds a layer with one output.
    mutating func layer(
        _ type: String, _ operationSet: String, _ inputs: [Port] = [], _ data: [(String, String)] = [],
        output: Element = .f32, rank: Int, name: String? = nil
    ) -> Port {
        open(type, operationSet, inputs, data, name: name)
        layers += "<output><port id=\"\(inputs.count)\" precision=\"\(output.port)\""
        if let name { layers += " names=\"\(name)\"" }
        layers += ">\(Self.dimensions(rank))</port></output></layer>\n"
        defer { count += 1 }
        return Port(layer: count, index: inputs.count, element: output, rank: rank)
    }

    /// Makes `port` an output of the network.
    mutating func result(_ port: Port) {
        open("Result", "opset1", [port], [], name: nil)
        layers += "</layer>\n"
        count += 1
    }

    private mutating func open(
        _ type: String, _ operationSet: String, _ inputs: [Port], _ data: [(String, String)], name: String?
    ) {
        layers +=
            "<layer id=\"\(count)\" name=\"\(name ?? "\(type)_\(count)")\" type=\"\(type)\" version=\"\(operationSet)\">"
        if !data.isEmpty { layers += "<data" + data.map { " \($0)=\"\($1)\"" }.joined() + "/>" }
        guard !inputs.isEmpty else { return }
        layers += "<input>"
        for (index, port) in inputs.enumerated() {
            layers += "<port id=\"\(index)\" precision=\"\(port.element.port)\">\(Self.dimensions(port.rank))</port>"
            edges +=
                "<edge from-layer=\"\(port.layer)\" from-port=\"\(port.index)\" to-layer=\"\(count)\" to-port=\"\(index)\"/>\n"
        }
        layers += "</input>"
    }

    private static func dimensions(_ rank: Int) -> String { String(repeating: "<dim>-1</dim>", count: rank) }

    // MARK: Constants

    /// A constant that is already in the block.
    mutating func constant(_ element: Element, shape: [Int], offset: Int, size: Int) -> Port {
        layer(
            "Const", "opset1", [],
            [
                ("element_type", element.rawValue), ("shape", shape.map(String.init).joined(separator: ", ")),
                ("offset", "\(offset)"), ("size", "\(size)"),
            ], output: element, rank: shape.count)
    }

    /// A constant made here.
    mutating func constant(_ element: Element, shape: [Int], bytes: UnsafeRawBufferPointer) -> Port {
        constant(element, shape: shape, offset: block.append(bytes), size: bytes.count)
    }

    mutating func integers(_ values: [Int64], isScalar: Bool = false) -> Port {
        values.withUnsafeBytes { constant(.i64, shape: isScalar ? [] : [values.count], bytes: $0) }
    }

    mutating func floats(_ values: [Float], shape: [Int]) -> Port {
        values.withUnsafeBytes { constant(.f32, shape: shape, bytes: $0) }
    }

    // MARK: Operations

    mutating func add(_ left: Port, _ right: Port, name: String? = nil) -> Port {
        elementwise("Add", left, right, name: name)
    }
    mutating func subtract(_ left: Port, _ right: Port) -> Port { elementwise("Subtract", left, right) }
    mutating func multiply(_ left: Port, _ right: Port) -> Port { elementwise("Multiply", left, right) }

    private mutating func elementwise(_ type: String, _ left: Port, _ right: Port, name: String? = nil) -> Port {
        layer(
            type, "opset1", [left, right], [("auto_broadcast", "numpy")], rank: max(left.rank, right.rank), name: name)
    }

    mutating func convert(_ port: Port) -> Port {
        layer("Convert", "opset1", [port], [("destination_type", "f32")], rank: port.rank)
    }

    mutating func gather(_ table: Port, _ indices: Port, axis: Port, rank: Int) -> Port {
        layer("Gather", "opset8", [table, indices, axis], [("batch_dims", "0")], output: table.element, rank: rank)
    }

    mutating func matrixProduct(_ left: Port, transposed right: Port) -> Port {
        layer(
            "MatMul", "opset1", [left, right], [("transpose_a", "false"), ("transpose_b", "true")], rank: left.rank)
    }

    /// 0 in `shape` keeps an extent.
    mutating func reshape(_ port: Port, _ shape: [Int]) -> Port {
        let target = integers(shape.map(Int64.init))
        return layer("Reshape", "opset1", [port, target], [("special_zero", "true")], rank: shape.count)
    }

    mutating func transpose(_ port: Port, _ order: [Int]) -> Port {
        let order = integers(order.map(Int64.init))
        return layer("Transpose", "opset1", [port, order], rank: port.rank)
    }
}
