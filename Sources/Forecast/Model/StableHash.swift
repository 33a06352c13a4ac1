/// FNV-1a of bytes (http://www.isthe.com/chongo/tech/comp/fnv): the same on every machine and in every run, which the
/// standard library's hashes are not. It names content; it does not protect it.
public struct StableHash: Sendable {
    private var state: UInt128 = 0x6c62_272e_07bb_0142_62b8_2175_6295_c58d

    public init() {}

    /// Adds bytes.
    public mutating func combine(_ bytes: some Sequence<UInt8>) {
        // 2^88 + 2^8 + 0x3b
        for byte in bytes { state = (state ^ UInt128(byte)) &* 0x0000_0000_0100_0000_0000_0000_0000_013b }
    }

    /// Adds an integer, least significant byte first.
    public mutating func combine(_ value: some FixedWidthInteger) {
        withUnsafeBytes(of: value.littleEndian) { combine($0) }
    }

    /// Adds a text and its length, so that two texts are not the one that they make together.
    public mutating func combine(_ text: String) {
        combine(text.utf8)
        combine(text.utf8.count)
    }

    /// 32 lower-case hexadecimal digits.
    public var hexadecimal: String {
        let digits = String(state, radix: 16)
        return String(repeating: "0", count: 32 - digits.count) + digits
    }
}

extension UInt64 {
    /// The number with its bits mixed: numbers that differ in one bit differ in about half of them (the finaliser of
    /// SplitMix64; Steele, Lea, Flood 2014).
    var mixed: UInt64 {
        var value = self &+ 0x9e37_79b9_7f4a_7c15
        value = (value ^ (value >> 30)) &* 0xbf58_476d_1ce4_e5b9
        value = (value ^ (value >> 27)) &* 0x94d0_49bb_1331_11eb
        return value ^ (value >> 31)
    }

    /// FNV-1a of a text in 64 bits.
    static func hash(of text: String) -> UInt64 {
        text.utf8.reduce(0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1)) &* 0x0000_0100_0000_01b3 }
    }
}
