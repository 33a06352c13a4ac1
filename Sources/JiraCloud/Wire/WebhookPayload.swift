import Domain
import Foundation

/// A whole webhook, as far as it bears on issues.
struct WebhookPayload: DecodableWithConfiguration {
    let envelope: WebhookEnvelope
    /// The finer kind of a `jira:issue_updated`; absent in earlier versions of Jira Server.
    let issueEventType: String?
    let user: Person?
    let issue: IssuePayload?
    let changelog: ChangelogPayload?
    let comment: CommentPayload?
    let worklog: WorklogPayload?
    let issueLink: IssueLinkEventPayload?
    /// What consilod has written into the site.
    let own: OwnWrites

    init(from decoder: any Decoder, configuration: JiraFieldMapping) throws {
        envelope = try WebhookEnvelope(from: decoder)
        let body = try decoder.container(keyedBy: WireKey.self)
        issueEventType = body.value("issue_event_type_name")
        user = body.value("user", as: PersonPayload.self)?.person
        if WebhookEnvelope.isIssue(body) {
            issue = try IssuePayload(from: decoder, configuration: configuration)
        } else {
            issue = body.value("issue", configuration: configuration)
        }
        changelog = body.value("changelog")
        comment = body.value("comment")
        worklog = body.value("worklog")
        issueLink = body.value("issueLink")
        own = configuration.own
    }

    /// What the webhook says about `issueID`, one of those its envelope names.
    func state(of issueID: IssueID, isAutomaticReply: (_ text: String) -> Bool) -> IssueState {
        var state = IssueState(id: issueID)
        // A fetched issue is no event: it tells what has happened, at the times that stand in it.
        if envelope.kind != .fetched {
            state.lastEventAt = envelope.sentAt
            state.firstEventAt = envelope.sentAt
        }
        if let issue {
            var version = version
            version.isThin = isThin
            state.fields = issue.registers(version: version)
            // Whether an empty list means that there are no links, Jira Automation does not say: a fetch does.
            if isByAutomation, state.fields.links?.value.isEmpty == true { state.fields.links = nil }
        }
        for change in issue?.history.flatMap({ $0.changes(own: own.fields) }) ?? [] {
            state.changes[change.id] = change
        }
        if let changelog, let changedAt {
            for change in changelog.changes(by: user, at: changedAt, own: own.fields) {
                state.changes[change.id] = change
            }
        }
        for comment in (issue?.fields?.comments ?? []) + (isCommentDeleted ? [] : [comment].compactMap(\.self)) {
            if let comment = comment.comment(toldAt: moment) {
                state.comments[comment.id] = OwnComment.marked(comment, accounts: own.accounts)
            }
        }
        if isCommentDeleted, let comment { state.deletedComments = [comment.id] }
        if case .issueLink(let deleted) = envelope.kind, let issueLink {
            state.linkEvents[issueLink.id] = Versioned(deleted ? nil : issueLink.link(seenFrom: issueID), version)
        }
        state.isDeleted = envelope.kind == .issue(deleted: true)
        if let sentAt = envelope.sentAt, let presence {
            state.presence = Versioned(presence, Version(at: sentAt, sentAt: sentAt))
        }
        if envelope.kind == .fetched || tellsAllComments {
            var version = version
            version.isThin = envelope.kind != .fetched
            state.wholeComments = Versioned(state.comments.keys.sorted { $0.rawValue < $1.rawValue }, version)
        }
        state.lastActivityAt = lastActivity(in: state)
        state.lastHumanActivityAt = lastHumanActivity(in: state) { comment in
            comment.author?.isApp != true && !isAutomaticReply(comment.body)
        }
        return state
    }

    /// When it happened: the webhook's own time, or else what the things in it say.
    private var moment: Timestamp? {
        envelope.sentAt ?? issue?.fields?.updated ?? comment?.updated ?? comment?.created ?? worklog?.updated
    }

    /// When its changes were made. A rule of Jira Automation runs some time after what it tells.
    private var changedAt: Timestamp? { isByAutomation ? issue?.fields?.updated ?? moment : moment }

    /// Whether Jira Automation sent it: with a custom body, or as a nameless one with a whole issue, which alone has a change
    /// log of its own.
    private var isByAutomation: Bool {
        AutomationEvent.isOne(envelope.event) || (envelope.event.isEmpty && issue?.hasHistory == true)
    }

    /// The version under which this webhook writes. A webhook that nowhere tells a time counts as older than all
    /// that do. Of what was at one instant a fetched issue knows the end, and the webhook of its creation, which is known
    /// to lie about the status at times, the beginning.
    private var version: Version {
        let at = issue?.fields?.updated ?? moment ?? Timestamp(milliseconds: 0)
        return Version(at: at, changelog: changelogNumber, sentAt: envelope.sentAt ?? at)
    }

    /// Whether the issue has a handful of fields only. Issue webhooks and fetches carry whole issues.
    private var isThin: Bool {
        switch envelope.kind {
        case .issue, .fetched: false
        default: issue?.fields?.updated == nil
        }
    }

    /// Jira Server may report the deletion of a comment without naming it: its list, if complete, lacks it.
    private var tellsAllComments: Bool {
        isCommentDeleted && comment == nil && issue?.fields?.hasAllComments == true && issue?.fields?.updated != nil
    }

