import Domain
import Foundation
import Store

// How fast a store moves: makes a SQLite store of so many issues and history rows (with the program sqlite3), copies it
// into an empty PostgreSQL database, and says how long the copy and the comparison took.
//
//     transfer-bench FILE postgresql://… [issues] [history rows]

let arguments = CommandLine.arguments
guard arguments.count >= 3 else {
    print("usage: transfer-bench FILE URL [issues] [history rows]")
    exit(2)
}
let path = arguments[1]
let issues = arguments.count > 3 ? Int(arguments[3]) ?? 0 : 100_000
let history = arguments.count > 4 ? Int(arguments[4]) ?? 0 : 1_000_000
let now = Timestamp(milliseconds: Int64(Date().timeIntervalSince1970 * 1000))

/// About as large as an analysis is.
let factors = (1...7).map { number in
    """
    {"cap":15,"evidence":["comment:\(number)0001","changelog:\(number)0002"],"explanation":"Three of five comments of \
    the last two weeks say that the work does not advance; the newest is two days old.","name":"factor-\(number)",\
    "points":\(number)}
    """
}.joined(separator: ",")
let analysis = """
    {"blockers":[{"evidence":["comment:10001"],"phrase":"blocked by the vendor"}],"factors":[\(factors)],\
    "issue":{"key":"PAY-1","summary":"Refund button on the order page"},"ownScore":28,"likelihood":0.4375}
    """

if !FileManager.default.fileExists(atPath: path) {
    try await RiskStore.sqlite(path: path, now: now).close()
    let tenant = "11111111-2222-4333-8444-555555555555"
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = [
        "sqlite3", path,
        """
        INSERT INTO tenants (id, company_name, jira_url, jira_email, jira_token_encrypted, created_at, updated_at,
            api_key_hash)
        VALUES ('\(tenant)', 'Acme', 'https://acme.example', 'it@acme.example', 'sealed', '\(now)', '\(now)', 'hash');
        WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < \(issues))
        INSERT INTO issue_snapshots (tenant_id, issue_id, issue_key, project_key, summary, issue_type, status,
            status_category, priority, assignee, assignee_id, created, updated, comment_count, is_done, is_deleted,
            risk_score, own_score, analyzed_at, scorer_id, model_id, state_json, analysis_json)
        SELECT '\(tenant)', CAST(i AS TEXT), 'PAY-' || i, 'PAY', 'Refund button ' || i, 'Story', 'In Progress',
            'indeterminate', 'High', 'Ada Nowak', 'u1', '\(now)', '\(now)', 3, 0, 0, i % 100, i % 100, '\(now)',
            'standard-1', 'wordlist-2', '\(analysis)', '\(analysis)' FROM n;
        WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < \(history))
        INSERT INTO analysis_history (id, tenant_id, issue_id, issue_key, project_key, risk_score, daily_cost,
            blocker_count, sentiment_negative_pct, age_days, assignee, assignee_role, total_estimated_cost,
            analysis_json, analyzed_at, recorded_at, scorer_id, model_id)
        SELECT lower(printf('%s-%s-4%s-8%s-%s', hex(randomblob(4)), hex(randomblob(2)),
                substr(hex(randomblob(2)), 2), substr(hex(randomblob(2)), 2), hex(randomblob(6)))),
            '\(tenant)', CAST(i % \(max(issues, 1)) AS TEXT), 'PAY-' || (i % \(max(issues, 1))), 'PAY', i % 100, 3000.5, 1,
            33.3, 12, 'Ada Nowak', 'Mid Engineer', 4500, '\(analysis)', '\(now)', '\(now)', 'standard-1', 'wordlist-2'
        FROM n;
        PRAGMA wal_checkpoint(TRUNCATE);
        """,
    ]
    try process.run()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else { exit(1) }
}

let transfer = try StoreTransfer(
    from: .sqlite(path: path), to: .postgres(PostgresSettings(connectionString: arguments[2])))
let clock = ContinuousClock()
let start = clock.now
let compared = PhaseStart()
let result = try await transfer.run(now: now) { if $0.phase == .comparing { compared.note() } }
let (middle, end) = (compared.instant ?? clock.now, clock.now)
try transfer.close()
let rows = result.reduce(0) { $0 + $1.sourceRows }
func rate(_ duration: Duration) -> String {
    let seconds = duration / .seconds(1)
    return "\(String(format: "%.1f", seconds)) s, \(Int(Double(rows) / max(seconds, 0.001))) rows/s"
}
print("\(rows) rows, \(result.allSatisfy(\.isEqual) ? "all equal" : "DIFFERENT")")
print("copy     \(rate(middle - start))")
print("compare  \(rate(end - middle))")
