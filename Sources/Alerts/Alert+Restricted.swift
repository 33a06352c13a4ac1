import Domain

extension Alert {
    fileprivate static let withheldSummary = "(text withheld: the issue has a security level)"

    /// The alert for readers who may not see every issue: of an issue with a security level only its key, address and
    /// scores are left, and that the rest is withheld.
    var forEverybody: Alert {
        if case .digest(let digest) = subject {
            var alert = self
            alert.subject = .digest(digest.forEverybody)
            return alert
        }
        guard case .issue(var issue) = subject, issue.isRestricted else { return self }
        let withheld = "withheld"
        issue.summary = Self.withheldSummary
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

extension DigestContent {
    /// The digest for readers who may not see every issue: of one with a security level its key, scores, due date and the
    /// number of its forecast are left.
    var forEverybody: DigestContent {
        func lines(_ lines: [Line]) -> [Line] {
            lines.map { line in
                guard line.isRestricted else { return line }
                var line = line
                (line.summary, line.cause) = (Alert.withheldSummary, nil)
                return line
            }
        }
        var digest = self
        (digest.riskiest, digest.risen) = (lines(riskiest), lines(risen))
        (digest.fallen, digest.due) = (lines(fallen), lines(due))
        return digest
    }
}
