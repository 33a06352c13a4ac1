import Testing

@testable import Forecast

/// The prior that is part of the program is the one that `script/make-prior` made.
@Suite struct ShippedPriorTests {
    @Test func bothPriorsAreReadAndAreTheNamedOnes() throws {
        let logistic = try ShippedPrior.model(.logistic)
        #expect(try logistic.id == ShippedPrior.logisticID)
        let boosted = try ShippedPrior.model(.boosted)
        #expect(try boosted.id == ShippedPrior.id)
        for prior in [logistic, boosted] {
            #expect(prior.source.contains("DuraSpace"))
            // No sample of another team.
            #expect(prior.reference.vectors.isEmpty && prior.ages.isEmpty)
        }
    }
}
