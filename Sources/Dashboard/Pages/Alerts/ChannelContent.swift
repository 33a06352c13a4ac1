import Alerts
import Domain
import Queries

/// What the page of a channel reads.
struct ChannelContent: Sendable {
    struct Recipient: Sendable {
        var address: String
        var state: String
        var since: String?
        var asked: String?
    }

    struct TestResult: Sendable {
        var recipient: String?
        var isDelivered: Bool
        var reason: String?
    }

    var heading: String
    var kind: String
    var kindName: String
    var form: ChannelForm
    var action: String
    var isStored: Bool
    var isMail: Bool
    var isWebhook: Bool
    var takesDigests: Bool
    /// What is shown of the address it has.
    var destination: String
    /// Shown once.
    var secret: String?
    var recipients: [Recipient] = []
    var hasRecipients = false
    var isWaiting = false
    var results: [TestResult] = []
    var hasResults = false
    var problems: [FormProblem] = [] {
        didSet { hasProblems = !problems.isEmpty }
    }
    var hasProblems = false
    var formToken: String

    /// A new one.
    init(_ form: ChannelForm, kind: AlertChannel.Kind, formToken: String) {
        heading = PageTexts.english(
            "channels", "new", ["kind": PageTexts.english("channels", "kind_\(kind.rawValue)")])
        self.kind = kind.rawValue
        kindName = PageTexts.english("channels", "kind_\(kind.rawValue)")
        self.form = form
        action = "\(AlertTab.channels.path)/new"
        isStored = false
        isMail = kind == .email
        isWebhook = kind == .webhook
        takesDigests = kind.takesDigests
        destination = ""
        self.formToken = formToken
    }

    /// One that is saved.
    init(_ shown: AlertChannels.Shown, formToken: String) {
        let channel = shown.channel
        let isMail = channel.kind == .email
        self.init(
            ChannelForm(channel, target: isMail ? shown.destination : ""), kind: channel.kind, formToken: formToken)
        heading = PageTexts.english("channels", "edit", ["name": channel.name])
        action = ChannelsController.path(channel.id)
        isStored = true
        destination = shown.destination
        secret = shown.signingSecret
        recipients = shown.recipients.map { entry in
            Recipient(
                address: entry.address, state: PageTexts.english("channels", "recipient_\(entry.state.rawValue)"),
                since: entry.changedAt.map(PageText.instant), asked: entry.confirmationSentAt.map(PageText.instant))
        }
        hasRecipients = !recipients.isEmpty
        isWaiting = shown.recipients.contains { $0.state == .unconfirmed }
    }

    /// Shows what became of a test.
    mutating func show(_ results: [ChannelTest.Result]) {
        self.results = results.map { result in
            let reason: String? =
                switch result.attempt {
                case .accepted: nil
                case .transient(let reason, _), .permanent(let reason): reason
                }
            return TestResult(recipient: result.recipient, isDelivered: reason == nil, reason: reason)
        }
        hasResults = true
    }
}
