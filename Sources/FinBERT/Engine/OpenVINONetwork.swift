import Foundation

#if HAS_OPENVINO
    import COpenVINO
#endif

/// A network that OpenVINO has compiled for this CPU, with one inference request.
///
/// Not `Sendable`: it belongs to the thread that made it (``InferenceThread``).
final class OpenVINONetwork {
    enum Source {
        /// A graph over a block of weights.
        case graph(BertGraph.Network, weights: WeightBlock)
        /// A model file that OpenVINO reads itself: ONNX, or its own format with the weights beside it.
        case file(String)
    }

    struct Options {
        var precision: Precision = .fp32
        var threads: Int
        /// How many numbers share a scale where the engine quantises what meets weights in 8 bits; 0 if it must not.
        var quantisationGroup = 0
    }

    /// How many prepared operations the engine keeps. Each belongs to one shape; some twenty serve a batch. Unbounded, they
    /// grew by 1 to 5 MB with each new shape (decision 0007).
    private static let keptParts = 512

    #if HAS_OPENVINO
        private var core: OpaquePointer?
        private var compiled: OpaquePointer?
        private var request: OpaquePointer?
        private let inputs: Set<String>
        /// Kept, as the compiled network may read from it.
        private let weights: WeightBlock?

        /// Reads and compiles. Throws ``ModelError`` with the engine's own reason.
        init(_ source: Source, options: Options) throws {
            var model: OpaquePointer?
            defer { ov_model_free(model) }
            try Self.check(ov_core_create(&core), "start OpenVINO")
            switch source {
            case .file(let path):
                weights = nil
                try Self.check(
                    ov_core_read_model(core, path, nil, &model), "read \(URL(fileURLWithPath: path).lastPathComponent)")
            case .graph(let network, let block):
                weights = block
                let tensor = try Self.tensor(U8, shape: [block.size], at: block.file.memory.baseAddress)
                defer { ov_tensor_free(tensor) }
                let xml = network.xml
                try Self.check(
                    ov_core_read_model_from_memory_buffer(core, xml, xml.utf8.count, tensor, &model), "read the graph")
            }
            inputs = try Self.inputNames(model)
            if weights == nil { try Self.requireInputsOfBERT(inputs) }
            let properties = [
                "INFERENCE_PRECISION_HINT": options.precision == .bf16 ? "bf16" : "f32",
                "INFERENCE_NUM_THREADS": "\(options.threads)", "NUM_STREAMS": "1", "PERFORMANCE_HINT": "LATENCY",
                // The daemon shares the CPU: its threads must not be pinned.
                "ENABLE_CPU_PINNING": "NO", "CPU_RUNTIME_CACHE_CAPACITY": "\(Self.keptParts)",
                "DYNAMIC_QUANTIZATION_GROUP_SIZE": "\(options.quantisationGroup)",
            ]
            var texts: [UnsafeMutablePointer<CChar>?] = []
            for (key, value) in properties { texts += [strdup(key), strdup(value)] }
            defer { for text in texts { free(text) } }
            let list = stride(from: 0, to: texts.count, by: 2).map { index in
                ov_property_t(key: UnsafePointer(texts[index]), value: UnsafePointer(texts[index + 1]))
            }
            try Self.check(
                ov_core_compile_model_props(core, model, "CPU", list.count, list, &compiled), "compile the model")
            try Self.check(ov_compiled_model_create_infer_request(compiled, &request), "prepare the model")
            if case .graph(let network, let block) = source { try bind(network.bound, in: block) }
        }

        /// Gives the network the matrices that it reads where they lie.
        private func bind(_ matrices: [BertGraph.BoundMatrix], in block: WeightBlock) throws {
            for matrix in matrices {
                let place = block.file.memory.baseAddress.map { $0 + matrix.offset }
                let tensor = try Self.tensor(F32, shape: matrix.shape, at: place)
                defer { ov_tensor_free(tensor) }
                try Self.check(ov_infer_request_set_tensor(request, matrix.name, tensor), "set \(matrix.name)")
            }
        }

        /// A tensor over memory that stays where it is.
        private static func tensor(
            _ type: ov_element_type_e, shape: [Int], at place: UnsafeMutableRawPointer?
        ) throws -> OpaquePointer? {
            var tensor: OpaquePointer?
            var dimensions = shape.map { Int64($0) }
            try dimensions.withUnsafeMutableBufferPointer { extents in
                try check(
                    ov_tensor_create_from_host_ptr(
                        type, ov_shape_t(rank: Int64(extents.count), dims: extents.baseAddress), place, &tensor),
                    "take the weights")
            }
            return tensor
        }

        deinit {
            ov_infer_request_free(request)
            ov_compiled_model_free(compiled)
            ov_core_free(core)
        }

        /// The engine's version.
        static var version: String? {
            var version = ov_version_t()
            guard ov_get_openvino_version(&version).rawValue == 0 else { return nil }
            defer { ov_version_free(&version) }
            return version.buildNumber.map { String(cString: $0) }
        }

