/// Who causes a change. Every call that changes something for a tenant names one.
public enum Actor: Sendable, Hashable, CustomStringConvertible {
    /// The holder of a tenant's API key, named by the first 12 hexadecimal digits of the key's stored hash.
    case apiKey(String)
    /// The host's owner: the admin token, or a command on the host.
    case `operator`
    /// A part of consilod, by its name: `rescorer`, `jira`.
    case system(String)

    /// One word for a log line or an audit row: `api-key:1a2b3c4d5e6f`, `operator`, `system:jira`.
    public var description: String {
        switch self {
        case .apiKey(let hash): "api-key:\(hash)"
        case .operator: "operator"
        case .system(let name): "system:\(name)"
        }
    }
}
