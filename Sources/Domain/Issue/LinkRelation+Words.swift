extension IssueLink.Relation {
    /// The relation that the words of a change log tell (`This issue is blocked by ENG-1`). The words decide, as they do for link
    /// types, which administrators name freely; other words than those of blocking and depending relate only.
    public init(words: String) {
        let text = words.lowercased()
        self =
            if text.contains("block") {
                text.contains("blocked by") ? .blockedBy : .blocks
            } else if text.contains("required by") {
                .blocks
            } else if text.contains("requires") {
                .blockedBy
            } else if text.contains("depend") {
                text.contains("depends") || text.contains("dependent on") ? .blockedBy : .blocks
            } else {
                .relatesTo
            }
    }
}
