import Foundation

/// Who reads the messages of a Slack-style webhook: they differ in how long a `text` may be.
///
/// Slack takes 40,000 characters and splits at 4,000, Mattermost takes 16,383 (4,000 before its version 5), Rocket.Chat 5,000
/// (`Message_MaxAllowedSize`): ``SlackMessage`` is shorter than all of them. Discord refuses a message of more than 2,000
/// characters with a 400 (Discord's reference, "Execute Webhook", `content`; urlwatch, issue 353), and shows no `blocks`.
enum SlackReader: Sendable {
    case slack
    case discord

    /// By the host of the webhook's address.
    init(of host: String) {
        let host = host.lowercased()
        let isDiscord = ["discord.com", "discordapp.com"].contains { host == $0 || host.hasSuffix(".\($0)") }
        self = isDiscord ? .discord : .slack
    }

    /// In UTF-16 units, which is never less than what Discord counts.
    private var textLimit: Int? {
        switch self {
        case .slack: nil
        case .discord: 2000
        }
    }

    /// The text without its last lines, as far as it is too long. The last line of all, which says where it comes from, stays.
    func fitted(_ text: String) -> String {
        guard let textLimit, text.utf16.count > textLimit else { return text }
        var lines = text.components(separatedBy: "\n")
        let end = "\n…\n\n" + lines.removeLast()
        var length = lines.reduce(0) { $0 + $1.utf16.count + 1 } + end.utf16.count
        while length > textLimit, lines.count > 1 { length -= lines.removeLast().utf16.count + 1 }
        while lines.last?.isEmpty == true { lines.removeLast() }
        return SlackText.cut(lines.joined(separator: "\n") + end, limit: textLimit)
    }
}
