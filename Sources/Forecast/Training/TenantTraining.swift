import Domain
import Logging
import WorkLoop

/// What one training does besides computing: reads what is stored, and stores what was learned.
struct TenantTraining {
    let claim: TrainingClaim
    let store: any TrainingStore
    let now: Timestamp
    let run: TrainingRun
    let thread: BackgroundThread
    let logger: Logger

    /// How a training ended.
    enum Outcome: String, Sendable, CaseIterable {
        /// The basis alone was computed: no week has passed.
        case basis
        /// The model has won its backtest and is in use.
        case active
        /// The model has lost its backtest and is kept, but not in use.
        case rejected
        /// There is too little to learn from.
        case insufficient
    }

    /// Days between two trainings.
    static let weekDays = 7

    /// Computes the basis, checks for drift, trains if that is due, and stores it all under the claim.
    func work() async throws -> Outcome {
        let former = try await store.forecastBasisWithoutPace(claim.tenantID)
        var basis = try await thread.run { [run] in try run.basis() }
        (basis.judgedAt, basis.judgedModelID) = (former?.judgedAt, former?.judgedModelID)
        (basis.steppedDownAt, basis.drift) = (former?.steppedDownAt, former?.drift)
        let drifted = try await checkDrift(&basis)
        var outcome = Outcome.basis
        if isTrainingDue(former) || drifted {
            outcome = try await train(&basis)
        }
        try await store.saveForecastBasis(basis, under: claim)
        return outcome
    }

    private func isTrainingDue(_ former: ForecastBasis?) -> Bool {
        guard claim.reason == .daily, let judgedAt = former?.judgedAt else { return true }
        return now >= judgedAt.adding(days: Self.weekDays)
    }

    /// Trains and judges a model, and takes it into use if it has earned that.
    private func train(_ basis: inout ForecastBasis) async throws -> Outcome {
        basis.judgedAt = now
        let id = claim.tenantID
        let active = try await store.activeModelID(id)
        guard basis.finished >= EvidenceLadder.leastForOwn else {
            basis.judgedModelID = nil
            return try await retire(active, besides: nil, .insufficient)
        }
        guard let (model, results) = try await thread.run({ [run] in try run.model() }) else {
            basis.judgedModelID = nil
            return try await retire(active, besides: nil, .insufficient)
        }
        let wins = results.contains { $0.verdict.wins }
        let record = ForecastModelRecord(
            id: try model.id, kind: model.learner.kind.rawValue, state: wins ? .active : .rejected, createdAt: now,
            cutAt: model.cut, file: try model.stored(), verdict: try StoredVerdict(results: results).stored())
        try await store.saveModel(record, under: claim)
        basis.judgedModelID = record.id
        for result in results {
            logger.info(
                "forecast model evaluated", metadata: ["tenant": "\(id)", "verdict": "\(result.verdict.sentence)"])
        }
        return wins ? .active : try await retire(active, besides: record.id, .rejected)
    }

    /// Ends the use of a former model: what was judged last is what holds.
    private func retire(_ active: String?, besides id: String?, _ outcome: Outcome) async throws -> Outcome {
        if let active, active != id {
            try await store.retireModel(claim.tenantID, id: active, as: .superseded)
        }
        return outcome
    }

    // MARK: Drift

    /// The weekly check. True when the tempo has changed, and the model is to be trained again.
    private func checkDrift(_ basis: inout ForecastBasis) async throws -> Bool {
        let models = try await store.models(claim.tenantID)
        var record = DriftRecord()
        if let stored = basis.drift {
            do { record = try DriftRecord(stored: stored) } catch {
                logger.warning("failed to read the earlier drift checks", metadata: metadata(["error": "\(error)"]))
            }
        }
        guard record.isDue(at: now), let judge = DriftCheck.judgedByOutcomes(among: models, now: now),
            let oldest = try await load(judge.id)
        else { return false }
        var newest: ForecastModel?
        if let id = DriftCheck.judged(among: models, now: now)?.id { newest = try await load(id) }
        var active: ForecastModel?
        if let id = models.first(where: { $0.state == .active })?.id { active = try await load(id) }
        let check = DriftCheck(histories: run.histories, now: now)
        let found = try await thread.run { [newest, active] in
            let ripened = try check.ripened(oldest)
            return Found(
                tempo: try newest.flatMap { try check.tempo($0) }, outcomes: ripened.count,
                skill: Drift.skillOverAge(ripened), moved: active.map { check.moved($0) } ?? [])
        }
        record.moved = found.moved
        record.add(
            DriftRecord.Week(
                at: now.milliseconds, modelID: judge.id, tempo: found.tempo, outcomes: found.outcomes,
                skillOverAge: found.skill))
        basis.drift = try record.stored()
        note(found, record, &basis)
        return record.tempoChanged
    }

    private struct Found: Sendable {
        var tempo: Drift.Tempo?
        var outcomes: Int
        var skill: Double?
        var moved: [DriftRecord.Moved]
    }

    /// Steps down, or up again, and says what has moved.
    private func note(_ found: Found, _ record: DriftRecord, _ basis: inout ForecastBasis) {
        if let skill = found.skill {
            if skill <= 0, basis.steppedDownAt == nil {
                basis.steppedDownAt = now
                logger.warning(
                    "forecast model no longer better than age alone; stepping down",
                    metadata: metadata(["outcomes": "\(found.outcomes)", "skill_over_age": "\(skill)"]))
            } else if skill > 0, basis.steppedDownAt != nil {
                basis.steppedDownAt = nil
                logger.notice("forecast model better than age alone again", metadata: metadata([:]))
            }
        }
        if record.tempoChanged {
            logger.notice(
                "team pace changed; training the forecast model again",
                metadata: metadata(["z": "\(record.weeks.suffix(2).compactMap(\.tempo?.z))"]))
        }
        for moved in found.moved {
            logger.notice(
                "distribution of a feature differs from training",
                metadata: metadata(["feature": "\(moved.feature)", "stability_index": "\(moved.index)"]))
        }
    }

    /// A model that can be used here; nil when it is gone, or was made for other features or another library.
    private func load(_ id: String) async throws -> ForecastModel? {
        guard let record = try await store.model(claim.tenantID, id: id) else { return nil }
        do {
            let model = try ForecastModel(stored: record.file)
            _ = try model.predictor()
            return model
        } catch {
            logger.warning("cannot use a forecast model", metadata: metadata(["model": "\(id)", "error": "\(error)"]))
            return nil
        }
    }

    private func metadata(_ more: Logger.Metadata) -> Logger.Metadata {
        more.merging(["tenant": "\(claim.tenantID)"]) { first, _ in first }
    }
}
