#if HAS_XGBOOST
    import Forecast
    import Foundation

    /// The paper's protocol and the short history on the EMSE data, by the daemon's own boosting.
    struct EMSETrial {
        let projects: [(name: String, data: EMSEProject)]

        init(folder: String) throws {
            projects = try ["apache", "duraspace", "javanet", "jira", "moodle"].map {
                ($0, try EMSEProject("\(folder)/\($0)_discussion.csv.gz"))
            }
        }

        static func parameters(trees: Int = 400, depth: Int = 5, seed: Int = 0) -> BoosterParameters {
            var parameters = BoosterParameters()
            (parameters.trees, parameters.depth, parameters.rate, parameters.seed) = (trees, depth, 0.03, seed)
            (parameters.leastLeaf, parameters.penalty, parameters.steps) = (3, 2, 256)
            return parameters
        }

        /// AUC, AUC-PR, Brier and ECE of each project and their means.
        func run() throws {
            var table: [String: [BacktestFigures]] = [:]
            for (name, project) in projects {
                for figures in [try paper(project)] + (try shortHistory(name, project)) {
                    table[figures.model, default: []].append(figures)
                }
                print(name, project.split, project.late.count - project.split, "processor s", Int(processorSeconds()))
            }
            for (model, rows) in table.sorted(by: { $0.key < $1.key }) {
                func mean(_ value: (BacktestFigures) -> Double?) -> Double {
                    rows.compactMap(value).reduce(0, +) / Double(rows.count)
                }
                print(
                    model.padding(toLength: 24, withPad: " ", startingAt: 0), "AUC", three(mean(\.auc)), "AUC-PR",
                    three(mean(\.aucPR)), "Brier", three(mean(\.brier)), "ECE", three(mean(\.ece)), "of each",
                    rows.map { three($0.auc) }.joined(separator: " "))
            }
        }

        /// Five seeds, their mean.
        private func paper(_ project: EMSEProject) throws -> BacktestFigures {
            let (matrix, split) = (project.ownFeatures, project.split)
            let test = matrix.rows(split..<matrix.rows)
            var sum = [Double](repeating: 0, count: test.rows)
            for seed in 0..<5 {
                let booster = try Booster(
                    training: matrix.rows(0..<split), labels: project.late[..<split].map { $0 ? 1 : 0 },
                    parameters: Self.parameters(seed: seed))
                for (row, value) in try booster.margins(test).enumerated() { sum[row] += probability(value) / 5 }
            }
            return BacktestFigures(model: "all, 5 seeds", values: sum, outcomes: Array(project.late[split...]))
        }

        /// The newest n issues before the split, alone and going on from a prior of the other projects.
        private func shortHistory(_ name: String, _ project: EMSEProject) throws -> [BacktestFigures] {
            let (matrix, split) = (project.sharedFeatures, project.split)
            let others = projects.filter { $0.name != name }
            var pool = FeatureMatrix(columns: matrix.columns)
            var (labels, weights): ([Float], [Float]) = ([], [])
            for other in others {
                let rows = other.data.sharedFeatures
                for row in 0..<rows.rows { pool.append(rows[row: row]) }
                labels += other.data.late.map { $0 ? 1 : 0 }
                weights += [Float](repeating: 3000 / Float(rows.rows), count: rows.rows)
            }
            let prior = try Booster(
                training: pool, labels: labels, weights: weights, parameters: Self.parameters(trees: 250))
            let (test, outcomes) = (matrix.rows(split..<matrix.rows), Array(project.late[split...]))
            func figures(_ model: String, _ booster: Booster) throws -> BacktestFigures {
                BacktestFigures(model: model, values: try booster.margins(test).map(probability), outcomes: outcomes)
            }
            var result = [try figures("prior", prior)]
            for count in [50, 100, 200, 400, 800, split] where count <= split {
                let range = split - count..<split
                let late = project.late[range].count { $0 }
                guard (3...count - 3).contains(late) else { continue }
                let title = "n = \(count == split ? "all" : "\(count)")".padding(
                    toLength: 7, withPad: " ", startingAt: 0)
                let (depth, isAll) = (count <= 200 ? 3 : 5, count == split)
                for (kind, first) in [("own", 60), ("prior, then own", 30)] {
                    let trees = isAll ? 400 : min(300, first + count / 4)
                    let booster = try Booster(
                        training: matrix.rows(range), labels: project.late[range].map { $0 ? 1 : 0 },
                        parameters: Self.parameters(trees: trees, depth: depth),
                        continuing: kind == "own" ? nil : try prior.bytes())
                    result.append(try figures("\(title) \(kind)", booster))
                }
            }
            return result
        }

        private func probability(_ margin: Float) -> Double { 1 / (1 + exp(-Double(margin))) }
    }
#endif
