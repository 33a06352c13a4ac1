import Domain
import Foundation
import RiskEngine
import TestSupport
import Testing

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
        #expect(example.http.maxWebhookBytes == defaults.http.maxWebhookBytes)
        #expect(example.alertAttemptLimit == defaults.alertAttemptLimit)
        #expect(example.rescorer.liveWindowSeconds == defaults.rescorer.liveWindowSeconds)
        #expect(example.rescorer.settleSeconds == defaults.rescorer.settleSeconds)
        #expect(example.rescorer.concurrency == defaults.rescorer.concurrency)
        #expect(example.trialDays == defaults.trialDays)
        #expect(example.mail == nil)
    }

    @Test func theExampleNamesEveryKey() async throws {
        let text = try String(contentsOfFile: Self.example, encoding: .utf8)
        let settings = try await Settings(file: Self.example, environment: environment)
        _ = try DaemonConfiguration(settings, environment: environment)
        let keys = settings.knownKeys.filter { !$0.hasSuffix(".*") }
        #expect(keys.count >= 24)
        let encoder = JSONEncoder()
        encoder.keyEncodingStrategy = .convertToSnakeCase
        let scoring = try JSONSerialization.jsonObject(with: encoder.encode(RiskConfiguration.default))
        let names =
            keys.compactMap { $0.split(separator: ".").last.map(String.init) }
            + (try #require(scoring as? [String: Any])).keys
        for name in names { #expect(text.contains("\(name)"), "\(name) is missing in \(Self.example)") }
    }

    @Test func theEnvironmentWinsOverTheFile() async throws {
        let configuration = try await configuration(
            file: Self.example,
            ["CONSILOD_HTTP_PORT": "9191", "CONSILOD_SMTP_HOST": "relay", "CONSILOD_SMTP_FROM": "a@b.c"])
        #expect(configuration.http.port == 9191)
        #expect(configuration.mail?.host == "relay")
        #expect(configuration.mail?.port == 587)
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
        """.write(to: file, atomically: true, encoding: .utf8)
        let scoring = try await configuration(file: file.path).scoring
        #expect(scoring.profile == .classic)
        #expect(scoring.ageThresholdDays == [1, 2, 3])
        #expect(scoring.roleRates["Astronaut"] == 9000)
        #expect(scoring.roleRates.count == RiskConfiguration.default.roleRates.count + 1)
        #expect(scoring.people["712020:ada"]?.role == "Astronaut")
    }

    @Test(arguments: [
        ("jira: {fields: {story_points: customfield_10026}}", "jira.fields.story_points must be a list of text"),
        ("store: {path: [x]}", "store.path must be a single value"),
        ("smtp: {host: [x], from: a@b.c}", "smtp.host must be a single value"),
        ("encryption: {key: [x]}", "encryption.key must be a single value"),
        ("log: {level: {x: y}}", "log.level must be a single value"),
        ("http: {port: eighty}", "http.port must be a whole number"),
        ("http: {prot: 80}", "unknown key http.prot"),
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
