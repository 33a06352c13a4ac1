import CPostgres
public import Domain
import Foundation

/// Where the PostgreSQL database is and how it is reached: a connection string of libpq, as a URL
/// (`postgresql://user@host1,host2/database?sslmode=verify-full`) or as `keyword=value` pairs, and the password apart.
///
/// Every keyword of libpq is passed through (postgresql.org/docs/current/libpq-connect.html), those for TLS and several
/// hosts among them; so are its environment variables, `~/.pgpass` and the service file.
public struct PostgresSettings: Sendable {
    /// Most connections of one process.
    public var connectionLimit: Int
    /// How long one statement may take before the server gives it up.
    public var statementSeconds: Int {
        didSet { answerSeconds = statementSeconds + Self.serverFirstSeconds }
    }
    /// How long to wait for the answers to what was sent, before the connection is given up. Beyond the server's own limit,
    /// so that the server has the first word.
    var answerSeconds: Int
    private static let serverFirstSeconds = 5
    /// The same for what is urgent: with the time to reconnect still before Jira hangs up, after 20 seconds.
    static let urgentAnswerSeconds = 10
    /// Keywords and values as libpq takes them, defaults included; the password is among them.
    var parameters: [String: String] { secret.revealed }
    private let secret: Secret<[String: String]>
    /// Held for as long as connections are made.
    private let rootCertificate: RootCertificate?

    /// Throws `StorageError(.malformed)` for what libpq cannot read as a connection string, which is never shown, and for a
    /// root certificate that is malformed or given twice.
    ///
    /// - Parameter rootCertificate: the authorities that the server's certificate is verified by, in PEM. Its host name is
    ///   verified as well, unless the connection string says `sslmode=verify-ca`.
    public init(
        connectionString: String, password: Secret<String>? = nil, rootCertificate: String? = nil,
        connectionLimit: Int = 8, statementSeconds: Int = 30
    ) throws {
        var parameters = try Self.parse(connectionString)
        if let password { parameters["password"] = password.revealed }
        self.rootCertificate = try rootCertificate.map { try RootCertificate($0) }
        if let path = self.rootCertificate?.path {
            guard parameters["sslrootcert"] == nil else {
                throw StorageError(.malformed, "a root certificate and sslrootcert are both given: leave one out")
            }
            parameters["sslrootcert"] = path
            if parameters["sslmode"] != "verify-ca" { parameters["sslmode"] = "verify-full" }
        }
        for (keyword, value) in Self.defaults where parameters[keyword] == nil { parameters[keyword] = value }
        if parameters["target_session_attrs"] == nil { parameters["target_session_attrs"] = Self.target(parameters) }
        // In no other can every text be written.
        parameters["client_encoding"] = "UTF8"
        secret = Secret(parameters)
        self.connectionLimit = connectionLimit
        self.statementSeconds = statementSeconds
        answerSeconds = statementSeconds + Self.serverFirstSeconds
    }

    /// The longest that one transaction's statement can take to fail when the server freezes: until it is given up, and no
    /// host takes a new connection.
    public var longestWait: Duration {
        let hosts = (parameters["host"] ?? parameters["hostaddr"] ?? "").split(separator: ",").count
        let connecting = parameters["connect_timeout"].flatMap { Int($0) } ?? 0
        return .seconds(answerSeconds + max(connecting, 2) * max(hosts, 1))
    }

    /// Whether the connection string itself holds a password, which other users of the host can see where it was an
    /// argument of a command.
    public static func holdsPassword(_ connectionString: String) throws -> Bool {
        try parse(connectionString)["password"] != nil
    }

    /// The database and its hosts, without user or password, for messages.
    public var place: String {
        let hosts = parameters["host"] ?? parameters["hostaddr"] ?? "the local socket"
        return "database \(parameters["dbname"] ?? parameters["user"] ?? "of the user") on \(hosts)"
    }

    /// What a daemon needs where the connection string says nothing: a dead host is noticed in seconds.
    private static let defaults = [
        "connect_timeout": "5", "keepalives_idle": "5", "keepalives_interval": "3", "keepalives_count": "3",
        "tcp_user_timeout": "10000", "fallback_application_name": "consilod",
    ]

    /// Of several hosts the one that takes writes, so that a fail-over is followed. Of one host the server is asked, once
    /// connected: libpq would go by what a pooler says, and PgBouncer goes on calling a promoted standby one, until its
    /// `RECONNECT`.
    private static func target(_ parameters: [String: String]) -> String {
        let hosts = [parameters["host"], parameters["hostaddr"], ProcessInfo.processInfo.environment["PGHOST"]]
        return hosts.compactMap(\.self).first?.contains(",") == true ? "read-write" : "any"
    }

    private static func parse(_ connectionString: String) throws -> [String: String] {
        var message: UnsafeMutablePointer<CChar>?
        guard let options = PQconninfoParse(connectionString, &message) else {
            // The message may quote the string, and with it a password.
            PQfreemem(message)
            throw StorageError(
                .malformed, "the connection string is not one of libpq, such as postgresql://user@host/database")
        }
        defer { PQconninfoFree(options) }
        var parameters: [String: String] = [:]
        var option = options
        while let keyword = option.pointee.keyword {
            if let value = option.pointee.val { parameters[String(cString: keyword)] = String(cString: value) }
            option += 1
        }
        return parameters
    }
}
