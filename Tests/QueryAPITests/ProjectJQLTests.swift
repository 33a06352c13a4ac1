import TestSupport
import Testing

@testable import Queries

@Suite struct ProjectJQLTests {
    @Test(arguments: [
        ("project = PAY", ["PAY"], true),
        ("PROJECT=pay", ["PAY"], true),
        ("project = \"PAY\"", ["PAY"], true),
        ("  project = 'OPS_2'\n", ["OPS_2"], true),
        ("project in (PAY)", ["PAY"], true),
        ("project IN (PAY, 'ops', \"X1\" , pay)", ["PAY", "OPS", "X1"], true),
        ("project = PAY AND statusCategory != Done", ["PAY"], false),
        ("project = PAY and statuscategory!=\"done\"", ["PAY"], false),
        ("statusCategory != Done AND project in (PAY, OPS)", ["PAY", "OPS"], false),
        ("project = PAY ORDER BY updated", ["PAY"], true),
        ("project = PAY AND statusCategory != Done order by rank ASC, \"Story Points\" DESC", ["PAY"], false),
        ("project = \"AND\"", ["AND"], true),
    ])
    func understandsProjects(jql: String, keys: [String], includesDone: Bool) {
        let query = ProjectJQL(jql)
        #expect(query?.projectKeys == keys)
        #expect(query?.includesDone == includesDone)
    }

    @Test(arguments: [
        "", "project", "project =", "project = PAY OPS", "project = PAY AND", "project != PAY",
        "project = PAY OR project = OPS",
        "project = PAY AND project = OPS", "project = PAY AND assignee = currentUser()",
        "project = PAY AND status != Done",
        "project = PAY AND statusCategory = Done", "project = PAY AND statusCategory != \"In Progress\"",
        "project = PAY AND statusCategory != Done AND statusCategory != Done", "statusCategory != Done",
        "(project = PAY)", "project in ()", "project in (PAY", "project in (PAY,)", "project in PAY", "project = (PAY)",
        "project not in (PAY)", "project = EMPTY", "project in (PAY, null)", "project = 10001", "project = _X",
        "project = \"Payments team\"", "project = \"PAY", "project = \"P\\\"AY\"", "project = 'PAY\"", "project = PÄY",
        "project = PAY ORDER", "project = PAY ORDER BY", "project = PAY ORDER BY updated DESC ASC",
        "project = PAY ORDER BY updated,", "project = PAY ORDER BY updated DESC; DROP",
        "project = PAY ORDER BY cf[10001]",
        "project = PAY && statusCategory != Done", "project = PAY\u{0}", "project == PAY", "project ! = PAY",
        "sprint in openSprints()", "AND project = PAY", "project = PAY AND statusCategory <> Done",
    ])
    func leavesEverythingElseToJira(jql: String) {
        #expect(ProjectJQL(jql) == nil)
    }

    /// Queries put together of all the pieces end, and what is understood reads the same in its plainest form.
    @Test func whatIsUnderstoodIsStableUnderRewriting() {
        let pieces = [
            "project", "=", "in", "(", ")", ",", "PAY", "ops", "'X'", "\"Y\"", "AND", "statusCategory", "!=", "Done",
            "ORDER", "BY", "ASC", "\"", "EMPTY", "5",
        ]
        var random = SeededGenerator(seed: 7)
        var understood = 0
        for round in 0..<20_000 {
            // Half of them start well.
            let head = round.isMultiple(of: 2) ? ["project", "=", "PAY"] : ["project", "in", "("]
            let tail = (0..<Int.random(in: 0...6, using: &random)).map { _ in pieces.randomElement(using: &random) ?? ""
            }
            guard let query = ProjectJQL((head + tail).joined(separator: " ")) else { continue }
            understood += 1
            #expect(ProjectJQL(query.description) == query)
        }
        #expect(understood > 100)
    }
}
