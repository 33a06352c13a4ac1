import Domain
import Foundation
import Store
import TestSupport
import Testing

@testable import DaemonTestSupport
@testable import consilod

/// `DATABASE_URL`, `ENCRYPTION_KEY` and `PORT`, by which platforms and the product that consilod replaces are configured.
@Suite struct CommonVariableTests {
    private static let url = "postgresql://consilod@db.example.com/consilod"

    private func configuration(
        _ environment: [String: String], file text: String? = nil
    ) async throws -> DaemonConfiguration {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("consilod-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let file = folder.appendingPathComponent("consilod.yaml")
        if let text { try text.write(to: file, atomically: true, encoding: .utf8) }
        return try DaemonConfiguration(
            try await Settings(file: text == nil ? nil : file.path, environment: environment),
            environment: environment)
    }

    private func refusal(_ environment: [String: String], file text: String? = nil) async throws -> String {
        let error = await #expect(throws: ConfigurationError.self) { try await configuration(environment, file: text) }
        return "\(try #require(error))"
    }

    @Test(arguments: ["postgresql", "postgresql+asyncpg"])
    func theyStandForTheirKeys(scheme: String) async throws {
        let configuration = try await configuration([
            "DATABASE_URL": Self.url.replacing("postgresql", with: scheme),
            "ENCRYPTION_KEY": DaemonProcess.encryptionKey, "PORT": "9191",
        ])
        #expect(configuration.http.port == 9191)
        #expect(configuration.secrets.encryptionKeys.map(\.revealed) == [DaemonProcess.encryptionKey])
        guard case .postgres(let settings) = configuration.store else { throw Unexpected("the store is no database") }
        #expect(settings.place == "database consilod on db.example.com")
    }

    @Test func theyWinOverNothingThatSaysSomethingElse() async throws {
        let key = ["CONSILOD_ENCRYPTION_KEY": DaemonProcess.encryptionKey]
        for (environment, file, other) in [
            (["PORT": "9191", "CONSILOD_HTTP_PORT": "9292"], nil, "CONSILOD_HTTP_PORT"),
            (["PORT": "9191"], "http: {port: 9292}", "http.port"),
            (["ENCRYPTION_KEY": "another-key"], nil, "CONSILOD_ENCRYPTION_KEY"),
            (["DATABASE_URL": Self.url, "CONSILOD_STORE_URL": "postgresql://other/other"], nil, "CONSILOD_STORE_URL"),
            (["DATABASE_URL": Self.url], "store: {path: /var/lib/consilod/consilod.sqlite}", "store.path"),
        ] as [([String: String], String?, String)] {
            let said = try await refusal(key.merging(environment) { $1 }, file: file)
            #expect(said.contains("contradicts \(other)"), "\(said)")
            for value in environment.values { #expect(!said.contains(value), "a value is shown") }
        }
    }

    @Test func whatIsSaidTwiceAlikeIsNoContradiction() async throws {
        let environment = [
            "PORT": "9191", "CONSILOD_HTTP_PORT": "9191", "ENCRYPTION_KEY": DaemonProcess.encryptionKey,
            "DATABASE_URL": "", "CONSILOD_STORE_PATH": "/tmp/c.sqlite",
        ]
        #expect(try await configuration(environment, file: "http: {port: 9191}").http.port == 9191)
    }

    @Test func theRootCertificateOfAManagedDatabaseIsGivenAsAText() async throws {
        let environment = [
            "DATABASE_URL": Self.url + "?sslmode=require", "ENCRYPTION_KEY": DaemonProcess.encryptionKey,
        ]
        let given = try await configuration(
            environment.merging([
                "CONSILOD_STORE_ROOT_CERTIFICATE": #"-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----"#
            ]) { $1 })
        guard case .postgres = given.store else { throw Unexpected("the store is no database") }
        let malformed = try await refusal(
            environment.merging(["CONSILOD_STORE_ROOT_CERTIFICATE": "${db.CA_CERT}"]) { $1 })
        #expect(malformed.contains("store.url") && malformed.contains("not one in PEM"), "\(malformed)")
        let twice = try await refusal([
            "DATABASE_URL": Self.url + "?sslrootcert=/etc/ca.pem", "ENCRYPTION_KEY": DaemonProcess.encryptionKey,
            "CONSILOD_STORE_ROOT_CERTIFICATE": "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----",
        ])
        #expect(twice.contains("both given"), "\(twice)")
    }

    @Test func aDaemonIsConfiguredByTheEnvironmentAlone() async throws {
        let port = try PostgresServer.freePort()
        let daemon = try DaemonProcess(environment: [
            "CONSILOD_ENCRYPTION_KEY": "", "ENCRYPTION_KEY": DaemonProcess.encryptionKey, "CONSILOD_HTTP_PORT": "",
            "PORT": "\(port)",
        ])
        try await daemon.start()
        #expect(daemon.port == port)
        let ready = try await daemon.run(["ready"], asTheDaemon: true)
        #expect(ready.status == 0 && ready.output == "healthy\n", "\(ready.output)")
        daemon.signal(SIGTERM)
        #expect(try await daemon.waitForExit() == 0)
        let stopped = try await daemon.run(["ready"], asTheDaemon: true)
        #expect(stopped.status == 1 && stopped.output.contains("127.0.0.1:\(port)"), "\(stopped.output)")
    }
}
