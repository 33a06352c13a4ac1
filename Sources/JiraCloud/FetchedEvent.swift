/// What consilod puts into its inbox when it has asked Jira: events of its own, named as `webhookEvent` names Jira's, and
/// folded like those.
public enum FetchedEvent {
    /// A whole issue, with all of its comments and changes.
    public static let issue = "consilod:issue_fetched"
    /// An issue that Jira no longer has.
    public static let deletion = "consilod:issue_deleted"
    /// An issue that Jira no longer shows to the account.
    public static let hiding = "consilod:issue_hidden"
}
