import Testing

@testable import FinBERT

/// Lines as /proc/cpuinfo has them on the processors named.
@Suite struct ProcessorFeaturesTests {
    private func features(_ vendor: String, _ flags: String) -> ProcessorFeatures {
        ProcessorFeatures(
            cpuinfo:
                "processor\t: 0\nvendor_id\t: \(vendor)\nvmx flags\t: none\nflags\t\t: fpu sse2 \(flags)\nbugs\t\t:\n")
    }

    @Test func emeraldRapidsWithItsMatrixRegistersReadsInBF16() {
        #expect(features("GenuineIntel", "avx512f avx512_bf16 avx512_vnni amx_bf16 amx_tile amx_int8").isFasterInBF16)
    }

    @Test func emeraldRapidsWithoutThemReadsIn32Bits() {
        #expect(!features("GenuineIntel", "avx512f avx512_bf16 avx512_fp16 avx_vnni avx512_vnni").isFasterInBF16)
    }

    @Test func zen4ReadsInBF16() {
        #expect(features("AuthenticAMD", "avx512f avx512_bf16 avx512_vnni").isFasterInBF16)
    }

    @Test func zen3ReadsIn32Bits() {
        #expect(!features("AuthenticAMD", "avx2 fma").isFasterInBF16)
    }

    @Test(arguments: [
        ("avx512f avx512bw avx512dq avx512vl avx512_vnni", true, true),
        ("avx512f avx512bw avx512dq avx512vl", true, false), ("avx512f avx512cd", false, false),
        ("avx2 fma avx_vnni", false, false),
    ])
    func textsShareBatchesOnlyWhereTheirAnswersAreAlike(flags: String, inFloats: Bool, inBytes: Bool) {
        let features = features("GenuineIntel", flags)
        #expect(features.answersAlikeTogether(in: .fp32) == inFloats)
        #expect(features.answersAlikeTogether(in: .bf16) == inFloats)
        #expect(features.answersAlikeTogether(in: .int8) == inBytes)
    }

    @Test func armSaysItInWordsOfItsOwn() {
        let neoverse = ProcessorFeatures(
            cpuinfo: "processor\t: 0\nBogoMIPS\t: 2100.00\nFeatures\t: fp asimd asimddp i8mm bf16\n")
        #expect(neoverse.isFasterInBF16)
        let cortex = ProcessorFeatures(cpuinfo: "processor\t: 0\nFeatures\t: fp asimd crc32\n")
        #expect(!cortex.isFasterInBF16)
    }

    @Test func ofAnUnknownProcessorNothingIsExpected() {
        let features = ProcessorFeatures(cpuinfo: "")
        #expect(!features.isFasterInBF16 && !features.answersAlikeTogether(in: .fp32))
    }
}