    /// What the event says of whether the issue is there, where it is one of consilod's own.
    private var presence: IssuePresence? {
        switch envelope.kind {
        case .fetched: .present
        case .absent(let presence): presence
        default: nil
        }
    }

    private var changelogNumber: Int64 {
        if envelope.kind == .fetched { return issue?.history.map(\.number).max() ?? 0 }
        return envelope.event.hasSuffix("issue_created") ? 0 : changelog?.id.flatMap { Int64($0) } ?? 0
    }

    /// Jira Server sends the deletion of a comment as an update of its issue, too.
    private var isCommentDeleted: Bool {
        envelope.kind == .comment(deleted: true) || issueEventType == "issue_comment_deleted"
    }

    /// The newest sign of life in the webhook. An issue webhook that does not say when the issue was updated is one
    /// itself; the deletion of a comment or the making of a link does not count, nor does what consilod wrote.
    private func lastActivity(in state: IssueState) -> Timestamp? {
        var signs = state.comments.values.filter { !$0.isOwn }.map(\.updated)
        signs += state.changes.values.filter { !$0.isOwn }.map(\.at)
        return (signs + toldSigns(in: state)).max()
    }

    /// The newest sign of life by people: without what apps wrote and changed, without automatic replies, and without changes
    /// of rank, which ordering a backlog makes by the hundred. The creation of an issue counts, by an app too.
    private func lastHumanActivity(in state: IssueState, isByPerson: (Comment) -> Bool) -> Timestamp? {
        var signs = state.comments.values.filter(isByPerson).map(\.updated)
        signs += state.changes.values.filter(\.isByPeople).map(\.at)
        if let created = issue?.fields?.created { signs.append(created) }
        if !isOfApp(state, isByPerson) { signs += toldSigns(in: state) }
        return signs.max()
    }

    /// When the webhook itself says that something happened; where that was consilod's own write, when the issue was created.
    private func toldSigns(in state: IssueState) -> [Timestamp] {
        guard !isOwn(state) else { return [issue?.fields?.created].compactMap(\.self) }
        let signs = [issue?.fields?.updated, comment?.updated].compactMap(\.self)
        switch envelope.kind {
        case .worklog: return signs + [worklog?.updated ?? envelope.sentAt].compactMap(\.self)
        case .issue where issue?.fields?.updated == nil: return signs + [envelope.sentAt].compactMap(\.self)
        default: return signs
        }
    }

    /// How much later than its newest change or comment an issue may say that it was updated, in seconds.
    private static let toleranceSeconds: Int64 = 2

    /// Whether the newest that the webhook tells was written by consilod itself: `updated` is of that then (decision 0058).
    private func isOwn(_ state: IssueState) -> Bool {
        guard !own.isEmpty else { return false }
        if envelope.kind == .fetched || issue?.history.isEmpty == false {
            guard let at = state.lastOwnAt, let updated = issue?.fields?.updated else { return false }
            return updated <= at.adding(seconds: Self.toleranceSeconds)
        }
        let told = comment.flatMap { $0.comment(toldAt: moment) }
        guard told != nil || !state.changes.isEmpty else {
            // A rule that says nothing of what changed may have run because of a write: the fetch that follows tells.
            return isByAutomation && !own.fields.isEmpty
        }
        return told.map { OwnComment.marked($0, accounts: own.accounts).isOwn } != false
            && state.changes.values.allSatisfy(\.isOwn)
    }

    /// Whether the newest that the webhook tells was done by an app, is an automatic reply, or is only a change of rank:
    /// `updated` says no more than that then.
    private func isOfApp(_ state: IssueState, _ isByPerson: (Comment) -> Bool) -> Bool {
        if envelope.kind == .fetched {
            // In a fetched issue the newest comment or change is what `updated` is of, to the second or two.
            let newestChange = state.changes.values.max { ($0.at, $0.id.rawValue) < ($1.at, $1.id.rawValue) }
            let newestComment = state.comments.values.max {
                ($0.updated, $0.id.rawValue) < ($1.updated, $1.id.rawValue)
            }
            let (changedAt, commentedAt) = (newestChange?.at, newestComment?.updated)
            guard let newest = [changedAt, commentedAt].compactMap(\.self).max(),
                let updated = issue?.fields?.updated, updated <= newest.adding(seconds: Self.toleranceSeconds)
            else { return false }
            if newest == changedAt, newestChange?.isByPeople == true { return false }
            return newest == commentedAt ? newestComment.map { !isByPerson($0) } ?? true : true
        }
        if let comment, !isCommentDeleted {
            return state.comments[comment.id].map { !isByPerson($0) } ?? (comment.author?.isApp == true)
        }
        if user?.isApp == true { return true }
        return !state.changes.isEmpty && issue?.history.isEmpty == true && state.changes.values.allSatisfy(\.isOfRank)
    }
}

extension Change {
    /// Whether it only moved the issue up or down in its backlog.
    fileprivate var isOfRank: Bool { field == "Rank" }
    fileprivate var isByPeople: Bool { author?.isApp != true && !isOfRank }
}
