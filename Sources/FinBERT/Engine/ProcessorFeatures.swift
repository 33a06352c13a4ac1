import Foundation

/// The CPU's instruction sets, as far as the choice of a precision depends on them.
struct ProcessorFeatures: Sendable {
    private let flags: Set<Substring>
    private let isAMD: Bool

    /// Those of this machine; empty if it has no /proc/cpuinfo.
    static let current = ProcessorFeatures(
        cpuinfo: FileManager.default.contents(atPath: "/proc/cpuinfo").map { String(decoding: $0, as: UTF8.self) } ?? ""
    )

    /// - Parameter cpuinfo: the text of /proc/cpuinfo (proc_cpuinfo(5)). Only the first CPU is read.
    init(cpuinfo: String) {
        func value(of name: String) -> Substring? {
            let line = cpuinfo.split(separator: "\n").first {
                $0.hasPrefix(name) && $0.dropFirst(name.count).drop(while: \.isWhitespace).hasPrefix(":")
            }
            return line.flatMap { line in line.firstIndex(of: ":").map { line[line.index(after: $0)...] } }
        }
        let list = value(of: "flags") ?? value(of: "Features") ?? ""
        flags = Set(list.split(whereSeparator: \.isWhitespace))
        isAMD = value(of: "vendor_id")?.contains("AuthenticAMD") ?? false
    }

    /// Whether a text's answer is the same to the last bit whatever is read with it, so that texts may share a batch
    /// (decision 0063). Measured with AVX-512; with AVX2, sums were rounded otherwise in larger batches. In 8 bits it
    /// holds only where the processor adds products of bytes (VNNI): elsewhere the engine widens weights, and not in every
    /// batch alike.
    func answersAlikeTogether(in precision: Precision) -> Bool {
        hasAVX512 && (precision != .int8 || flags.contains("avx512_vnni"))
    }

    /// Whether it has the vector instructions of 512 bits that the engine asks for.
    var hasAVX512: Bool { flags.isSuperset(of: ["avx512f", "avx512bw", "avx512dq", "avx512vl"]) }

    /// Whether bf16 is faster than 32 bits: with matrix registers (AMX), AMD's AVX-512, or ARM's extension. Intel's AVX-512
    /// multiplies bf16 at half the rate of other products, so that without AMX, which many clouds hide from their guests, it
    /// takes 1.7 times as long as 32 bits (Benchmarks/README.md).
    var isFasterInBF16: Bool {
        flags.contains("amx_bf16") || flags.contains("bf16") || isAMD && flags.contains("avx512_bf16")
    }
}
