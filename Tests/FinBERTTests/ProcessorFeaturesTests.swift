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
        let features = features("GenuineIntel", "avx512f avx512_bf16 avx512_vnni amx_bf16 amx_tile amx_int8")
        #expect(features.isFasterInBF16 && features.hasWideByteProducts)
    }

    @Test func emeraldRapidsWithoutThemReadsIn32Bits() {
        let features = features("GenuineIntel", "avx512f avx512_bf16 avx512_fp16 avx_vnni avx512_vnni")
        #expect(!features.isFasterInBF16 && features.hasWideByteProducts)
    }

    @Test func zen4ReadsInBF16() {
        let features = features("AuthenticAMD", "avx512f avx512_bf16 avx512_vnni")
        #expect(features.isFasterInBF16 && features.hasWideByteProducts)
    }

    @Test func zen3HasNeither() {
        let features = features("AuthenticAMD", "avx2 fma")
        #expect(!features.isFasterInBF16 && !features.hasWideByteProducts)
    }

    @Test func armSaysItInWordsOfItsOwn() {
        let neoverse = ProcessorFeatures(
            cpuinfo: "processor\t: 0\nBogoMIPS\t: 2100.00\nFeatures\t: fp asimd asimddp i8mm bf16\n")
        #expect(neoverse.isFasterInBF16 && neoverse.hasWideByteProducts)
        let cortex = ProcessorFeatures(cpuinfo: "processor\t: 0\nFeatures\t: fp asimd crc32\n")
        #expect(!cortex.isFasterInBF16 && !cortex.hasWideByteProducts)
    }

    @Test func ofAnUnknownProcessorNothingIsExpected() {
        let features = ProcessorFeatures(cpuinfo: "")
        #expect(!features.isFasterInBF16 && !features.hasWideByteProducts)
    }
}
