import Domain
import Foundation
import TestSupport
import Testing

@testable import Store

/// The TLS settings of a connection string against a real server that takes nothing else.
@Suite(.enabled(if: PostgresServer.isInstalled, "PostgreSQL's server programs are not installed"))
struct PostgresTLSTests {
    /// A folder of PEM files: an authority `ca`, one that signed nothing (`stranger`), and a certificate for `localhost`.
    private struct Certificates {
        let folder: URL

        init() throws {
            folder = URL(fileURLWithPath: "/tmp/consilod-tls-\(UUID().uuidString.prefix(8))")
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            for authority in ["ca", "stranger"] {
                try openssl(
                    "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=\(authority)"
                        + " -keyout \(authority).key -out \(authority).crt")
            }
            try openssl(
                "req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj /CN=localhost"
                    + " -addext subjectAltName=DNS:localhost -keyout server.key -out server.csr")
            try openssl(
                "x509 -req -in server.csr -CA ca.crt -CAkey ca.key -CAcreateserial -days 2 -copy_extensions copy"
                    + " -out server.crt")
            // The server's user must be able to copy it.
            try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: path("server.key"))
        }

        private func openssl(_ arguments: String) throws {
            _ = try run(["openssl"] + arguments.split(separator: " ").map(String.init), in: folder)
        }

        func path(_ name: String) -> String { folder.appendingPathComponent(name).path }

        // A leftover in the temporary folder is not the test's concern.
        func remove() { try? FileManager.default.removeItem(at: folder) }
    }

    /// Whether the connection that this string makes is encrypted.
    private func isEncrypted(
        _ server: PostgresServer, host: String = "localhost", _ options: String, root: String? = nil
    ) async throws -> Bool? {
        let driver = PostgresDriver(
            try PostgresSettings(
                connectionString: "postgresql://consilod@\(host):\(server.port)/consilod?\(options)",
                rootCertificate: root, connectionLimit: 2))
        defer { driver.close() }
        return try await driver.read { connection in
            try connection.first("SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()", [])?.flag(0)
        }
    }

    private func refusal(
        _ server: PostgresServer, host: String = "localhost", _ options: String, root: String? = nil
    ) async throws -> String {
        let error = await #expect(throws: StorageError.self) {
            try await isEncrypted(server, host: host, options, root: root)
        }
        #expect(error?.code == .unavailable)
        return "\(try #require(error))"
    }

    @Test func theServerAndItsNameAreVerified() async throws {
        let certificates = try Certificates()
        defer { certificates.remove() }
        let server = try PostgresServer()
        try server.requireTLS(
            certificate: certificates.folder.appendingPathComponent("server.crt"),
            key: certificates.folder.appendingPathComponent("server.key"))

        let trusted = "sslmode=verify-full&sslrootcert=\(certificates.path("ca.crt"))"
        #expect(try await isEncrypted(server, trusted) == true)
        let stranger = "sslmode=verify-full&sslrootcert=\(certificates.path("stranger.crt"))"
        #expect(try await refusal(server, stranger).contains("certificate verify failed"))
        #expect(try await refusal(server, host: "127.0.0.1", trusted).contains("does not match host name"))
        #expect(try await refusal(server, "sslmode=disable").contains("no encryption"))

        // As managed databases give it: a URL that asks for encryption alone, and the certificate beside it.
        let root = try String(contentsOfFile: certificates.path("ca.crt"), encoding: .utf8)
        #expect(try await isEncrypted(server, "sslmode=require", root: root) == true)
        let other = try String(contentsOfFile: certificates.path("stranger.crt"), encoding: .utf8)
        #expect(try await refusal(server, "sslmode=require", root: other).contains("certificate verify failed"))
        #expect(
            try await refusal(server, host: "127.0.0.1", "sslmode=require", root: root)
                .contains("does not match host name"))
        #expect(try await isEncrypted(server, host: "127.0.0.1", "sslmode=verify-ca", root: root) == true)
    }
}
