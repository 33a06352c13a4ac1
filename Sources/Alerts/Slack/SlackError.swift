import Foundation

/// The errors of Slack's incoming webhooks (https://api.slack.com/messaging/webhooks#handling_errors).
enum SlackError {
    /// What an answer's body means, in words of ours; nil for any other text, of which nothing is repeated.
    static func meaning(of body: String) -> String? {
        meanings[body.trimmingCharacters(in: .whitespacesAndNewlines)]
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
        "rollup_error": "an error on the side of Slack",
        "team_disabled": "the workspace is disabled",
        "too_many_attachments": "the message has too many attachments",
        "user_not_found": "the user does not exist",
    ]
}
