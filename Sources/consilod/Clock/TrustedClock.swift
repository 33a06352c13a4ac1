import Domain
import Foundation
import Store
import Synchronization

/// The daemon's one source of the time: the host's wall clock, as far as ``ClockJudge`` trusts it.
final class TrustedClock: Sendable {
    private struct State {
        var judge: ClockJudge
        /// The confirmation that was known at the start, or was taken since.
        var confirmedAt: Timestamp?
    }

    private let read: @Sendable () -> ClockJudge.Reading
    private let state: Mutex<State>

    /// - Parameter read: looks at the host's clocks.
    init(read: @escaping @Sendable () -> ClockJudge.Reading = TrustedClock.readHost) {
        self.read = read
        state = Mutex(State(judge: ClockJudge(read())))
    }

    /// The host's clocks.
    static func readHost() -> ClockJudge.Reading {
        ClockJudge.Reading(wall: .now, monotonic: Int64(origin.duration(to: .now) / .milliseconds(1)))
    }

    private static let origin = ContinuousClock.now

    /// Judges the clock by what a store remembers; before anything is done by it.
    func begin(after record: ClockRecord) {
        state.withLock { $0 = State(judge: ClockJudge(read(), after: record), confirmedAt: record.confirmedAt) }
    }

    /// The instant by which all work is done.
    var now: Timestamp { state.withLock { $0.judge.now(read()) } }

    /// An instant that is certainly not after the true one, for what cannot be undone.
    var certain: Timestamp { state.withLock { $0.judge.certain(read()) } }

    /// Why the wall clock is not trusted; nil where it is.
    var doubt: ClockJudge.Doubt? {
        state.withLock { state in
            _ = state.judge.now(read())
            return state.judge.doubt
        }
    }

    /// What the next heartbeat says of this clock.
    var note: ClockNote { state.withLock { $0.judge.note(read()) } }

    /// Takes up an operator's confirmation, where the record has a new one that is of what the wall clock says here.
    func hear(_ record: ClockRecord) {
        state.withLock { state in
            guard let confirmedAt = record.confirmedAt, confirmedAt != state.confirmedAt else { return }
            state.confirmedAt = confirmedAt
            let reading = read()
            let age = abs(reading.wall.milliseconds - confirmedAt.milliseconds)
            if age <= ClockJudge.stepSeconds * 1000 { state.judge.confirm(reading) }
        }
    }
}

extension ClockJudge.Doubt: CustomStringConvertible {
    /// One clause for people, with what the host's clock did.
    var description: String {
        switch self {
        case .stepped(let seconds):
            "the host's clock was set \(seconds < 0 ? "back" : "ahead") by \(Self.span(seconds)) while consilod ran"
        case .startedAhead(let heartbeat): "the host's clock is far after the last use of the store at \(heartbeat)"
        case .startedBehind(let heartbeat): "the host's clock is before the last use of the store at \(heartbeat)"
        }
    }

    private static func span(_ seconds: Int64) -> String {
        let hours = Double(abs(seconds)) / 3600
        return hours < 48 ? String(format: "%.1f hours", hours) : "\(Int(hours / 24)) days"
    }
}
