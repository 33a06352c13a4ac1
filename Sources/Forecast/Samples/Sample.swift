public import Domain

/// One open issue as of one instant T: what was known of it then, and nothing that came later.
public struct Sample: Sendable {
    /// The issue.
    public var issue: IssueID
    /// Key of the project that it was in at ``at``.
    public var project: String
    /// T, the instant of which it speaks.
    public var at: Timestamp
    /// When the issue was created.
    public var created: Timestamp
    /// One value per feature, in the order of `Feature.allCases`; NaN where unknown.
    public var features: [Float]
    /// The usual time from creation to done, in days: the 80th percentile (U80) as of ``at``; NaN if the tenant had
    /// finished nothing yet.
    public var usual: Double
    /// How many finished issues ``usual`` rests on.
    public var usualCount: Int
    /// End of the due day, in the tenant's time zone; nil without a due date.
    public var due: Timestamp?
    /// Planned end of the sprint that was active; nil without one.
    public var sprintEnd: Timestamp?
    /// Weight in training: g/√n, where g is the number of weeks it stands for and n that of all weekly samples of its
    /// issue up to the cut; 1 for a sample that is only predicted.
    public var weight: Float

    public init(
        issue: IssueID, project: String, at: Timestamp, created: Timestamp, features: [Float], usual: Double,
        usualCount: Int, due: Timestamp? = nil, sprintEnd: Timestamp? = nil, weight: Float = 1
    ) {
        self.issue = issue
        self.project = project
        self.at = at
        self.created = created
        self.features = features
        self.usual = usual
        self.usualCount = usualCount
        self.due = due
        self.sprintEnd = sprintEnd
        self.weight = weight
    }

    /// The value of a feature; NaN where unknown.
    public subscript(feature: Feature) -> Float {
        get { features[feature.column] }
        set { features[feature.column] = newValue }
    }
}

extension Sample: Equatable {
    /// Bit by bit: what is unknown to both is the same, other than NaN in arithmetic.
    public static func == (a: Sample, b: Sample) -> Bool {
        a.issue == b.issue && a.project == b.project && a.at == b.at && a.created == b.created
            && a.usual.bitPattern == b.usual.bitPattern && a.usualCount == b.usualCount && a.due == b.due
            && a.sprintEnd == b.sprintEnd && a.weight.bitPattern == b.weight.bitPattern
            && a.features.elementsEqual(b.features) { $0.bitPattern == $1.bitPattern }
    }
}