        /// Whether the CPU has bf16 instructions.
        static func supportsBF16() throws -> Bool {
            var core: OpaquePointer?
            try check(ov_core_create(&core), "start OpenVINO")
            defer { ov_core_free(core) }
            var value: UnsafeMutablePointer<CChar>?
            try check(
                ov_core_get_property(core, "CPU", "OPTIMIZATION_CAPABILITIES", &value),
                "query the CPU's capabilities")
            defer { ov_free(value) }
            return value.map { String(cString: $0).split(whereSeparator: { !$0.isLetter && !$0.isNumber }) }?
                .contains("BF16") ?? false
        }

        /// Runs a batch. The first output, flat and row by row.
        func run(_ batch: TokenBatch) throws -> [Float] {
            for input in batch.inputs where inputs.contains(input.name) { try bind(input) }
            try Self.check(ov_infer_request_infer(request), "run the model")
            var tensor: OpaquePointer?
            try Self.check(ov_infer_request_get_output_tensor_by_index(request, 0, &tensor), "get the output")
            defer { ov_tensor_free(tensor) }
            var (count, type) = (0, DYNAMIC)
            var data: UnsafeMutableRawPointer?
            try Self.check(ov_tensor_get_size(tensor, &count), "get the output's size")
            try Self.check(ov_tensor_get_element_type(tensor, &type), "get the output's type")
            try Self.check(ov_tensor_data(tensor, &data), "get the output's data")
            guard type == F32, let data else {
                throw ModelError(.unsupported, "the model's output is not 32-bit float")
            }
            return Array(UnsafeBufferPointer(start: data.assumingMemoryBound(to: Float.self), count: count))
        }

        private func bind(_ input: TokenBatch.Input) throws {
            var tensor: OpaquePointer?
            var dimensions = input.shape.map { Int64($0) }
            // A tensor of the engine's own: the array need not outlive this call.
            try dimensions.withUnsafeMutableBufferPointer { extents in
                try Self.check(
                    ov_tensor_create(
                        I64, ov_shape_t(rank: Int64(extents.count), dims: extents.baseAddress), &tensor),
                    "make an input of \(input.shape)")
            }
            defer { ov_tensor_free(tensor) }
            var data: UnsafeMutableRawPointer?
            try Self.check(ov_tensor_data(tensor, &data), "fill an input")
            input.values.withUnsafeBytes {
                if let base = $0.baseAddress { data?.copyMemory(from: base, byteCount: $0.count) }
            }
            try Self.check(ov_infer_request_set_tensor(request, input.name, tensor), "set the input \(input.name)")
        }

        /// The names of the network's inputs.
        private static func inputNames(_ model: OpaquePointer?) throws -> Set<String> {
            var count = 0
            try check(ov_model_inputs_size(model, &count), "count the inputs")
            var names: Set<String> = []
            for index in 0..<count {
                var (port, name): (OpaquePointer?, UnsafeMutablePointer<CChar>?) = (nil, nil)
                try check(ov_model_const_input_by_index(model, index, &port), "get an input")
                defer { ov_output_const_port_free(port) }
                try check(ov_port_get_any_name(port, &name), "name an input")
                defer { ov_free(name) }
                if let name { names.insert(String(cString: name)) }
            }
            return names
        }

        /// Throws when the inputs are not those that exporters give a BERT classifier.
        private static func requireInputsOfBERT(_ names: Set<String>) throws {
            guard names.isSuperset(of: ["input_ids", "attention_mask"]),
                names.isSubset(of: ["input_ids", "attention_mask", "token_type_ids"])
            else {
                throw ModelError(
                    .unsupported,
                    """
                    the model's inputs are \(names.sorted().joined(separator: ", ")); consilod provides input_ids, \
                    attention_mask and token_type_ids
                    """)
            }
        }

        private static func check(_ status: ov_status_e, _ what: @autoclosure () -> String) throws {
            guard status.rawValue != 0 else { return }
            let detail = ov_get_last_err_msg().map { String(cString: $0) } ?? ""
            let reason = detail.isEmpty ? ov_get_error_info(status).map { String(cString: $0) } ?? "" : detail
            // The engine's message is a trace of many lines; the last is the reason.
            let lines = reason.split(separator: "\n").map { $0.trimmingCharacters(in: .whitespaces) }.filter {
                !$0.isEmpty
            }
            throw ModelError(.engine, "OpenVINO cannot \(what()): \(lines.last ?? "error \(status.rawValue)")")
        }
    #else
        private static let missing = ModelError(
            .engine,
            "this consilod was built without OpenVINO, which runs the model: run script/setup and build again")

        init(_ source: Source, options: Options) throws { throw Self.missing }
        static var version: String? { nil }
        static func supportsBF16() throws -> Bool { throw missing }
        func run(_ batch: TokenBatch) throws -> [Float] { throw Self.missing }
    #endif
}
