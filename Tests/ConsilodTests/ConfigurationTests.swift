import Alerts
import Domain
import Foundation
import RiskEngine
import Store
import TestSupport
import Testing

@testable import DaemonTestSupport
@testable import consilod

@Suite struct ConfigurationTests {
    private static let example = "config/consilod.example.yaml"
    private let environment = ["CONSILOD_ENCRYPTION_KEY": DaemonProcess.encryptionKey]

    private func configuration(file: String? = nil, _ more: [String: String] = [:]) async throws -> DaemonConfiguration
    {
        let environment = environment.merging(more) { $1 }
        return try DaemonConfiguration(
            try await Settings(file: file, environment: environment), environment: environment)
    }

    @Test func theExampleIsValidAndShowsTheDefaults() async throws {
        let example = try await configuration(file: Self.example)
        let defaults = try await configuration()
        #expect(example.scoring == defaults.scoring)
        #expect(example.http.port == defaults.http.port)
        #expect(example.http.webhooks == defaults.http.webhooks)
        #expect(example.http.limits == defaults.http.limits)
        #expect(example.alertAttemptLimit == defaults.alertAttemptLimit)
        #expect(example.rescorer.liveWindowSeconds == defaults.rescorer.liveWindowSeconds)
        #expect(example.rescorer.settleSeconds == defaults.rescorer.settleSeconds)
        #expect(example.rescorer.concurrency == defaults.rescorer.concurrency)
        #expect(example.trialDays == defaults.trialDays)
        #expect(example.retention == defaults.retention)
        #expect(example.mail == nil)
        #expect(!example.takesAutomation && !defaults.takesAutomation)
        #expect(try await configuration(file: nil, ["CONSILOD_WEBHOOK_AUTOMATION": "true"]).takesAutomation)
    }

    @Test func aHostThatBillsGivesTrialsADefaultLength() async throws {
        #expect(try await configuration().trialDays == 0)
        #expect(try await configuration(["CONSILOD_BILLING_TRIAL_DAYS": "7"]).trialDays == 0)
        let billing = ["CONSILOD_BILLING_ENABLED": "true"]
        #expect(try await configuration(billing).trialDays == 14)
        for (name, days) in [("TENANTS", 30), ("BILLING", 7)] {
            let own = billing.merging(["CONSILOD_\(name)_TRIAL_DAYS": "\(days)"]) { $1 }
            #expect(try await configuration(own).trialDays == days)
        }
    }

    /// The example with every commented key made a real one, and billing enabled, which a key of Stripe's needs.
    private func uncommentedExample() throws -> String {
        let text = try String(contentsOfFile: Self.example, encoding: .utf8).split(
            separator: "\n", omittingEmptySubsequences: false
        )
        .map { line in
            // A key of its own, or the rest of one, which is indented further.
            line.wholeMatch(of: /( *)# ([a-z_]+:( .*)?|  .*)/).map { "\($0.output.1)\($0.output.2)" } ?? String(line)
        }.joined(separator: "\n")
        let billing = try #require(text.range(of: "\nbilling:"))
        let off = try #require(text.range(of: "enabled: false", range: billing.upperBound..<text.endIndex))
        return text.replacingCharacters(in: off, with: "enabled: true")
    }

    @Test func theExampleGivesEveryKeyAndNoOther() async throws {
        try await written(uncommentedExample()) { file in
            let settings = try await Settings(file: file, environment: environment)
            // Refuses keys that do not exist, and values of the wrong kind.
            _ = try DaemonConfiguration(settings, environment: environment)
            let given = settings.fileKeys
            for key in settings.knownKeys where !key.hasSuffix(".*") {
                #expect(given.contains(key), "\(key) is missing in \(Self.example)")
            }
            let encoder = JSONEncoder()
            encoder.keyEncodingStrategy = .convertToSnakeCase
            let scoring = try JSONSerialization.jsonObject(with: encoder.encode(RiskConfiguration.default))
            for name in try #require(scoring as? [String: Any]).keys {
                let isGiven = given.contains { $0 == "scoring.\(name)" || $0.hasPrefix("scoring.\(name).") }
                #expect(isGiven, "scoring.\(name) is missing in \(Self.example)")
            }
        }
    }

    @Test func theCommentedWordsOfTheExampleAreTheDefaults() async throws {
        var scoring = try await written(uncommentedExample()) { try await configuration(file: $0) }.scoring
        // The people of the example are made up.
        #expect(scoring.people.count == 1)
        scoring.people = [:]
        #expect(scoring == .default)
    }

    @Test func theEnvironmentWinsOverTheFile() async throws {
        let configuration = try await configuration(
            file: Self.example,
            ["CONSILOD_HTTP_PORT": "9191", "CONSILOD_SMTP_HOST": "relay", "CONSILOD_SMTP_FROM": "a@b.c"])
        #expect(configuration.http.port == 9191)
        #expect(configuration.mail?.host == "relay")
        #expect(configuration.mail?.port == 587)
    }

