import Domain
import TestSupport
import Testing

@Suite struct StatusCatalogTests {
    private func record(
        _ id: String?, _ category: Status.Category, day: Int?, name: String = "Review"
    ) throws -> StatusRecord {
        let day = day.map { CalendarDay(daysSinceEpoch: $0) }
        return try #require(StatusRecord(Status(id: id, name: name, category: category), toldOn: day))
    }

    private func category(_ records: [StatusRecord], id: String?, name: String = "Review") -> Status.Category? {
        var catalog = StatusCatalog()
        for record in records { catalog.take(record) }
        return catalog.category(id: id, name: name)
    }

    @Test func anyOrderAndRepetitionGivesTheSameCatalog() throws {
        var random = SeededGenerator(seed: 7)
        for _ in 0..<200 {
            let records = try (0..<12).map { _ in
                try record(
                    ["1", "2", nil].randomElement(using: &random) ?? nil,
                    Status.Category.allCases.randomElement(using: &random) ?? .new,
                    day: [nil, 1, 2, 3].randomElement(using: &random) ?? nil,
                    name: ["Review", "review", "Test"].randomElement(using: &random) ?? "Test")
            }
            var (one, other) = (StatusCatalog(), StatusCatalog())
            for record in records { one.take(record) }
            for record in (records + records).shuffled(using: &random) { other.take(record) }
            #expect(one == other, "\(records)")
            // As the store gives it back.
            let stored = Dictionary(records.map { ($0.key, $0) }) { $1.isNewer(than: $0) ? $1 : $0 }
            #expect(StatusCatalog(records: Array(stored.values)) == one, "\(records)")
        }
    }

    @Test func theLaterDayCountsAlsoWhereItGoesBack() throws {
        let records = [try record("1", .done, day: 1), try record("1", .new, day: 2)]
        #expect(category(records, id: "1") == .new)
        #expect(category(records.reversed(), id: "1") == .new)
        #expect(category(records, id: nil) == .new)
    }

    @Test func aStatusThatIsSaidToHaveTwoCategoriesInTurnChangesTwiceADayAtMost() throws {
        var catalog = StatusCatalog()
        var changes = 0
        for day in 1...3 {
            for turn in 0..<100 {
                let before = catalog
                let record = try record("1", turn.isMultiple(of: 2) ? .indeterminate : .done, day: day)
                if catalog.take(record), catalog.differs(from: before, by: record) { changes += 1 }
            }
            #expect(changes == day * 2)
        }
    }

    @Test func aNameWithoutAnIDKeepsTheLastCategoryInTheOrderOfTheWork() throws {
        var catalog = StatusCatalog()
        for (day, category) in [Status.Category.indeterminate, .done, .new, .indeterminate].enumerated() {
            catalog.take(try record(nil, category, day: day))
        }
        #expect(catalog.category(id: nil, name: "REVIEW") == .done)
        #expect(catalog.category(id: "1", name: "Review") == .done)
    }

    @Test func anotherIDOfTheSameNameAndCategoryChangesNothing() throws {
        var catalog = StatusCatalog(records: [try record("1", .done, day: 1)])
        let before = catalog
        let second = try record("2", .done, day: 1)
        let isNews = catalog.take(second)
        #expect(isNews && !catalog.differs(from: before, by: second))
        // From then on it is known by itself.
        catalog.take(try record("1", .new, day: 2))
        #expect(catalog.category(id: "2", name: "Review") == .done)
        #expect(catalog.category(id: nil, name: "Review") == .done)
    }

    @Test func aRenamedStatusIsNotFoundByItsFormerNameAndThatIsADifference() throws {
        let before = StatusCatalog(records: [try record("1", .done, day: 1)])
        var catalog = before
        let renamed = try record("1", .done, day: 2, name: "Reviewed")
        catalog.take(renamed)
        #expect(catalog.category(id: "1", name: "Review") == .done)
        #expect(catalog.category(id: nil, name: "Review") == nil)
        #expect(catalog.differs(from: before, by: renamed))
    }
}
