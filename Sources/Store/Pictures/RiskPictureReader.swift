public import Domain

extension RiskStore {
    /// Puts the pictures of a tenant together, by project key, that of all issues under the empty one. Reads every open issue's
    /// analysis once, a few hundred in a transaction, and the scores of the history by an index of their own: seconds for
    /// 100,000 issues.
    public func makeRiskPictures(_ claim: RiskPictureClaim, now: Timestamp) async throws -> [String: RiskPicture] {
        var pictures = try await openRisk(of: claim.tenantID, now: now)
        let all = pictures.values.map(\.blockers).reduce(0, +)
        let days = try await pastRisk(of: claim.tenantID, now: now)
        for (project, past) in days { pictures[project, default: RiskPicture(asOf: now)].days = past }
        let request = DigestRequest(
            tenantID: claim.tenantID, siteURL: claim.siteURL, every: .week, timeZone: "UTC", from: now.adding(days: -7),
            to: now, asOf: now)
        pictures["", default: RiskPicture(asOf: now)].week = try await digestContent(request)
        pictures["", default: RiskPicture(asOf: now)].blockersByProject =
            all == 0
            ? []
            : pictures.filter { !$0.key.isEmpty && $0.value.blockers > 0 }
                .sorted { ($1.value.blockers, $0.key) < ($0.value.blockers, $1.key) }
                .prefix(RiskPicture.projectLimit)
                .map {
                    RiskPicture.ProjectBlockers(
                        projectKey: $0.key, blockers: $0.value.blockers, byCategory: $0.value.blockersByCategory)
                }
        return pictures
    }

    /// The open issues by project and together, a page of issues in a transaction.
    private func openRisk(of id: TenantID, now: Timestamp) async throws -> [String: RiskPicture] {
        var pictures = ["": RiskPicture(asOf: now)]
        var place: String?
        repeat {
            let after = place
            let rows = try await driver.read { connection in
                try connection.query(
                    """
                    SELECT issue_id, project_key, analysis_json FROM issue_snapshots
                    WHERE tenant_id = ? AND issue_id > ? AND risk_score IS NOT NULL AND project_key IS NOT NULL
                        AND NOT is_done AND NOT is_deleted
                    ORDER BY issue_id LIMIT ?
                    """, [.tenant(id), .text(after ?? ""), .integer(pictureRows)]
                ).map { row in
                    (id: try row.text(0), project: try row.text(1), analysis: try row.readableAnalysis(2))
                }
            }
            for row in rows {
                guard let analysis = row.analysis else { continue }
                pictures["", default: RiskPicture(asOf: now)].add(analysis)
                pictures[row.project, default: RiskPicture(asOf: now)].add(analysis)
            }
            place = rows.count == pictureRows ? rows.last?.id : nil
        } while place != nil
        return pictures
    }

    /// How many issues of each band were open at earlier instants, by project and together. Reads the history by an index that
    /// holds all of it that is asked, some thousand rows in a transaction.
    private func pastRisk(of id: TenantID, now: Timestamp) async throws -> [String: [DigestContent.Day]] {
        var past = PastRisk(instants: RiskPicture.instants(before: now))
        var (place, limit, isLast) = ("", pastRows, false)
        while !isLast {
            try Task.checkCancellation()
            let (after, count) = (place, limit)
            let rows = try await driver.read { connection in
                try connection.select(
                    PastColumn.self,
                    """
                    FROM analysis_history WHERE tenant_id = ? AND issue_id > ? AND NOT on_request
                    ORDER BY issue_id, analyzed_at, risk_score LIMIT ?
                    """, [.tenant(id), .text(after), .integer(count)]
                ).map(PastScoreRow.init)
            }
            isLast = rows.count < count
            // The last issue's rows may go on.
            let whole = isLast ? rows[...] : rows.prefix { $0.issueID != rows.last?.issueID }
            past.add(whole)
            place = whole.last?.issueID ?? place
            limit = whole.isEmpty ? limit * 2 : pastRows
        }
        return past.days
    }
}

/// Issues read in one transaction.
private let pictureRows = 300
/// Rows of the history read in one transaction, unless an issue has more.
private let pastRows = 5000

private enum PastColumn: Int, SQLColumns {
    case issueID, analyzedAt, riskScore, isOver, projectKey
    static let list = columnList()
}

/// What the past needs of a row of the history.
private struct PastScoreRow {
    var issueID: String
    var at: Timestamp
    var score: Int
    var isOver: Bool
    var project: String

    init(_ row: SQLRecord<PastColumn>) throws {
        issueID = try row.text(.issueID)
        at = try row.timestamp(.analyzedAt)
        score = try row.integer(.riskScore)
        isOver = try row.flag(.isOver)
        project = try row.text(.projectKey)
    }
}

/// Counts the issues that were open at some instants.
private struct PastRisk {
    /// The oldest first.
    let instants: [Timestamp]
    /// Of each instant.
    private var counts: [String: [RiskCounts]] = [:]

    init(instants: [Timestamp]) { self.instants = instants.sorted() }

    /// - Parameter rows: whole issues, of each the oldest first. A row holds until the issue's next one.
    mutating func add(_ rows: ArraySlice<PastScoreRow>) {
        var place = 0
        for index in rows.indices {
            let row = rows[index]
            let next = index + 1 < rows.endIndex && rows[index + 1].issueID == row.issueID ? rows[index + 1].at : nil
            if index == rows.startIndex || rows[index - 1].issueID != row.issueID { place = 0 }
            while place < instants.count, instants[place] < row.at { place += 1 }
            var until = place
            while until < instants.count, next.map({ instants[until] < $0 }) ?? true { until += 1 }
            if !row.isOver, place < until { count(row, in: place..<until) }
            place = until
        }
    }

    private mutating func count(_ row: PastScoreRow, in places: Range<Int>) {
        for project in ["", row.project] {
            for place in places {
                counts[project, default: Array(repeating: RiskCounts(), count: instants.count)][place].add(row.score)
            }
        }
    }

    /// By project, and of all under the empty key, from the first instant at which an issue was open.
    var days: [String: [DigestContent.Day]] {
        counts.mapValues { counts in
            zip(instants, counts).drop { $0.1.total == 0 }.map { DigestContent.Day(at: $0.0, open: $0.1) }
        }
    }
}

extension SQLRow {
    /// Nil where it cannot be read: the picture is then one of the others.
    fileprivate func readableAnalysis(_ column: Int) throws -> Analysis? {
        do {
            return try optionalStored(column, as: StoredAnalysis.self)
        } catch let error as StorageError where error.code == .corrupt {
            return nil
        }
    }
}
