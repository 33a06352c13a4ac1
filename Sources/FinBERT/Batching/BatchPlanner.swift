/// Chooses which queued sequences are read together: the one that waits longest, and those of nearest length.
///
/// Packed sequences are padded for attention only, padded ones for everything (``TokenBatch/Form``); so how much padding a
/// batch may have depends on the form. Padding is counted by the lengths that are computed, in steps.
/// Pure: the same lengths give the same batch.
struct BatchPlanner: Sendable {
    let form: TokenBatch.Form
    /// The most sequences of one batch; 1 where a text's answer depends on what is read with it.
    let largestBatch: Int
    /// The most tokens of one batch, padding included, unless a single sequence is longer: keeps the working memory of
    /// a batch small and a batch short (P10: a stop waits for the batch in flight).
    let largestTokens = 1024
    /// The most of a batch's rows that may be padding. Of packed sequences it costs a part of the attention, which is
    /// itself a small part of the work.
    private let paddingShare: Double

    /// - Parameter readsTogether: whether sequences may share a batch.
    init(form: TokenBatch.Form = .packed, readsTogether: Bool = true) {
        self.form = form
        largestBatch = readsTogether ? 64 : 1
        paddingShare =
            switch form {
            case .packed: 0.5
            case .padded: 0.1
            }
    }

    /// The batch to read next.
    ///
    /// - Parameter lengths: of the waiting sequences, the one that waits longest first. Not empty.
    /// - Returns: their positions, in ascending order; always with position 0.
    func nextBatch(of lengths: [Int]) -> [Int] {
        let sorted = lengths.indices.sorted { (lengths[$0], $0) < (lengths[$1], $1) }
        guard let anchor = sorted.firstIndex(of: 0) else { return [] }
        var (first, last) = (anchor, anchor)
        var contents = Contents()
        contents.add(lengths[0])
        while last - first + 1 < largestBatch {
            let longest = lengths[sorted[last]]
            let shorter = first > 0 ? lengths[sorted[first - 1]] : nil
            let longer = last + 1 < sorted.count ? lengths[sorted[last + 1]] : nil
            // The nearer neighbour first; a tie goes to the shorter.
            let takesShorter = shorter.map { longest - $0 <= (longer ?? .max) - longest } ?? false
            if let shorter, takesShorter || longer == nil, fits(contents, with: shorter) {
                first -= 1
                contents.add(shorter)
            } else if let longer, fits(contents, with: longer) {
                last += 1
                contents.add(longer)
            } else if let shorter, fits(contents, with: shorter) {
                first -= 1
                contents.add(shorter)
            } else {
                break
            }
        }
        return sorted[first...last].sorted()
    }

    private struct Contents {
        private(set) var count = 0
        private(set) var tokens = 0
        /// Sum of the lengths in steps: even alone, a sequence is padded to those.
        private(set) var stepped = 0
        private var longest = 0
        /// What the rows have room for, in tokens.
        var slots: Int { count * TokenBatch.stepped(longest) }

        mutating func add(_ length: Int) {
            count += 1
            tokens += length
            stepped += TokenBatch.stepped(length)
            longest = max(longest, length)
        }
    }

    private func fits(_ contents: Contents, with length: Int) -> Bool {
        var contents = contents
        contents.add(length)
        let tokens =
            switch form {
            case .packed: contents.tokens
            case .padded: contents.slots
            }
        return tokens <= largestTokens
            && Double(contents.slots - contents.stepped) <= paddingShare * Double(contents.slots)
    }
}
