#if HAS_XGBOOST
    import TestSupport
    import Testing

    @testable import Forecast

    struct BoosterTests {
        /// Rows whose label follows the first two columns; the third is noise, some values are unknown.
        private func rows(_ count: Int = 800, seed: UInt64 = 5) -> (matrix: FeatureMatrix, labels: [Float]) {
            var random = SeededGenerator(seed: seed)
            var (matrix, labels) = (FeatureMatrix(columns: 3), [Float]())
            for _ in 0..<count {
                let row = (0..<3).map { _ in Float.random(in: 0...1, using: &random) }
                labels.append(row[0] - row[1] + Float.random(in: -0.3...0.3, using: &random) > 0 ? 1 : 0)
                matrix.append([row[0], row[1], Bool.random(using: &random) ? row[2] : .nan])
            }
            return (matrix, labels)
        }

        private var parameters: BoosterParameters {
            var parameters = BoosterParameters()
            parameters.trees = 20
            return parameters
        }

        @Test func theSameDataGiveTheSameBytesWhateverElseTheThreadTrains() throws {
            let (matrix, labels) = rows()
            let bytes = try Booster(training: matrix, labels: labels, parameters: parameters).bytes()
            _ = try Booster(training: matrix, labels: labels.reversed(), parameters: parameters)
            #expect(try Booster(training: matrix, labels: labels, parameters: parameters).bytes() == bytes)
            var other = parameters
            other.seed = 1
            #expect(try Booster(training: matrix, labels: labels, parameters: other).bytes() != bytes)
        }

        @Test func bytesHoldEverything() throws {
            let (matrix, labels) = rows()
            let booster = try Booster(training: matrix, labels: labels, parameters: parameters)
            let read = try Booster(bytes: booster.bytes())
            #expect(try read.margins(matrix) == booster.margins(matrix))
            #expect(try read.treeCount() == 20)
            #expect(try read.bytes() == booster.bytes())
        }

        @Test func itGoesOnFromThePriorsMargin() throws {
            let (matrix, labels) = rows()
            let prior = try Booster(training: matrix, labels: labels, parameters: parameters)
            var more = parameters
            more.trees = 0
            let same = try Booster(training: matrix, labels: labels, parameters: more, continuing: prior.bytes())
            #expect(try same.margins(matrix) == prior.margins(matrix))
            more.trees = 7
            let (other, otherLabels) = rows(300, seed: 9)
            let own = try Booster(training: other, labels: otherLabels, parameters: more, continuing: prior.bytes())
            #expect(try own.treeCount() == 27)
            #expect(try own.margins(other) != prior.margins(other))
            let again = try Booster(training: other, labels: otherLabels, parameters: more, continuing: prior.bytes())
            #expect(try again.bytes() == own.bytes())
        }

        @Test func aRowsMarginIsItsOwnInAnyCompany() throws {
            let (matrix, labels) = rows(200)
            let booster = try Booster(training: matrix, labels: labels, parameters: parameters)
            let all = try booster.margins(matrix)
            for row in [0, 7, 199] {
                let alone = FeatureMatrix(columns: 3, values: Array(matrix[row: row]))
                #expect(try booster.margins(alone) == [all[row]])
            }
            #expect(try booster.margins(FeatureMatrix(columns: 3)).isEmpty)
        }

        @Test(arguments: [1, -1]) func marginsMoveOnlyAsTheyMay(direction: Int) throws {
            // The labels rise with the first column; when that is not allowed, nothing falls.
            let (matrix, labels) = rows()
            var parameters = parameters
            parameters.monotone = [direction, 0, 0]
            let booster = try Booster(training: matrix, labels: labels, parameters: parameters)
            for second in [Float(0.1), 0.5, 0.9] {
                var sweep = FeatureMatrix(columns: 3)
                for step in 0...50 { sweep.append([Float(step) / 50, second, 0.5]) }
                let margins = try booster.margins(sweep)
                #expect(zip(margins, margins.dropFirst()).allSatisfy { Float(direction) * ($1 - $0) >= 0 })
            }
        }

        @Test func usefulColumnsComeFirst() throws {
            let (matrix, labels) = rows()
            let columns = try Booster(training: matrix, labels: labels, parameters: parameters).columnsByGain().map(
                \.column)
            #expect(Set(columns.prefix(2)) == [0, 1])
        }

        @Test func brokenBytesAreAnError() {
            #expect(throws: BoosterError.self) { try Booster(bytes: Array("no model".utf8)) }
        }

        @Test func anErrorIsOneLineOfTheLibrary() throws {
            let (matrix, labels) = rows(50)
            var parameters = parameters
            parameters.rate = -1
            let error = #expect(throws: BoosterError.self) {
                try Booster(training: matrix, labels: labels, parameters: parameters)
            }
            #expect(error.map { !$0.description.isEmpty && !$0.description.contains("\n") } == true)
        }
    }
#endif
