import Foundation

// What the rules of a new tenant would have raised and sent on a recorded stream of webhooks, one body a line on standard
// input, had consilod been watching; as the tables of docs/alerts.md.
//
//     gunzip -c STREAM.ndjson.gz | alert-bench > TABLES.md

func fail(_ text: String) -> Never {
    FileHandle.standardError.write(Data((text + "\n").utf8))
    exit(2)
}

let team = try await ScoredTeam(WebhookStream())
let sent = try await AlertReplay(team).run()
try await AlertTables(team, sent).run()
try team.remove()
