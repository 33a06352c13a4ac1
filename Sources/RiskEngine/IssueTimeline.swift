import Domain

/// The events of an issue in the order of their instants, and the instants of which its history speaks.
///
/// The history of an issue is a function of its events, not of when they came: what a claim has not yet folded is folded
/// instant by instant, and where an event is of before the newest one folded, all that are kept are folded again.
struct IssueTimeline {
    /// One webhook, as a small state of the issue.
    struct Event {
        var at: Timestamp
        var fragment: IssueState
    }

    /// The state before the first of `events`.
    private(set) var base: IssueState
    /// By their instants.
    private(set) var events: [Event]
    /// The history is made again from this instant on; nil where nothing happened but time.
    let from: Timestamp?

    init(base: IssueState, events: [Event], from: Timestamp?) {
        self.base = base
        self.events = events.sorted { $0.at < $1.at }
        self.from = from
    }

    /// The state after all events.
    var latest: IssueState { events.reduce(into: base) { IssueFold.join($1.fragment, into: &$0) } }

    /// Takes the events of before `from` into the base: no step is made of them.
    mutating func foldWhatIsBefore() {
        guard let from else { return }
        let count = events.prefix { $0.at < from }.count
        for event in events.prefix(count) { IssueFold.join(event.fragment, into: &base) }
        events.removeFirst(count)
    }

    /// The state at `from`, at each instant of an event, and at those of `others` that lie between `from` and `end`; oldest
    /// first, each instant once.
    func steps(besides others: [Timestamp], until end: Timestamp) -> [(at: Timestamp, state: IssueState)] {
        guard let from else { return [] }
        let instants = Set([from] + events.map(\.at) + others.filter { $0 > from && $0 <= end })
        var (state, next) = (base, events.startIndex)
        return instants.sorted().map { instant in
            while next < events.endIndex, events[next].at <= instant {
                IssueFold.join(events[next].fragment, into: &state)
                next += 1
            }
            return (instant, state)
        }
    }
}

extension PendingEvent {
    /// When it happened, as far as its history is concerned: the webhook's own time, unless that is of a clock which runs
    /// ahead. A fetch that is the first thing known of an issue is of the issue's last activity: it tells what was, and
    /// not that anything happens now.
    func instant(of fragment: IssueState, isFirst: Bool) -> Timestamp {
        let told = believed(sentAt ?? fragment.lastEventAt ?? receivedAt)
        guard isFirst, fragment.lastEventAt == nil, let activity = fragment.lastActivityAt else { return told }
        return min(told, activity)
    }

    /// An instant that the body tells, unless that is of a clock which runs ahead: then when it arrived.
    func believed(_ instant: Timestamp) -> Timestamp {
        instant > receivedAt.adding(seconds: Self.toleratedLead) ? receivedAt : instant
    }

    /// How far Jira's clock may be ahead of this host's.
    private static let toleratedLead: Int64 = 60
}
