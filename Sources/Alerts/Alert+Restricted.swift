import Domain

extension Alert {
    /// The alert for readers who may not see every issue: of an issue with a security level only its key, address and
    /// scores are left, and that the rest is withheld.
    var forEverybody: Alert {
        guard case .issue(var issue) = subject, issue.isRestricted else { return self }
        let withheld = "withheld"
        issue.summary = "(text withheld: the issue has a security level)"
        issue.status = withheld
        issue.assignee = withheld
        issue.changes = issue.changes.map {
            IssueAlert.FactorChange(factor: $0.factor, before: $0.before, after: $0.after, explanation: withheld)
        }
        issue.factors = issue.factors.map {
            Factor(name: $0.name, points: $0.points, cap: $0.cap, explanation: withheld)
        }
        issue.remedies = []
        // The number is what the alert is about; the reasons are the issue's.
        issue.forecast?.explanation = nil
        var alert = self
        alert.subject = .issue(issue)
        return alert
    }

    /// The alert for readers who may see every issue and comment: quotations that are withheld from others are in their
    /// places.
    var forPrivileged: Alert {
        guard case .issue(var issue) = subject else { return self }
        for factor in issue.factors.indices {
            for cited in issue.factors[factor].evidence.indices {
                guard let quotation = issue.factors[factor].evidence[cited].restrictedNote else { continue }
                issue.factors[factor].evidence[cited].note = quotation
                issue.factors[factor].evidence[cited].restrictedNote = nil
            }
        }
        var alert = self
        alert.subject = .issue(issue)
        return alert
    }
}
