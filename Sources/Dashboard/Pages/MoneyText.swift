/// Amounts of money.
enum MoneyText {
    /// After the currency, thousands apart by commas, no decimals: `$12,500`, `EUR 12,500`.
    static func text(_ amount: Double, in currency: String) -> String {
        let unit = currency.last?.isLetter == true ? currency + " " : currency
        guard abs(amount) < 1e15 else { return "\(unit)\(amount)" }
        let whole = Int(amount.rounded())
        let digits = Array(String(abs(whole)))
        var text = whole < 0 ? "-" : ""
        for (index, digit) in digits.enumerated() {
            if index > 0, (digits.count - index).isMultiple(of: 3) { text.append(",") }
            text.append(digit)
        }
        return unit + text
    }
}
