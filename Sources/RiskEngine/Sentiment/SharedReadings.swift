import Domain
import Synchronization

/// The readings that analyses of this process are working with, so that a text is read once, also when many issues
/// share it at the same instant.
///
/// An analysis holds its texts from before it looks into the sentiment cache until what it read is committed. While any
/// analysis holds a text, its reading stays here; afterwards it is in the cache. There is no instant at which it is in
/// neither. The memory needed is bounded by the analyses that run.
final class SharedReadings: Sendable {
    /// The cache is the tenant's (P8), and so is a reading that is shared: two tenants never share one.
    struct Text: Hashable {
        var tenantID: TenantID
        var model: String
        var hash: ContentHash
    }

    fileprivate struct Entry {
        var holders = 0
        var state = State.unread
    }

    fileprivate enum State {
        case unread
        /// One analysis reads it; the others wait for the end of their streams.
        case inFlight(waiting: [AsyncStream<Never>.Continuation])
        case read(SentimentReading)
    }

    fileprivate let entries = Mutex<[Text: Entry]>([:])

    /// Whether no analysis holds any text.
    var isEmpty: Bool { entries.withLock { $0.isEmpty } }

    /// How many analyses wait for texts that are in flight, or were cancelled while they waited.
    var waiting: Int {
        entries.withLock { entries in
            entries.values.reduce(0) { count, entry in
                if case .inFlight(let waiting) = entry.state { count + waiting.count } else { count }
            }
        }
    }

    /// Runs `body` with a hold that ends when it returns or throws.
    func withHold<Result>(_ body: (ReadingHold) async throws -> Result) async rethrows -> Result {
        let hold = ReadingHold(self)
        defer { hold.end() }
        return try await body(hold)
    }
}

/// One analysis' part in ``SharedReadings``.
final class ReadingHold: Sendable {
    private let shared: SharedReadings
    private let held = Mutex<Set<SharedReadings.Text>>([])

    fileprivate init(_ shared: SharedReadings) { self.shared = shared }

    /// Holds these texts, from before the cache is asked for them.
    func hold(_ texts: [SharedReadings.Text]) {
        let new = held.withLock { held in texts.filter { held.insert($0).inserted } }
        shared.entries.withLock { entries in
            for text in new { entries[text, default: SharedReadings.Entry()].holders += 1 }
        }
    }

    /// The readings of held texts that were not in the cache: has those read that no other analysis is reading, up to
    /// `portion` at a time, and waits for the others. A text whose reader fails or is cancelled is read here.
    ///
    /// Throws what `read` throws, and `CancellationError`.
    ///
    /// - Parameters:
    ///   - texts: in the order in which they are read.
    ///   - read: reads some of the texts; a text that it gives no reading for stays without one.
    ///   - keep: is given each portion that was read, and whether nothing is left to read or to wait for.
    func readings(
        of texts: [SharedReadings.Text], portion: Int,
        read: (_ texts: [SharedReadings.Text]) async throws -> [SharedReadings.Text: SentimentReading],
        keep: (_ read: [SharedReadings.Text: SentimentReading], _ isLast: Bool) async throws -> Void
    ) async throws -> [SharedReadings.Text: SentimentReading] {
        var readings: [SharedReadings.Text: SentimentReading] = [:]
        var missing = texts
        while !missing.isEmpty {
            switch next(among: missing, limit: portion) {
            case .known(let known):
                readings.merge(known) { first, _ in first }
                missing.removeAll { known[$0] != nil }
            case .own(let own):
                let answers: [SharedReadings.Text: SentimentReading]
                do {
                    answers = try await read(own)
                } catch {
                    finish(own, [:])
                    throw error
                }
                finish(own, answers)
                readings.merge(answers) { first, _ in first }
                let done = Set(own)
                missing.removeAll { done.contains($0) }
                try await keep(answers, missing.isEmpty)
            case .others(let end):
                for await _ in end {}
                try Task.checkCancellation()
            }
        }
        return readings
    }

    private enum Next {
        case known([SharedReadings.Text: SentimentReading])
        /// To be read by this analysis.
        case own([SharedReadings.Text])
        /// All are being read by others; the stream ends when one of them is done with.
        case others(AsyncStream<Never>)
    }

    private func next(among texts: [SharedReadings.Text], limit: Int) -> Next {
        shared.entries.withLock { entries in
            var known: [SharedReadings.Text: SentimentReading] = [:]
            var own: [SharedReadings.Text] = []
            for text in texts {
                switch entries[text]?.state ?? .unread {
                case .read(let reading): known[text] = reading
                case .unread where own.count < limit: own.append(text)
                case .unread, .inFlight: break
                }
            }
            if !known.isEmpty { return .known(known) }
            guard own.isEmpty, let first = texts.first, case .inFlight(let waiting) = entries[first]?.state else {
                for text in own { entries[text]?.state = .inFlight(waiting: []) }
                return .own(own)
            }
            let (stream, continuation) = AsyncStream.makeStream(of: Never.self)
            entries[first]?.state = .inFlight(waiting: waiting + [continuation])
            return .others(stream)
        }
    }

    /// Ends the reading of `texts`; those without an answer are for others to read.
    private func finish(_ texts: [SharedReadings.Text], _ answers: [SharedReadings.Text: SentimentReading]) {
        let waiting = shared.entries.withLock { entries in
            var waiting: [AsyncStream<Never>.Continuation] = []
            for text in texts {
                if case .inFlight(let others) = entries[text]?.state { waiting += others }
                entries[text]?.state = answers[text].map { .read($0) } ?? .unread
            }
            return waiting
        }
        for continuation in waiting { continuation.finish() }
    }

    fileprivate func end() {
        let texts = held.withLock { held in
            defer { held = [] }
            return held
        }
        shared.entries.withLock { entries in
            for text in texts {
                entries[text]?.holders -= 1
                if entries[text]?.holders == 0 { entries[text] = nil }
            }
        }
    }
}
