import Domain
import Foundation
import Store
import TestSupport
import Testing
import Yams

@testable import DaemonTestSupport
@testable import consilod

/// The variables that the files for containers and clouds give the daemon. `script/lib/check-deployment` checks their form.
@Suite struct DeploymentFilesTests {
    private static func text(_ path: String) throws -> String { try String(contentsOfFile: path, encoding: .utf8) }

    private struct Variable: Decodable {
        var name: String
        var value: String

        private enum CodingKeys: String, CodingKey { case name, key, value }

        init(from decoder: any Decoder) throws {
            let row = try decoder.container(keyedBy: CodingKeys.self)
            name = try row.decodeIfPresent(String.self, forKey: .name) ?? row.decode(String.self, forKey: .key)
            value = try row.decode(String.self, forKey: .value)
        }
    }

    /// Of App Platform.
    private struct App: Decodable {
        struct Service: Decodable { var envs: [Variable] }
        var services: [Service]
    }

    /// Of Kubernetes.
    private struct Deployment: Decodable {
        struct Spec: Decodable { var template: Template }
        struct Template: Decodable { var spec: Pod }
        struct Pod: Decodable { var containers: [Container] }
        struct Container: Decodable { var env: [Variable] }
        var spec: Spec
    }
    private struct SecretFile: Decodable { var stringData: [String: String] }

    /// Of Compose.
    private struct Composition: Decodable {
        struct Service: Decodable { var environment: [String: String]? }
        var services: [String: Service]
    }

    private static func pairs(_ variables: [Variable]) -> [String: String] {
        Dictionary(variables.map { ($0.name, $0.value) }, uniquingKeysWith: { $1 })
    }

    /// The lines `NAME=value` of a text, also those that are comments.
    private static func lines(_ text: String, _ pattern: Regex<(Substring, Substring, Substring)>) -> [String: String] {
        let found = text.split(separator: "\n").compactMap { $0.wholeMatch(of: pattern)?.output }
        return Dictionary(found.map { (String($0.1), String($0.2)) }, uniquingKeysWith: { $1 })
    }

    /// What each file gives a node, by its path.
    private static func environments() throws -> [String: [String: String]] {
        let decoder = YAMLDecoder()
        let app = try decoder.decode(App.self, from: text("deploy/digitalocean/app.yaml"))
        let documents = try text("deploy/kubernetes/consilod.yaml").components(separatedBy: "\n---\n")
        let deployment = try decoder.decode(Deployment.self, from: documents[0])
        let secret = try decoder.decode(SecretFile.self, from: text("deploy/kubernetes/secret.example.yaml"))
        let composition = try decoder.decode(Composition.self, from: text("compose.yaml"))
        let example = lines(try text(".env.example"), #/#?([A-Z_]+)=(.*)/#)
        return [
            "deploy/digitalocean/app.yaml": pairs(app.services.flatMap(\.envs)),
            "deploy/kubernetes": secret.stringData.merging(
                pairs(deployment.spec.template.spec.containers.flatMap(\.env))
            ) { $1 },
            "deploy/fly/fly.toml": lines(try text("deploy/fly/fly.toml"), #/ *([A-Z_]+) = "(.*)"/#)
                .merging(["ENCRYPTION_KEY": "", "DATABASE_URL": ""]) { $1 },
            ".env.example": example,
            "compose.yaml": example.merging(composition.services["node1"]?.environment ?? [:]) { $1 },
        ]
    }

    /// What is filled in where a file has a placeholder.
    private static let filledIn = [
        "DATABASE_URL": "postgresql://consilod:secret@db.example.com/consilod?sslmode=require",
        "ENCRYPTION_KEY": DaemonProcess.encryptionKey, "CONSILOD_HTTP_PUBLIC_URL": "https://consilod.example.com",
        "CONSILOD_STORE_ROOT_CERTIFICATE": "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----",
        "CONSILOD_SMTP_PASSWORD": "secret",
    ]

    @Test func eachGivesANodeAValidConfiguration() async throws {
        for (path, given) in try Self.environments() {
            let environment = given.merging(Self.filledIn.filter { given[$0.key] != nil }) { $1 }
            let configuration = try DaemonConfiguration(
                try await Settings(file: nil, environment: environment), environment: environment)
            #expect(configuration.http.port == 8080, "\(path)")
            guard case .postgres = configuration.store else {
                throw Unexpected("\(path) gives no PostgreSQL")
            }
        }
    }

    @Test func eachVariableIsAKey() async throws {
        let environment = ["ENCRYPTION_KEY": DaemonProcess.encryptionKey]
        let settings = try await Settings(file: nil, environment: environment)
        _ = try DaemonConfiguration(settings, environment: environment)
        let known = Set(settings.knownKeys.map { "CONSILOD_" + $0.uppercased().replacing(".", with: "_") })
        let paths = [
            ".env.example", "Dockerfile", "compose.yaml", "deploy/digitalocean/app.yaml", "deploy/fly/fly.toml",
            "deploy/kubernetes/consilod.yaml", "deploy/kubernetes/secret.example.yaml", "docs/deploy.md",
        ]
        var count = 0
        for path in paths {
            for match in try Self.text(path).matches(of: /CONSILOD_[A-Z_]+[A-Z]/) {
                count += 1
                #expect(known.contains(String(match.output)), "\(path) has \(match.output), which is no key")
            }
        }
        #expect(count > 20)
    }

    @Test func theImageOfTheScriptIsThatOfTheDockerfile() throws {
        let (script, dockerfile) = (try Self.text("script/image"), try Self.text("Dockerfile"))
        let variables = dockerfile.matches(of: /(?:ENV |^ {4})([A-Z_]+=[^ \\\n]+)/.anchorsMatchLineEndings())
            .map { String($0.output.1) }.filter { !$0.hasPrefix("DEBIAN_FRONTEND") }
        #expect(variables.count > 5)
        for variable in variables {
            #expect(script.contains("--config.env \(variable)"), "script/image does not set \(variable)")
        }
        for (ours, theirs) in [
            ("--config.user 65532:65532", "USER 65532:65532"), ("--config.stopsignal SIGTERM", "STOPSIGNAL SIGTERM"),
            ("--config.volume /var/lib/consilod", "VOLUME /var/lib/consilod"),
            ("--config.workingdir /var/lib/consilod", "WORKDIR /var/lib/consilod"),
            ("--config.exposedports 8080/tcp", "EXPOSE 8080"),
            (
                "--config.entrypoint /usr/bin/consilod --config.cmd serve",
                "ENTRYPOINT [\"/usr/bin/consilod\"]\nCMD [\"serve\"]"
            ),
        ] {
            #expect(script.contains(ours))
            #expect(dockerfile.contains(theirs))
        }
        // The unit sets the same for the package.
        let unit = try Self.text("systemd/consilod.service")
        for name in ["OMP_NUM_THREADS", "OMP_WAIT_POLICY", "LIBDISPATCH_LOG", "SWIFT_BACKTRACE"] {
            let set = try #require(variables.first { $0.hasPrefix(name) })
            #expect(unit.contains("Environment=\(set)"))
        }
    }
}
