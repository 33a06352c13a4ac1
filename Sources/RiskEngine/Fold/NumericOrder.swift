import Domain

/// Orders ids by the numbers in them, so that `9` comes before `10` and `7/2` before `7/10`.
struct NumericOrder: Comparable {
    private let text: String

    init(_ id: some StringIdentifier) { text = id.rawValue }

    static func < (a: NumericOrder, b: NumericOrder) -> Bool {
        var (rest, other) = (Substring(a.text).utf8, Substring(b.text).utf8)
        while let x = rest.first, let y = other.first {
            if isDigit(x) && isDigit(y) {
                let (number, otherNumber) = (takeNumber(&rest), takeNumber(&other))
                if number.count != otherNumber.count { return number.count < otherNumber.count }
                if !number.elementsEqual(otherNumber) { return number.lexicographicallyPrecedes(otherNumber) }
            } else if x != y {
                return x < y
            } else {
                rest.removeFirst()
                other.removeFirst()
            }
        }
        // Equal but for leading zeros, or one begins the other.
        return rest.isEmpty && other.isEmpty ? a.text < b.text : rest.isEmpty
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }

    /// Takes the digits at the front, and gives them without leading zeros.
    private static func takeNumber(_ text: inout Substring.UTF8View) -> Substring.UTF8View {
        let digits = text.prefix(while: isDigit)
        text = text[digits.endIndex...]
        return digits.drop { $0 == 0x30 }
    }
}
