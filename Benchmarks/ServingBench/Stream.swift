import Domain
import Forecast
import Foundation
import JiraCloud
import RiskEngine

/// The issues of a webhook stream as the daemon folds them, and a model that is trained on them.
struct Stream {
    let bodies: [(at: Timestamp, issue: IssueID, body: [UInt8])]
    let states: [IssueID: IssueState]
    let statuses: StatusCatalog
    let end: Timestamp
    let scorer: RiskScorer

    init() throws {
        let decoder = JiraWebhookDecoder(isAutomaticReply: AutomaticReply.isOne)
        var bodies: [(at: Timestamp, issue: IssueID, body: [UInt8])] = []
        var (states, statuses) = ([IssueID: IssueState](), StatusCatalog())
        while let line = readLine() {
            let body = Array(line.utf8)
            let route = decoder.route(body)
            guard case .issues(let ids) = route.routing, let id = ids.first, let at = route.sentAt else { continue }
            let fragment = try decoder.fragment(of: body, for: id)
            if let status = fragment.fields.status?.value { statuses.insert(status) }
            IssueFold.join(fragment, into: &states[id, default: IssueState(id: id)])
            bodies.append((at, id, body))
        }
        guard let end = bodies.map(\.at).max() else { fail("the stream holds no issue") }
        // As after a backfill: all are known from their creation on.
        for id in states.keys {
            guard let comments = states[id]?.comments.keys else { continue }
            states[id]?.wholeComments = Versioned(
                comments.sorted { $0.rawValue < $1.rawValue }, Version(at: end, sentAt: end))
        }
        (self.bodies, self.states, self.statuses, self.end) = (bodies, states, statuses, end)
        scorer = try RiskScorer(.default)
    }

    /// The pasts of all issues, by id.
    func pasts() -> [IssuePast] {
        states.sorted { $0.key < $1.key }.compactMap { _, state in
            let lengths = state.comments.mapValues(\.body.unicodeScalars.count)
            return scorer.history(
                of: StoredIssueHistory(state: state, commentLengths: lengths), statuses: statuses)
        }
    }

    func histories(of pasts: [IssuePast]) -> [IssueHistory] {
        var collector = HistoryCollector(statuses: statuses)
        for past in pasts { collector.note(past) }
        return pasts.map { collector.history(of: $0) }
    }

    /// A model of this team that counts as having won its backtest.
    func model(_ histories: [IssueHistory]) throws -> ForecastModel {
        let set = SampleMaker().samples(of: histories, upTo: end)
        var training = HazardTraining()
        training.prior = try ShippedPrior.model()
        var model = try training.model(of: set.observed(at: end), cut: end, finished: 1000)
        model.verdicts = try ForecastQuestion.allCases.map { question in
            let json = """
                {"question": "\(question.rawValue)", "samples": 900, "issues": 300, "missing": [], "best": "model",
                 "sentence": ""}
                """
            return try JSONDecoder().decode(BacktestVerdict.self, from: Data(json.utf8))
        }
        return model
    }
}
