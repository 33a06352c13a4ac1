public import Domain
import Foundation

extension RuleTrial {
    /// The alerts that a ring would have been, oldest first: the one that is raised and, where the rule notifies of it, the one
    /// that says that it is over. They have what routes match by and groups are made of, and no texts.
    ///
    /// - Parameters:
    ///   - issueID: the issue that the ring is of.
    ///   - issue: the issue as it is now, whose type, labels, components, assignee and sprints stand for those of then; nil
    ///     where it is not known any more.
    public func alerts(of ring: Ring, issueID: IssueID, issue: Issue?, tenantID: TenantID) -> [Alert] {
        var alerts = [alert(.raised, at: ring.at, score: ring.score, ring, issueID, issue, tenantID)]
        if rule.notifiesResolved, rule.condition.kind != .spike, let at = ring.clearedAt {
            alerts.append(alert(.resolved, at: at, score: ring.clearedScore ?? 0, ring, issueID, issue, tenantID))
        }
        return alerts
    }

    private func alert(
        _ event: Alert.Event, at: Timestamp, score: Int, _ ring: Ring, _ issueID: IssueID, _ issue: Issue?,
        _ tenantID: TenantID
    ) -> Alert {
        Alert(
            id: UUID(named: "\(tenantID)|\(rule.id.uuidString)|\(issueID)|\(event.rawValue)|\(at.milliseconds)"),
            tenantID: tenantID, event: event, band: RiskBand(score: score), headline: "", createdAt: at,
            channelIDs: rule.channelIDs,
            subject: .issue(
                IssueAlert(
                    ruleID: rule.id, ruleName: rule.name, ruleKind: rule.condition.kind, issueID: issueID,
                    issueKey: ring.issueKey, projectKey: ring.projectKey, summary: "", status: "",
                    assignee: issue?.assignee?.displayName ?? "Unassigned", url: "", score: score, previousScore: nil,
                    changes: [], factors: [], remedies: [], model: "", issueType: issue?.issueType,
                    labels: issue?.labels ?? [], components: issue?.components ?? [],
                    sprints: (issue?.sprints ?? []).filter { $0.state == "active" }.map(\.name))))
    }
}