    @Test func rolesByTheirFormerNamesAreThePresentOnes() async throws {
        let text = """
            scoring:
              default_role: Analytics
              role_rates: {QA: 3300}
              people: {"712020:ada": {role: DevOps}}
              role_patterns: [{words: test lead, role: Senior QA}]
            """
        let scoring = try await written(text) { try await configuration(file: $0) }.scoring
        #expect(scoring.defaultRole == "Analytics Engineer")
        #expect(scoring.roleRates["QA Engineer"] == 3300 && scoring.roleRates["QA"] == nil)
        #expect(scoring.people["712020:ada"]?.role == "DevOps Engineer")
        #expect(scoring.rolePatterns.map(\.role) == ["Senior QA Engineer"])
    }

    @Test func originsAreTakenAsBrowsersSendThem() async throws {
        let origins = "HTTPS://App.Example.com/,http://localhost:5173,*"
        let configuration = try await configuration(file: nil, ["CONSILOD_HTTP_CORS_ALLOWED_ORIGINS": origins])
        #expect(configuration.http.allowedOrigins == ["https://app.example.com", "http://localhost:5173", "*"])
    }

    @Test func tablesOfTheScoringSectionAreExtendedAndEverythingElseReplaced() async throws {
        let file = FileManager.default.temporaryDirectory.appendingPathComponent("\(UUID().uuidString).yaml")
        defer { try? FileManager.default.removeItem(at: file) }
        try """
        scoring:
          profile: classic
          age_threshold_days: [1, 2, 3]
          role_rates: {Astronaut: 9000}
          people: {"712020:ada": {role: Astronaut}}
          role_patterns: [{words: pilot, role: Astronaut}]
        """.write(to: file, atomically: true, encoding: .utf8)
        let scoring = try await configuration(file: file.path).scoring
        #expect(scoring.profile == .classic)
        #expect(scoring.ageThresholdDays == [1, 2, 3])
        #expect(scoring.roleRates["Astronaut"] == 9000)
        #expect(scoring.roleRates.count == RiskConfiguration.default.roleRates.count + 1)
        #expect(scoring.people["712020:ada"]?.role == "Astronaut")
        #expect(scoring.rolePatterns == [RiskConfiguration.RolePattern("pilot", "Astronaut")])
    }

    @Test(arguments: [
        ("jira: {fields: {story_points: customfield_10026}}", "jira.fields.story_points must be a list of text"),
        ("jira: {fields: {sprint: [[a], b]}}", "jira.fields.sprint must be a list of text"),
        ("store: {path: [x]}", "store.path must be a single value"),
        ("smtp: {host: [x], from: a@b.c}", "smtp.host must be a single value"),
        ("encryption: {key: [x]}", "encryption.key must be a single value"),
        ("log: {level: {x: y}}", "log.level must be a single value"),
        ("http: {port: eighty}", "http.port must be a whole number"),
        ("http: {prot: 80}", "unknown key http.prot"),
        ("http: {cors_allowed_origins: '*'}", "http.cors_allowed_origins must be a list of text"),
        ("http: {cors_allowed_origins: [app.example.com]}", "http.cors_allowed_origins must list origins"),
        (
            "http: {cors_allowed_origins: ['https://app.example.com/page']}",
            "http.cors_allowed_origins must list origins"
        ),
        (
            "http: {cors_allowed_origins: ['https://u:p@app.example.com']}",
            "http.cors_allowed_origins must list origins"
        ),
        ("http: {cors_allowed_origins: ['https://*.example.com']}", "http.cors_allowed_origins must list origins"),
        ("http: {max_connections: 0}", "http.max_connections must be a whole number from 16 to 65536"),
        ("http: {webhook_rate: -1}", "http.webhook_rate must be a whole number from 0 to 1000000"),
        (
            "http: {max_webhook_bytes: 4096, max_webhook_bytes_in_hand: 4095}",
            "http.max_webhook_bytes_in_hand must be at least http.max_webhook_bytes"
        ),
        ("smtp: {confirm_addresses: true}", "smtp.confirm_addresses needs http.public_url"),
        ("smtp: {confirmed_domains: example.com}", "smtp.confirmed_domains must be a list of text"),
        ("smtp: {confirmed_domains: ['@example.com']}", "smtp.confirmed_domains must list the domains"),
        ("retention: {payload_days: soon}", "retention.payload_days must be a whole number of days from 1 to 36500"),
        ("retention: {history_days: -1}", "retention.history_days must be a whole number of days"),
        ("retention: {payload_days: 30, webhook_days: 29}", "retention.webhook_days must not be below"),
        ("retention: {payload_days: forever}", "retention.webhook_days must not be below"),
        ("retention: {payload: 3}", "unknown key retention.payload"),
    ])
    func aValueOfTheWrongKindIsNamed(yaml: String, message: String) async throws {
        let error = await #expect(throws: ConfigurationError.self) {
            let variables = yaml.hasPrefix("encryption") ? [:] : environment
            _ = try await written(yaml) { (file: String) async throws -> DaemonConfiguration in
                try DaemonConfiguration(
                    try await Settings(file: file, environment: variables), environment: variables)
            }
        }
        #expect(error?.description.hasPrefix(message) == true, "\(error?.description ?? "")")
    }

    @Test func ownersOfAddressesAreAskedWhereThereIsAPageForIt() async throws {
        let mail = ["CONSILOD_SMTP_HOST": "mail.example", "CONSILOD_SMTP_FROM": "risk@example.com"]
        let page = ["CONSILOD_HTTP_PUBLIC_URL": "https://risk.example"]
        #expect(try await configuration(file: nil, mail).recipients.asks == false)
        #expect(try await configuration(file: nil, page).recipients.asks == false)
        let both = mail.merging(page) { $1 }
        let domains = ["CONSILOD_SMTP_CONFIRMED_DOMAINS": "Example.com,example.org"]
        let recipients = try await configuration(file: nil, both.merging(domains) { $1 }).recipients
        #expect(recipients == RecipientPolicy(asks: true, confirmedDomains: ["example.com", "example.org"]))
        let off = ["CONSILOD_SMTP_CONFIRM_ADDRESSES": "false"]
        #expect(try await configuration(file: nil, both.merging(off) { $1 }).recipients.asks == false)
    }

    @Test func noDaysAndForEverKeepWhatTheyAreSaidOf() async throws {
        let yaml = "retention: {payload_days: 0, webhook_days: forever, history_days: 0, usage_days: 1}"
        let retention = try await written(yaml) { try await configuration(file: $0) }.retention
        #expect(retention.payloadDays == nil)
        #expect(retention.webhookDays == nil)
        #expect(retention.historyDays == nil)
        #expect(retention.usageDays == 1)
        #expect(retention.alertDays == RetentionPolicy().alertDays)
    }

    @Test func scalarsAndListsOfAnyLookAreRead() async throws {
        let yaml = "{http: {port: 8181}, jira: {fields: {sprint: [10020, x], story_points: null}}}"
        let read = try await written(yaml) { try await configuration(file: $0) }
        #expect(read.http.port == 8181)
        #expect(read.fields.sprint == ["10020", "x"])
        #expect(read.fields.storyPoints == ["customfield_10016"])
    }

    private func written<Value>(_ yaml: String, _ body: (String) async throws -> Value) async throws -> Value {
        let file = FileManager.default.temporaryDirectory.appendingPathComponent("\(UUID().uuidString).yaml")
        defer { try? FileManager.default.removeItem(at: file) }
        try yaml.write(to: file, atomically: true, encoding: .utf8)
        return try await body(file.path)
    }

    @Test func severalEncryptionKeysAreRead() async throws {
        let keys = "\(DaemonProcess.encryptionKey), \(DaemonProcess.encryptionKey)\n"
        #expect(try await configuration(file: nil, ["CONSILOD_ENCRYPTION_KEY": keys]).secrets.encryptionKeys.count == 2)
    }
}

