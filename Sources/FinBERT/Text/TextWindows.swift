/// Cuts a text's tokens into windows of the model's size.
///
/// The rule: a text that fits is one window. A longer one is cut into the fewest windows that hold it, of equal length
/// but for one token, so that none is a mere remainder; the text's probabilities are the mean of the windows', weighted by
/// their lengths. The rest of a text beyond ``largestCount`` windows is not read.
enum TextWindows {
    /// More than the longest comment that Jira accepts (32,767 characters) can have at one token per character.
    static let largestCount = 65

    /// - Parameter limit: tokens of a window, without `[CLS]` and `[SEP]`; 1 or more.
    static func cut(_ ids: [Int32], limit: Int) -> [ArraySlice<Int32>] {
        let ids = ids.prefix(limit * largestCount)
        guard ids.count > limit else { return [ids] }
        let count = (ids.count + limit - 1) / limit
        return (0..<count).map { ids[ids.count * $0 / count..<ids.count * ($0 + 1) / count] }
    }
}
