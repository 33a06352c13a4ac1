import Domain
import FinBERT
import Foundation
import QueryAPI
import Store
import Vault

/// What can be checked without a daemon: the configuration, and where no daemon runs what it would find.
struct LocalDiagnosis: Sendable {
    let checks: [DiagnosticCheck]
    /// Nil where it cannot be read.
    let configuration: DaemonConfiguration?

    /// Reads the configuration as `serve` does. Secrets that cannot be read from here are no error: the daemon may have
    /// them, and reports itself what is missing.
    init(file: String?, environment: [String: String]) async {
        do {
            let configuration = try DaemonConfiguration(
                try await Settings(file: file, environment: environment), environment: environment,
                missingSecrets: .noted)
            let source = file.map { "\($0) and the environment are" } ?? "the environment is"
            checks =
                [DiagnosticCheck("configuration", .ok, "\(source) valid")]
                + Self.secretChecks(of: configuration) + Self.modeCheck(of: configuration.store)
            self.configuration = configuration
        } catch {
            checks = [
                DiagnosticCheck(
                    "configuration", .failed, "\(error)",
                    remedy: "config/consilod.example.yaml lists every key; secrets are read from "
                        + "$CREDENTIALS_DIRECTORY and /etc/consilod/credentials")
            ]
            configuration = nil
        }
    }

    private static func secretChecks(of configuration: DaemonConfiguration) -> [DiagnosticCheck] {
        let secrets = configuration.secrets
        var checks = configuration.missingSecrets.map { secret in
            DiagnosticCheck(
                secret, .warning, DaemonConfiguration.notReadableHere,
                remedy: secret == "encryption.key"
                    ? "no action needed if the daemon runs; an existing store needs the key it was created with, never a new one"
                    : "no action needed if the daemon runs")
        }
        if !configuration.missingSecrets.contains("encryption.key") { checks.append(keyCheck(of: secrets)) }
        checks.append(
            secrets.adminToken != nil
                ? DiagnosticCheck("admin.token", .ok, "it is set")
                : DiagnosticCheck(
                    "admin.token", .warning, DaemonConfiguration.notReadableHere,
                    remedy:
                        "without it no tenant can be created: create one with consilod keygen admin-token and "
                        + "give it as the credential admin-token"))
        return checks
    }

    /// The files of an embedded store that other users of the host may read; empty without such files. New files are made
    /// with mode 0600, those of older versions had the mode that the umask left.
    private static func modeCheck(of store: StoreLocation) -> [DiagnosticCheck] {
        guard case .sqlite(let path) = store else { return [] }
        let open = ["", "-wal", "-shm", ".lock"].map { path + $0 }.filter { name in
            let mode = try? FileManager.default.attributesOfItem(atPath: name)[.posixPermissions] as? Int
            return (mode ?? 0) & 0o077 != 0
        }
        guard !open.isEmpty else { return [] }
        return [
            DiagnosticCheck(
                "store files", .warning, "other users of the host may read \(open.joined(separator: ", "))",
                remedy: "chmod 600 \(open.joined(separator: " "))")
        ]
    }

    private static func keyCheck(of secrets: DaemonConfiguration.Secrets) -> DiagnosticCheck {
        do {
            _ = try Vault(keys: secrets.encryptionKeys.map(\.revealed))
            let count = secrets.encryptionKeys.count
            return DiagnosticCheck(
                "encryption.key", .ok,
                count == 1 ? "the key is valid" : "\(count) keys are valid; the first one encrypts")
        } catch {
            return DiagnosticCheck(
                "encryption.key", .failed, "\(error)",
                remedy:
                    "create one with consilod keygen encryption-key; an existing store needs the key it was created with"
            )
        }
    }

    /// The store, its disk space and the model, where no daemon reports them.
    func checksWithoutDaemon() async -> [DiagnosticCheck] {
        guard let configuration else { return [] }
        var checks = [await store(configuration.store)]
        if let folder = configuration.store.folder, let space = FreeSpace(at: folder) {
            checks.append(space.check(of: folder))
        }
        return checks + [model(configuration.model)]
    }

    private func store(_ store: StoreLocation) async -> DiagnosticCheck {
        do {
            switch store {
            case .sqlite(let path):
                switch try await StoreProbe.sqlite(path: path) {
                case .writable: return DiagnosticCheck("store", .ok, "\(path) can be opened and written")
                case .absent:
                    return DiagnosticCheck("store", .ok, "\(path) does not exist yet; the first start creates it")
                case .inUse(let words):
                    return DiagnosticCheck(
                        "store", .warning, words, remedy: "that daemon listens elsewhere: name its address with --url")
                }
            case .postgres(let settings):
                _ = try await StoreProbe.postgres(settings)
                return DiagnosticCheck("store", .ok, "the \(settings.place) accepts writes")
            }
        } catch {
            return DiagnosticCheck(
                "store", .failed, "\(error)",
                remedy: "check the path or address, its permissions and its disk; run this as root or the daemon's user"
            )
        }
    }

    private func model(_ options: ModelHost.Options) -> DiagnosticCheck {
        guard options.isEnabled else {
            return DiagnosticCheck("model", .ok, "model.enabled is false: the word list reads comments")
        }
        guard ModelFolder.isPresent(at: options.folder) else {
            return DiagnosticCheck(
                "model", .warning, "FinBERT is not installed in \(options.folder.path): the word list reads comments",
                remedy: "consilod model fetch")
        }
        return DiagnosticCheck("model", .ok, "a model is in \(options.folder.path); consilod model verify checks it")
    }
}
