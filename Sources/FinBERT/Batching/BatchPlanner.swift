/// Chooses which queued sequences are read together.
///
/// Sequences of one batch are padded to the longest, and padding costs as much as text. So a batch starts with the
/// sequence that waits longest and takes those of nearest length, as long as at most a tenth of it is padding.
/// Pure: the same lengths give the same batch.
struct BatchPlanner: Sendable {
    /// The most sequences of one batch.
    var largestBatch = 32
    /// The most tokens of one batch, padding included, unless a single sequence is longer: keeps the working memory of
    /// a batch small and a batch short (P10: a stop waits for the batch in flight).
    var largestTokens = 1024
    /// The most of a batch that may be padding.
    var paddingShare = 0.1

    /// The batch to read next.
    ///
    /// - Parameter lengths: of the waiting sequences, the one that waits longest first. Not empty.
    /// - Returns: their positions, in ascending order; always with position 0.
    func nextBatch(of lengths: [Int]) -> [Int] {
        let sorted = lengths.indices.sorted { (lengths[$0], $0) < (lengths[$1], $1) }
        guard let anchor = sorted.firstIndex(of: 0) else { return [] }
        var (first, last) = (anchor, anchor)
        var sum = lengths[0]
        while last - first + 1 < largestBatch {
            let count = last - first + 2
            let longest = lengths[sorted[last]]
            func fits(_ longest: Int, _ sum: Int) -> Bool {
                longest * count <= largestTokens
                    && Double(longest * count - sum) <= paddingShare * Double(longest * count)
            }
            let shorter = first > 0 ? lengths[sorted[first - 1]] : nil
            let longer = last + 1 < sorted.count ? lengths[sorted[last + 1]] : nil
            // The nearer neighbour first; a tie goes to the shorter.
            let takesShorter = shorter.map { longest - $0 <= (longer ?? .max) - longest } ?? false
            if let shorter, takesShorter || longer == nil, fits(longest, sum + shorter) {
                first -= 1
                sum += shorter
            } else if let longer, fits(longer, sum + longer) {
                last += 1
                sum += longer
            } else if let shorter, fits(longest, sum + shorter) {
                first -= 1
                sum += shorter
            } else {
                break
            }
        }
        return sorted[first...last].sorted()
    }
}
