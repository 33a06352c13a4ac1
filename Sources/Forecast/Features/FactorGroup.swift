/// The nine groups of features in which a forecast is explained, in the order in which their points are listed.
public enum FactorGroup: Int, Sendable, Hashable, CaseIterable, Codable {
    /// How long the issue has been open.
    case age
    /// Where it stands in the workflow.
    case progress
    /// Comments and changes.
    case activity
    /// Who has it, and their load and pace.
    case owner
    /// What kind of work it is, how it is described, and who asked for it.
    case work
    /// Links to other issues.
    case dependencies
    /// Reopenings and changes of mind.
    case churn
    /// Due date and sprint.
    case deadline
    /// How fast the project finishes work.
    case tempo
}
