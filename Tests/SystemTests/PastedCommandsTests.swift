import Domain
import Foundation
import TestSupport
import Testing

@testable import DaemonTestSupport

/// Every command of the README and of the documentation, pasted as it stands into a shell of root, page by page, on a host where
/// consilod was just installed. A block that needs more than such a host says what (` ```sh needs-jira `).
@Suite(.alone, .serialized, .enabled(if: SystemdBox.canBeMade, .init(rawValue: SystemdBox.cannotBeMade)))
struct PastedCommandsTests {
    /// What the host of the test lacks, each with the tests that run such commands.
    private static let needs = [
        "source": "script/lib/check-package, RunScriptTests",
        "network": "ModelTests, with a mirror of the model",
        "docker": "ImageTests",
        "cloud": "DeploymentFilesTests, as far as files go",
        "jira": "WebhookCommandTests, JiraSyncTests, DoctorTests, with a simulated Jira",
        "postgresql": "StoreMigrateTests",
        "provider": "MembersCommandTests, with a provider of OpenID Connect",
        "terminal": "none: it asks for a password",
    ]

    /// Commands that stand together in a page.
    private struct Block: Sendable {
        var page: String
        var line: Int
        /// What it needs that the host of the test lacks; nil for nothing.
        var need: String?
        var commands: String
    }

    /// What to do before or after a block that has a text in it: what the page tells its reader in words.
    private struct Step {
        var block: String
        var before = ""
        var after = ""
    }

