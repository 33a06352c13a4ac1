/// What Jira Automation's requests with a custom body say they are, in `webhookEvent`. `docs/jira-automation.md` has the
/// texts to paste. A request with the whole issue (`Issue data`) has no `webhookEvent`.
public enum AutomationEvent {
    /// An issue was made, changed or commented on.
    public static let issue = "automation:issue"
    /// An issue was deleted. It is not signed, so a later fetch may correct it.
    public static let deletion = "automation:issue_deleted"

    /// Whether an event has one of these names.
    static func isOne(_ event: String) -> Bool { event == issue || event == deletion }
}
