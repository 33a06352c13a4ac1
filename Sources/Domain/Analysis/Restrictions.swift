/// What of an issue not everybody who sees its project in Jira may read.
public struct Restrictions: Sendable, Hashable, Codable {
    /// The name of the issue's security level; nil for none.
    public var securityLevel: String?
    /// Comments that only a role or group may read, or that are internal to a service desk. They are read for the score, and
    /// their texts are withheld.
    public var withheldComments: Int

    /// Nil where there is neither.
    public init?(securityLevel: String?, withheldComments: Int) {
        if securityLevel == nil, withheldComments == 0 { return nil }
        self.securityLevel = securityLevel
        self.withheldComments = withheldComments
    }

    /// Those of `issue`.
    public init?(of issue: Issue) {
        self.init(
            securityLevel: issue.securityLevel, withheldComments: issue.comments.count(where: \.isRestricted))
    }

    enum CodingKeys: String, CodingKey {
        case securityLevel = "security_level"
        case withheldComments = "withheld_comments"
    }
}