    private static let steps = [
        Step(block: "consilod tenant create Acme", before: "install -m 600 /root/token jira-token"),
        Step(
            block: "alert-channels/$CHANNEL/digest",
            before: """
                CHANNEL=$(curl -sS -H "$AUTH" http://127.0.0.1:8080/api/alert-channels |
                  python3 -c 'import json, sys; print(json.load(sys.stdin)[-1]["id"])')
                """),
        Step(
            block: "http://127.0.0.1:8080/api/analyze/sprint \\",
            before: """
                consilod replay /root/webhooks.ndjson --url "$WEBHOOK_URL" --secret-file webhook-secret
                until curl -sS http://127.0.0.1:8080/health | grep -q '"pending_events":0'; do sleep 0.2; done
                """),
        // Of another issue: what is moved to now would make PAY-1 one of today.
        Step(
            block: "consilod replay webhooks.ndjson",
            before: #"sed 's/PAY-1"/PAY-7"/g; s/"10001"/"10007"/g' /root/webhooks.ndjson > webhooks.ndjson"#),
        Step(
            block: "consilod keys rotate",
            before:
                #"KEY_ID=$(consilod keys list --tenant "$ID" --key-file api-key | sed -n 's/  .*Reports$//p' | tail -n 1)"#
        ),
        Step(
            block: "--since \"$HEAD\"",
            before: "HEAD=$(consilod audit verify --tenant host | sed -n 's/^head *//p')"),
        Step(block: "from=$SINCE", before: "SINCE=2026-01-01T00:00:00Z"),
        Step(block: "model_id = '$MODEL_ID'", before: "MODEL_ID=none"),
        Step(
            block: "ListenStream=10.0.0.5:8080", before: "ip address add 10.0.0.5/32 dev lo",
            after: """
                consilod ready --url http://10.0.0.5:8080
                rm /etc/systemd/system/consilod.socket.d/address.conf
                systemctl daemon-reload
                systemctl stop consilod.socket consilod
                systemctl start consilod
                """),
        Step(
            block: "/etc/prometheus/consilod-metrics-token",
            before: "useradd --system prometheus 2>/dev/null || id prometheus; mkdir -p /etc/prometheus",
            after: """
                (printf 'Authorization: Bearer '; cat /etc/prometheus/consilod-metrics-token) |
                  curl -fsS -H @- http://127.0.0.1:8080/metrics | grep -q consilod_
                """),
    ]

    private static let prologue = #"""
        set -euo pipefail
        # The test's program links its libraries at run time, which the installed one does not.
        consilod() { LD_LIBRARY_PATH=/usr/lib/consilod command consilod "$@"; }
        # An answer that is a refusal is a command that does not work.
        curl() { case " $* " in *" -fsS "*) command curl "$@" ;; *) command curl --fail-with-body "$@" ;; esac; }
        sudo() { "$@"; }
        """#

    private static func pages() throws -> [URL] {
        let documentation = try FileManager.default.contentsOfDirectory(
            at: Repository.folder.appendingPathComponent("docs"), includingPropertiesForKeys: nil)
        // The README makes the tenant that the others speak of.
        return [Repository.folder.appendingPathComponent("README.md")]
            + documentation.filter { $0.pathExtension == "md" }.sorted { $0.path < $1.path }
    }

    private static func blocks(of page: URL) throws -> [Block] {
        var (blocks, open): ([Block], Block?) = ([], nil)
        for (index, line) in try String(contentsOf: page, encoding: .utf8).components(separatedBy: "\n").enumerated() {
            if let fence = line.firstMatch(of: /^ *```(.*)$/) {
                if let block = open { blocks.append(block) }
                let words = fence.output.1.split(separator: " ")
                open =
                    open == nil && words.first == "sh"
                    ? Block(
                        page: page.lastPathComponent, line: index + 1,
                        need: words.dropFirst().first.map { String($0.trimmingPrefix("needs-")) }, commands: "")
                    : nil
            } else {
                open?.commands += line + "\n"
            }
        }
        return blocks
    }

    /// The blocks of a page as one script, in a folder of its own with the tenant's keys.
    private static func script(of blocks: [Block]) -> String {
        guard let page = blocks.first?.page else { return "" }
        var lines = [prologue, "mkdir -p /root/pages/\(page)", "cd /root/pages/\(page)"]
        if page != "README.md" {
            lines += [
                "cp /root/pages/README.md/acme/{api-key,webhook-secret,auth-header,tenant.env} .", "source tenant.env",
            ]
        }
        for block in blocks {
            let step = steps.first { block.commands.contains($0.block) }
            lines += ["echo '## \(block.page):\(block.line)'", step?.before ?? "", block.commands, step?.after ?? ""]
        }
        return lines.joined(separator: "\n") + "\n"
    }

    private static let sprint = """
        {"timestamp": 1790000000000, "webhookEvent": "jira:issue_created", "issue": {"id": "10901", "key": "PAY-901", "fields": {
         "summary": "Refunds", "project": {"id": "1", "key": "PAY", "name": "Payments"}, "created": "2026-09-21T14:00:00.000Z",
         "updated": "2026-09-21T14:00:00.000Z", "status": {"id": "3", "name": "In Progress", "statusCategory": {"id": 4,
         "key": "indeterminate"}}, "customfield_10020": [{"id": 7, "name": "Sprint 7", "state": "active", "boardId": 1,
         "startDate": "2026-09-20T08:00:00.000Z", "endDate": "2026-10-04T08:00:00.000Z"}]}}}
        """

    @Test func everyCommandOfTheDocumentationCanBePasted() throws {
        let box = try SystemdBox()
        try box.systemctl("start", "consilod")
        try box.write("a-token-of-the-test", to: "/root/token", mode: "0600")
        var stream = WebhookStream(start: Timestamp(seconds: 1_790_000_000))
        stream.addIssue(1, comments: ["We are blocked by the vendor."])
        let bodies = stream.bodies + [Self.sprint.replacing("\n", with: " ")]
        try box.write(bodies.joined(separator: "\n") + "\n", to: "/root/webhooks.ndjson")

        let all = try Self.pages().map { try Self.blocks(of: $0) }
        for block in all.joined() {
            #expect(
                block.need.map { Self.needs[$0] != nil } ?? true, "\(block.page):\(block.line): \(block.need ?? "")")
        }
        let runnable = all.map { $0.filter { $0.need == nil } }
        for step in Self.steps {
            let fitting = runnable.joined().filter { $0.commands.contains(step.block) }
            #expect(fitting.count == 1, "\(step.block): \(fitting.map(\.line))")
        }
        for blocks in runnable where !blocks.isEmpty {
            try box.write(Self.script(of: blocks), to: "/root/page.sh")
            let output = try box.run(["sh", "-c", "cd /root && bash page.sh 2>&1; echo status $?"])
            #expect(output.hasSuffix("status 0\n"), "\(blocks[0].page): \(output)")
        }
        #expect(runnable.joined().count > 35)
    }
}
