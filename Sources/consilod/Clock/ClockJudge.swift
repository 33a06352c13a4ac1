import Domain
import Store

/// Judges the host's wall clock by the monotonic clock, which cannot be set, and by what the store remembers, and says which instant is
/// now. Pure: every reading is an argument.
///
/// A wall clock that was set by more than ``stepSeconds`` is not followed: consilod counts on from the last instant that it
/// trusted. It is trusted again when it is set back, when it has run steadily for ``steadySeconds``, or when an operator
/// confirms it. A clock that is far ahead at the start may be right, after a long pause: it is followed, but nothing
/// irreversible is done by it (``certain(_:)``).
struct ClockJudge: Sendable {
    /// How far the wall clock may depart from the monotonic one within a day.
    static let stepSeconds: Int64 = 3600
    /// How far after the last heartbeat a start may be.
    static let startSeconds: Int64 = 7 * 86_400
    /// How long a clock that is not trusted must run without a step to be trusted.
    static let steadySeconds: Int64 = 86_400
    /// How long after the start the clock may be set to anything that the start would have taken: a host without a battery
    /// for its clock asks the network late.
    static let settlingSeconds: Int64 = 3600

    /// One look at both clocks.
    struct Reading: Sendable {
        var wall: Timestamp
        /// Milliseconds since any fixed instant, the host's sleep included.
        var monotonic: Int64
    }

    /// Why the wall clock is not trusted.
    enum Doubt: Sendable, Hashable {
        /// It was set while the daemon ran, by so many seconds.
        case stepped(seconds: Int64)
        /// At the start it was far after the last heartbeat.
        case startedAhead(of: Timestamp)
        /// At the start it was before the last heartbeat.
        case startedBehind(Timestamp)
    }

    /// An instant, and the monotonic clock at it.
    private struct Mark: Sendable {
        var at: Timestamp
        var monotonic: Int64

        init(_ at: Timestamp, _ monotonic: Int64) { (self.at, self.monotonic) = (at, monotonic) }

        func instant(_ reading: Reading) -> Timestamp { at.adding(milliseconds: reading.monotonic - monotonic) }
        func age(_ reading: Reading) -> Int64 { reading.monotonic - monotonic }
    }

    private struct Doubted: Sendable {
        var doubt: Doubt
        /// The last instant that was trusted: counted on from it, what is certainly not after the true time.
        var count: Mark
        /// How far after the count the wall clock may be to be trusted again, in milliseconds.
        var toleranceMilliseconds: Int64
        var followsWall: Bool
        /// Since when the clock runs without a step.
        var steady: Mark
    }

    private enum State: Sendable {
        /// Trusted since `from`; `last` is the newest look.
        case trusted(from: Mark, last: Mark)
        case doubted(Doubted)
    }

    private var state: State
    /// The last heartbeat before the start, as counted on.
    private let start: Mark
    private let startedAt: Int64

    /// Judges the clock at a start.
    init(_ reading: Reading, after record: ClockRecord = ClockRecord()) {
        let wall = Mark(reading.wall, reading.monotonic)
        let last = record.trustedAt ?? reading.wall
        start = Mark(last, reading.monotonic)
        startedAt = reading.monotonic
        let ahead = reading.wall.milliseconds - last.milliseconds
        // A doubt outlives a restart, unless the clock was set meanwhile.
        let goesOn = record.doubtedAt.map {
            (-Self.step...Self.startSeconds * 1000).contains(reading.wall.milliseconds - $0.milliseconds)
        }
        guard ahead >= -Self.step else {
            state = .doubted(
                Doubted(
                    doubt: .startedBehind(last), count: start, toleranceMilliseconds: Self.startSeconds * 1000,
                    followsWall: false, steady: wall))
            return
        }
        guard ahead > Self.startSeconds * 1000 || goesOn == true else {
            state = .trusted(from: wall, last: wall)
            return
        }
        state = .doubted(
            Doubted(
                doubt: .startedAhead(of: last), count: start,
                toleranceMilliseconds: max(0, min(Self.startSeconds * 1000, ahead - Self.step)),
                followsWall: !(goesOn == true && record.isCounting), steady: wall))
    }

    private static let step = stepSeconds * 1000

    /// Why the wall clock was not trusted at the last look; nil where it was.
    var doubt: Doubt? {
        guard case .doubted(let doubted) = state else { return nil }
        return doubted.doubt
    }

    /// Looks at the clocks; which instant is now.
    mutating func now(_ reading: Reading) -> Timestamp {
        switch state {
        case .trusted(let from, let last):
            let wall = Mark(reading.wall, reading.monotonic)
            let drift = reading.wall.milliseconds - from.instant(reading).milliseconds
            if abs(drift) <= Self.step {
                state = .trusted(from: from.age(reading) >= Self.steadySeconds * 1000 ? wall : from, last: wall)
                return reading.wall
            }
            if isSettling(reading) {
                state = .trusted(from: wall, last: wall)
                return reading.wall
            }
            state = .doubted(
                Doubted(
                    doubt: .stepped(seconds: drift / 1000), count: last, toleranceMilliseconds: Self.step,
                    followsWall: false, steady: wall))
            return last.instant(reading)
        case .doubted(let doubted): return now(reading, after: doubted)
        }
    }

    private mutating func now(_ reading: Reading, after doubted: Doubted) -> Timestamp {
        var doubted = doubted
        let wall = Mark(reading.wall, reading.monotonic)
        let counted = doubted.count.instant(reading)
        let ahead = reading.wall.milliseconds - counted.milliseconds
        let isBack = (-Self.step...doubted.toleranceMilliseconds).contains(ahead)
        let stepped = abs(reading.wall.milliseconds - doubted.steady.instant(reading).milliseconds) > Self.step
        if isBack || (!stepped && doubted.steady.age(reading) >= Self.steadySeconds * 1000) {
            state = .trusted(from: wall, last: wall)
            return reading.wall
        }
        if stepped {
            doubted.steady = wall
            if case .stepped = doubted.doubt { doubted.doubt = .stepped(seconds: ahead / 1000) }
            state = .doubted(doubted)
        }
        return doubted.followsWall ? max(reading.wall, counted) : counted
    }

    /// Whether the clock may be set to what it says because the start was a moment ago.
    private func isSettling(_ reading: Reading) -> Bool {
        guard reading.monotonic - startedAt <= Self.settlingSeconds * 1000 else { return false }
        let ahead = reading.wall.milliseconds - start.instant(reading).milliseconds
        return (-Self.step...Self.startSeconds * 1000).contains(ahead)
    }

    /// Looks at the clocks; an instant that is certainly not after the true one, for what cannot be undone.
    mutating func certain(_ reading: Reading) -> Timestamp {
        let now = now(reading)
        guard case .doubted(let doubted) = state else { return now }
        return doubted.count.instant(reading)
    }

    /// Trusts the wall clock from now on.
    mutating func confirm(_ reading: Reading) {
        let wall = Mark(reading.wall, reading.monotonic)
        state = .trusted(from: wall, last: wall)
    }

    /// What the next heartbeat says.
    mutating func note(_ reading: Reading) -> ClockNote {
        let certain = certain(reading)
        guard case .doubted(let doubted) = state else { return ClockNote(trustedAt: certain) }
        return ClockNote(
            trustedAt: doubted.followsWall ? nil : certain, doubtedAt: reading.wall,
            isCounting: !doubted.followsWall)
    }
}
