import Domain

/// Small pieces of plain English for explanations.
enum Wording {
    /// `1 day`, `2 days`.
    static func count(_ number: Int, _ noun: String, plural: String? = nil) -> String {
        "\(number) \(number == 1 ? noun : plural ?? noun + "s")"
    }

    /// `3`, `2.5`: at most one decimal, none when it is zero.
    static func number(_ value: Double) -> String {
        // Beyond 10^15 a double has no tenths, and may not fit an integer.
        guard abs(value) < 1e15 else { return "\(value)" }
        let tenths = Int((value * 10).rounded())
        return tenths % 10 == 0 ? "\(tenths / 10)" : "\(tenths < 0 ? "-" : "")\(abs(tenths) / 10).\(abs(tenths) % 10)"
    }

    /// `A`, `A and B`, `A, B and C`.
    static func list(_ items: [String]) -> String {
        guard let last = items.last, items.count > 1 else { return items.first ?? "" }
        return items.dropLast().joined(separator: ", ") + " and " + last
    }

    /// After the currency, thousands apart by commas, no decimals: `$12,500`, `EUR 12,500`, and `12,500` without one.
    static func money(_ amount: Double, in currency: String) -> String {
        let unit = currency.last?.isLetter == true ? currency + " " : currency
        return unit + plainMoney(amount)
    }

    private static func plainMoney(_ amount: Double) -> String {
        guard abs(amount) < 1e15 else { return "\(amount)" }
        let whole = Int(amount.rounded())
        let digits = Array(String(abs(whole)))
        var text = whole < 0 ? "-" : ""
        for (index, digit) in digits.enumerated() {
            if index > 0, (digits.count - index).isMultiple(of: 3) { text.append(",") }
            text.append(digit)
        }
        return text
    }

    /// A band as a coloured dot.
    static func mark(_ band: RiskBand) -> String {
        switch band {
        case .high: "🔴"
        case .medium: "🟡"
        case .low: "🟢"
        }
    }
}
