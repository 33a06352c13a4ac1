import Domain

/// A token of Jira Automation's requests; `token` and `url` only in the answer that made it.
struct AutomationTokenView: Encodable, Sendable {
    var id: String
    var createdAt: Timestamp
    var expiresAt: Nullable<Timestamp>
    var token: String?
    var url: String?

    init(_ info: AutomationTokenInfo, token: String? = nil, url: String? = nil) {
        self.id = info.id.canonicalText
        self.createdAt = info.createdAt
        self.expiresAt = Nullable(info.expiresAt)
        self.token = token
        self.url = url
    }
}