@Suite struct TimeShiftTests {
    @Test func movesInstantsAndDatesAndNothingElse() throws {
        let shift = TimeShift(moving: Timestamp(seconds: 1_000_000), to: Timestamp(seconds: 1_000_000 + 3 * 86_400))
        let body = """
            {"timestamp": 1000000000, "issue": {"id": "1000000000", "fields": {"created": "1970-01-12T13:46:40.000+0000",
             "duedate": "1970-01-14", "summary": "Due 1970-01-14, at 13:46", "points": 3.5, "done": false, "none": null}}}
            """
        let moved = try JSONSerialization.jsonObject(with: Data(shift.apply(to: Array(body.utf8)))) as? NSDictionary
        let expected: NSDictionary = [
            "timestamp": 1_259_200_000,
            "issue": [
                "id": "1000000000",
                "fields": [
                    "created": "1970-01-15T13:46:40.000+0000", "duedate": "1970-01-17",
                    "summary": "Due 1970-01-14, at 13:46", "points": 3.5, "done": false, "none": NSNull(),
                ] as [String: Any],
            ] as [String: Any],
        ]
        #expect(moved == expected)
    }
}

@Suite struct LineReaderTests {
    @Test func readsPlainAndGzippedFilesAlike() async throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("consilod-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let long = String(repeating: "x", count: 200_000)
        let plain = folder.appendingPathComponent("lines")
        try "first\n\n\(long)\nlast without an end".write(to: plain, atomically: true, encoding: .utf8)
        let zip = Process()
        zip.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        zip.arguments = ["gzip", "-k", plain.path]
        try zip.run()
        try await eventually("gzip ends") { !zip.isRunning }
        for path in [plain.path, plain.path + ".gz"] {
            var reader = try LineReader(path: path)
            var lines: [Int] = []
            while let line = try reader.next() { lines.append(line.count) }
            #expect(lines == [5, 0, 200_000, 19])
        }
        #expect(throws: LineReader.Failure.self) { _ = try LineReader(path: plain.path + ".missing") }

        let whole = try Data(contentsOf: plain.appendingPathExtension("gz"))
        for length in [whole.count / 2, whole.count - 4] {
            let cut = folder.appendingPathComponent("cut-\(length).gz")
            try whole.prefix(length).write(to: cut)
            #expect(throws: LineReader.Failure.self) {
                var reader = try LineReader(path: cut.path)
                while try reader.next() != nil {}
            }
        }
    }
}
