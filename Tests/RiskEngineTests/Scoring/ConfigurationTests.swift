import Domain
import RiskEngine
import Testing

@Suite struct ConfigurationTests {
    private func problem(_ change: (inout RiskConfiguration) -> Void) -> String? {
        var configuration = RiskConfiguration.default
        change(&configuration)
        do throws(RiskConfigurationError) {
            _ = try RiskScorer(configuration)
            return nil
        } catch {
            return error.description
        }
    }

    @Test func theDefaultIsValid() {
        #expect(problem { _ in } == nil)
        #expect(problem { $0.profile = .classic } == nil)
    }

    @Test func aMistakeIsNamedByItsKey() {
        #expect(problem { $0.caps.progress = 101 } == "scoring.caps.progress must be from 0 to 100, not 101")
        #expect(
            problem { $0.pointsByPriority["High"] = -1 }
                == "scoring.points_by_priority.High must be from 0 to 100, not -1")
        #expect(problem { $0.caps.age = -1 } == "scoring.caps.age must be from 0 to 100, not -1")
        #expect(
            problem { $0.olderCommentWeight = 1.5 } == "scoring.older_comment_weight must be from 0.0 to 1.0, not 1.5")
        #expect(
            problem { $0.sentimentDamping = .nan } == "scoring.sentiment_damping must be from 0.0 to 1000.0, not nan")
        #expect(
            problem { $0.ageThresholdDays = [7, 7, 30] }
                == "scoring.age_threshold_days must be 1 to 20 increasing numbers from 0 to 36500, not [7, 7, 30]")
        #expect(
            problem { $0.dueDateRatios = [1, 2, 3] }
                == "scoring.due_date_ratios must be three decreasing numbers above 0 and up to 1000, not [1.0, 2.0, 3.0]"
        )
        #expect(problem { $0.blockerPhrases = ["--"] } == "scoring.blocker_phrases holds \"--\", which has no word")
        #expect(
            problem {
                $0.blockerPhrases = ["blocked"]
                $0.resolvingPhrases.append("Blocked")
            }
                == "scoring.resolving_phrases and blocker_phrases both hold \"blocked\"")
        #expect(
            problem { $0.categoryPhrases["weather"] = ["rain"] }
                == "scoring.category_phrases.weather is not a category; use one of technical_debt, dependency, resource, "
                + "external, requirements, testing, deployment")
        #expect(
            problem { $0.people["jane"] = .init(role: "Wizard") }
                == "scoring.people.jane.role names \"Wizard\", which is not in role_rates")
        #expect(
            problem { $0.people["jane"] = .init(location: "Moon") }
                == "scoring.people.jane.location names \"Moon\", which is not in location_multipliers")
        #expect(
            problem { $0.timeZoneLocations["Mars/Base"] = "Remote" }
                == "scoring.time_zone_locations.Mars/Base is not an IANA time zone")
        #expect(
            problem { $0.daysByPriority["Low"] = 0 }
                == "scoring.days_by_priority.Low must be from 0.01 to 10000.0, not 0.0")
        #expect(
            problem { $0.workdayEndHour = 9 } == "scoring.workday_end_hour must be after workday_start_hour (9)")
    }

    @Test func theScorerIDNamesProfileRevisionAndConfiguration() throws {
        let id = try RiskScorer(.default).scorerID
        #expect(id.wholeMatch(of: /standard-3-[0-9a-f]{8}/) != nil)
        #expect(try RiskScorer(.default).scorerID == id)
        var other = RiskConfiguration.default
        other.people["jane"] = .init(role: "SRE")
        #expect(try RiskScorer(other).scorerID != id)
        #expect(try RiskScorer(IssueFixture.configuration(.classic)).scorerID.hasPrefix("classic-3-"))
    }

    /// What the example file of 0.1.0 said, for a copy of it that is still in use.
    @Test func theCapsAndStepsOfTheFirstVersionAreStillTaken() throws {
        var old = RiskConfiguration.default
        (old.caps.sentiment, old.caps.blockers, old.caps.age, old.caps.staleness) = (15, 25, 10, 10)
        (old.caps.dueDate, old.caps.churn, old.caps.upstream) = (20, 10, 10)
        (old.ageThresholdDays, old.stalenessThresholdDays, old.pointsPerBlocker) = ([7, 14, 30], [3, 5, 10], 10)
        let analysis = try IssueFixture.analyze(IssueFixture.issue(ageDays: 15, updatedDaysAgo: 4), old)
        // Two of three equal steps of 10; the first of three fitted ones, which is half of the cap.
        #expect(analysis.points(.age) == 7)
        #expect(analysis.points(.staleness) == 5)
    }

    @Test func aConfigurationSurvivesJSON() throws {
        let data = try CanonicalJSON.encode(RiskConfiguration.default)
        #expect(try CanonicalJSON.decode(RiskConfiguration.self, from: data) == .default)
    }

    @Test func configuredPhrasesAddToThePatternsAndReplaceCategories() throws {
        var configuration = RiskConfiguration.default
        configuration.blockerPhrases = ["en attente de"]
        configuration.categoryPhrases = ["external": ["fournisseur"]]
        let comments = [
            IssueFixture.comment(1, "En attente de notre fournisseur", hoursAgo: 2), IssueFixture.comment(2, "blocked"),
        ]
        let analysis = try IssueFixture.analyze(IssueFixture.issue(comments: comments), configuration)
        #expect(analysis.blockers.map(\.evidence.id) == ["1", "2"])
        #expect(analysis.blockers.first?.categories == ["external"])
    }
}
