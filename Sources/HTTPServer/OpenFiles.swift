import Glibc

/// The limit of open files (setrlimit(2)), of which each connection takes one.
public enum OpenFiles {
    /// Descriptors of the store, the model, the listener and deliveries; at most 200 of them are connections to PostgreSQL.
    public static let reserved = 384

    /// Raises the soft limit as far as `connections` need and the hard limit allows. The number of connections that then
    /// fit, at most those asked for and at least 16.
    public static func makeRoom(for connections: Int) -> Int {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return connections }
        let needed = rlim_t(connections + reserved)
        if limit.rlim_cur < needed {
            var wanted = limit
            wanted.rlim_cur = min(needed, limit.rlim_max)
            if setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &wanted) == 0 { limit = wanted }
        }
        let files = Int(clamping: limit.rlim_cur)
        return min(connections, max(16, files - reserved))
    }
}
