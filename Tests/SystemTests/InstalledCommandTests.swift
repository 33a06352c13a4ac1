import Foundation
import TestSupport
import Testing

@testable import DaemonTestSupport

/// Commands that root runs on a host where consilod is installed, beside its service.
@Suite(.alone, .serialized, .enabled(if: SystemdBox.canBeMade, .init(rawValue: SystemdBox.cannotBeMade)))
struct InstalledCommandTests {
    /// Runs a command of the program in root's own environment: what it printed, with its status as the last line.
    private func consilod(_ box: SystemdBox, _ arguments: String) throws -> String {
        // The test's program links its libraries at run time, which the installed one does not.
        try box.run(["sh", "-c", "LD_LIBRARY_PATH=/usr/lib/consilod consilod \(arguments) 2>&1; echo status $?"])
    }

    @Test func findTheConfigurationAndTheSecretsOfTheService() throws {
        let box = try SystemdBox()
        #expect(
            try consilod(box, "serve --check")
                == "the configuration is valid: /etc/consilod/consilod.yaml\nstatus 0\n")
        try box.systemctl("start", "consilod")
        let doctor = try consilod(box, "doctor")
        #expect(doctor.contains("/etc/consilod/consilod.yaml and the environment are valid"), "\(doctor)")
        #expect(doctor.contains("ok       encryption.key") && doctor.contains("ok       admin.token"), "\(doctor)")
        #expect(doctor.contains("ok       daemon"), "\(doctor)")
        // Variables that in a shell are another program's.
        let others = "PORT=9 DATABASE_URL=postgresql://127.0.0.1:9/other LD_LIBRARY_PATH=/usr/lib/consilod"
        #expect(try box.run(["sh", "-c", "\(others) consilod ready"]) == "healthy\n")

        // Nobody listens on port 9.
        try box.write(
            "postgresql://consilod@127.0.0.1:9/consilod", to: "/etc/consilod/credentials/store-url", mode: "0600")
        try box.systemctl("stop", "consilod.socket", "consilod")
        let moved = try consilod(box, "store migrate-to")
        #expect(moved.contains("status 1") && moved.contains("refused"), "\(moved)")

        try box.write("http: {prot: 8080}\n", to: "/etc/consilod/consilod.yaml")
        let wrong = try consilod(box, "serve --check")
        #expect(wrong.contains("unknown key http.prot") && wrong.hasSuffix("status 1\n"), "\(wrong)")
    }

    @Test func secretsThatAreEncryptedForTheServiceAreNotMissed() throws {
        let box = try SystemdBox(
            settings: [
                "LoadCredential=", "LoadCredentialEncrypted=encryption-key:/etc/consilod/encryption-key.cred",
                "LoadCredentialEncrypted=admin-token:/etc/consilod/admin-token.cred",
                "LoadCredentialEncrypted=smtp-password:/etc/consilod/smtp-password.cred",
            ])
        try box.write(
            "smtp: {host: 127.0.0.1, port: 9, from: risk@example.com, username: risk}\n",
            to: "/etc/consilod/consilod.yaml")
        try box.write("hush", to: "/etc/consilod/credentials/smtp-password", mode: "0600")
        for name in ["encryption-key", "admin-token", "smtp-password"] {
            let plain = "/etc/consilod/credentials/\(name)"
            try box.run(["systemd-creds", "encrypt", "--name=\(name)", plain, "/etc/consilod/\(name).cred"])
            try box.run(["rm", plain])
        }
        try box.systemctl("start", "consilod")

        let check = try consilod(box, "serve --check")
        #expect(check.contains("encryption.key is not readable here"), "\(check)")
        #expect(check.contains("smtp.password is not readable here"), "\(check)")
        #expect(check.hasSuffix("the configuration is valid: /etc/consilod/consilod.yaml\nstatus 0\n"), "\(check)")
        // What the daemon itself needs is not asked for less.
        let bare = try consilod(box, "serve --config /etc/consilod/consilod.yaml")
        #expect(bare.contains("encryption.key is not set") && bare.hasSuffix("status 1\n"), "\(bare)")

        let doctor = try consilod(box, "doctor")
        #expect(doctor.contains("ok       configuration") && doctor.contains("ok       daemon"), "\(doctor)")
        #expect(doctor.contains("warning  encryption.key") && !doctor.contains("keygen encryption-key"), "\(doctor)")
        try box.write(DaemonProcess.adminToken, to: "/root/token", mode: "0600")
        // The daemon, which has the password, tells of its mail server.
        let whole = try consilod(box, "doctor --key-file /root/token")
        #expect(whole.contains("FAILED   mail") && whole.contains("127.0.0.1:9"), "\(whole)")
        #expect(!whole.contains("FAILED   configuration"), "\(whole)")
    }
}
