import Foundation

/// The errors of Slack's incoming webhooks (https://api.slack.com/messaging/webhooks#handling_errors).
enum SlackError {
    /// What an answer's body means, in words of ours; nil for any other text, of which nothing is repeated.
    static func meaning(of body: String) -> String? { meanings[word(of: body)] }

    /// Whether the body says that the message was not taken, whatever the status says: one of the words here, or JSON whose
    /// `ok` (Slack's other methods) or `success` (Rocket.Chat) is false.
    static func isFailure(_ body: String) -> Bool {
        if meaning(of: body) != nil { return true }
        guard let answer = json(body) else { return false }
        return answer.ok == false || answer.success == false
    }

    /// Whether the failure that a body speaks of may pass.
    static func isTransient(_ body: String) -> Bool {
        ["rate_limited", "ratelimited", "rollup_error", "internal_error", "service_unavailable"].contains(
            word(of: body))
    }

    private struct JSONAnswer: Decodable {
        var ok: Bool?
        var success: Bool?
        var error: String?
    }

    private static func json(_ body: String) -> JSONAnswer? {
        // Anything else is no answer of this kind.
        try? JSONDecoder().decode(JSONAnswer.self, from: Data(body.utf8))
    }

    /// The body as one word; of JSON its `error`.
    private static func word(of body: String) -> String {
        json(body)?.error ?? body.trimmingCharacters(in: .whitespacesAndNewlines)
    }

    private static let meanings = [
        "action_prohibited": "an administrator of the workspace has restricted the webhook",
        "channel_is_archived": "the channel is archived",
        "channel_not_found": "the channel does not exist",
        "invalid_payload": "the message was not understood",
        "invalid_token": "the webhook's address is no longer valid",
        "no_active_hooks": "the webhook is disabled",
        "no_service": "the webhook was disabled or removed",
        "no_service_id": "the webhook's address is incomplete",
        "no_team": "the workspace does not exist",
        "no_text": "the message was not understood",
        "posting_to_general_channel_denied": "the webhook may not post to the general channel",
        "rate_limited": "too many messages",
        "ratelimited": "too many messages",
        "rollup_error": "an error on the side of Slack",
        "team_disabled": "the workspace is disabled",
        "too_many_attachments": "the message has too many attachments",
        "user_not_found": "the user does not exist",
    ]
}
