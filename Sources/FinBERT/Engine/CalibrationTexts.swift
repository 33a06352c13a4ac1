/// What teams write under issues, made up for this purpose: short and long, calm and upset, English and German, with
/// identifiers and numbers.
enum CalibrationTexts {
    static let all = [
        "Done.",
        "Looks good to me, merging.",
        "We are blocked by the missing API credentials and cannot continue.",
        "The fix works on staging. All 42 tests pass, coverage went up from 71% to 83%.",
        "This is the third time the release slips. I am really worried that we will miss the customer's deadline again.",
        "Assigned to me. I will have a look tomorrow morning.",
        "Still waiting for the vendor. No answer to our mails since Monday, escalating to their account manager.",
        "Great work everyone, this went out two days early and the customer is delighted!",
        "Could not reproduce on 3.4.1; which browser was it? Please attach the log.",
        "Memory usage grows by 200 MB an hour until the pod is killed (OOMKilled, exit code 137).",
        "Der Server antwortet seit gestern nicht mehr, wir können nicht weiterarbeiten.",
        "Läuft jetzt stabil, vielen Dank für die schnelle Hilfe.",
        """
        After a long discussion we agreed to split the migration into three steps. First we copy the old tables in the \
        background, then we switch the readers, and last the writers. The first step is finished and took four hours \
        on the full data set. The second is in review. I do not expect surprises, but the rollback plan for step three \
        is not written yet, and nobody has tested what happens when the network between the two sites fails in the \
        middle. If we do not find somebody for this until Thursday, the date in the plan is no longer realistic.
        """,
        "Unclear requirements: does the export contain deleted users or not? The spec says both in different places.",
        "Rolled back. The deployment broke the login for every tenant with single sign-on.",
        "Updated the description and the estimate (5 -> 8 points).",
    ]
}
