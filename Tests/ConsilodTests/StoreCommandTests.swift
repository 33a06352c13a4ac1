import Domain
import Foundation
import TestSupport
import Testing

@testable import DaemonTestSupport

/// `consilod store` beside the real daemon.
@Suite(.enabled(if: PostgresSchema.server == nil, "it is about the SQLite file"))
struct StoreCommandTests {
    private func arguments(_ command: [String], _ daemon: DaemonProcess) -> [String] {
        ["store"] + command + ["--store", daemon.folder.appendingPathComponent("c.sqlite").path]
    }

    @Test func aBackupOfARunningDaemonIsRestoredOnceItHasEnded() async throws {
        let daemon = try DaemonProcess()
        try await daemon.start()
        let tenant = try await daemon.createTenant()
        let backup = daemon.folder.appendingPathComponent("backup.sqlite").path
        let made = try await daemon.run(arguments(["backup", backup], daemon))
        #expect(made.status == 0, "\(made.output)")
        #expect(made.output.contains(/rows +tenants +1\n/), "\(made.output)")
        let again = try await daemon.run(arguments(["backup", backup], daemon))
        #expect(again.status == 1)
        #expect(again.output.contains("Error: \(backup) exists; --force replaces it"), "\(again.output)")
        #expect(try await daemon.run(arguments(["backup", backup, "--force"], daemon)).status == 0)

        let later = try await daemon.createTenant("later")
        let refused = try await daemon.run(arguments(["restore", backup], daemon))
        #expect(refused.status == 1)
        #expect(refused.output.contains("another consilod (process \(daemon.pid)) uses the store"), "\(refused.output)")
        #expect(try await daemon.request(.get, "/api/issues", token: later.api_key).status == 200)

        daemon.signal(SIGTERM)
        #expect(try await daemon.waitForExit() == 0)
        let restored = try await daemon.run(arguments(["restore", backup], daemon))
        #expect(restored.status == 0, "\(restored.output)")
        #expect(restored.output.contains("before     \(daemon.folder.path)/c.sqlite.before-"), "\(restored.output)")
        try await daemon.restart()
        #expect(try await daemon.request(.get, "/api/issues", token: tenant.api_key).status == 200)
        #expect(try await daemon.request(.get, "/api/issues", token: later.api_key).status == 401)

        let checked = try await daemon.run(arguments(["check"], daemon))
        #expect(checked.status == 0, "\(checked.output)")
        #expect(checked.output.contains("integrity  ok"), "\(checked.output)")
    }

    @Test func aSecondDaemonLeavesTheStoreOfTheFirstAlone() async throws {
        let first = try DaemonProcess()
        try await first.start()
        let second = try DaemonProcess(environment: [
            "CONSILOD_STORE_PATH": first.folder.appendingPathComponent("c.sqlite").path
        ])
        try second.launch()
        #expect(try await second.waitForExit() == 1)
        #expect(second.log.contains("another consilod (process \(first.pid)) uses the store"), "\(second.log)")
        // Not even kill -9 leaves the lock behind.
        first.signal(SIGKILL)
        #expect(try await first.waitForExit() == -SIGKILL)
        try await second.start()
    }

    @Test func aSecondDaemonIsRefusedUnderAnyNameOfTheStore() async throws {
        let first = try DaemonProcess()
        try await first.start()
        let file = first.folder.appendingPathComponent("c.sqlite").path
        let (linked, other) = (first.folder.path + "/link.sqlite", first.folder.path + "/other.sqlite")
        try #require(symlink(file, linked) == 0 && link(file, other) == 0)
        for (path, words) in [
            (linked, "another consilod (process \(first.pid)) uses the store"), (other, "2 names (hard links)"),
        ] {
            let second = try DaemonProcess(environment: ["CONSILOD_STORE_PATH": path])
            try second.launch()
            #expect(try await second.waitForExit() == 1)
            #expect(second.log.contains(words), "\(second.log)")
        }
        #expect(try await first.request(.get, "/ready").status == 200)
    }

    @Test(.enabled(if: geteuid() == 0, "it is about what root does"))
    func rootWorksInTheFolderOfADaemonWithTheRightsOfThatDaemon() async throws {
        let daemon = try DaemonProcess()
        try await daemon.start()
        let backup = daemon.folder.appendingPathComponent("backup.sqlite").path
        #expect(try await daemon.run(arguments(["backup", backup], daemon)).status == 0)
        // Of another user, who can reach his folder, and not the backup.
        let home = URL(fileURLWithPath: "/tmp/consilod-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: home) }
        try FileManager.default.createDirectory(at: home, withIntermediateDirectories: true)
        try #require(chown(home.path, 65_534, 65_534) == 0)
        let store = home.appendingPathComponent("c.sqlite").path
        for _ in 1...2 {
            let restored = try await daemon.run(["store", "restore", backup, "--store", store])
            #expect(restored.status == 0, "\(restored.output)")
        }
        let copied = try await daemon.run(["store", "backup", "\(store).copy", "--store", store])
        #expect(copied.status == 0, "\(copied.output)")
        // The store, its lock, the store before and the copy.
        let files = try FileManager.default.contentsOfDirectory(atPath: home.path)
        #expect(files.count == 4, "\(files)")
        for file in files {
            let attributes = try FileManager.default.attributesOfItem(atPath: "\(home.path)/\(file)")
            #expect(attributes[.ownerAccountID] as? UInt32 == 65_534, "\(file)")
        }

        // What its owner could not do is not done for him.
        try #require(chmod(home.path, 0o500) == 0)
        let refused = try await daemon.run(["store", "restore", backup, "--store", store])
        #expect(refused.status == 1 && refused.output.contains("Permission denied"), "\(refused.output)")
        daemon.setEnvironment("CONSILOD_STORE_PATH", "\(home.path)/new.sqlite")
        let doctor = try await daemon.doctor(["--url", "http://127.0.0.1:9"])
        #expect(doctor.output.contains("the folder \(home.path) cannot be written"), "\(doctor.output)")
    }

    @Test func aConfigurationNamesTheStoreAndPostgreSQLHasItsOwnTools() async throws {
        let daemon = try DaemonProcess()
        let file = daemon.folder.appendingPathComponent("other.yaml")
        try "store: {path: /nonexistent/named.sqlite}".write(to: file, atomically: true, encoding: .utf8)
        let missing = try await daemon.run(["store", "check", "--config", file.path])
        #expect(missing.status == 1)
        #expect(missing.output.contains("there is no store /nonexistent/named.sqlite"), "\(missing.output)")
        let server = try await daemon.run(["store", "backup", "x", "--store", "postgresql://u:secret@host/consilod"])
        #expect(server.status == 1)
        #expect(server.output.contains("pg_dump"), "\(server.output)")
        #expect(!server.output.contains("secret"))
    }

    @Test func aDamagedStoreEndsTheCheckWithStatusOne() async throws {
        let daemon = try DaemonProcess()
        let file = daemon.folder.appendingPathComponent("c.sqlite")
        try Data("no database".utf8).write(to: file)
        let checked = try await daemon.run(arguments(["check"], daemon))
        #expect(checked.status == 1)
        #expect(checked.output.contains("SQLite: file is not a database"), "\(checked.output)")
    }
}
