import Domain
import Foundation
import RiskEngine
import Store
import Synchronization
import TestSupport
import Testing

@testable import DaemonTestSupport

/// What one tenant has waiting does not delay another (P11).
@Suite struct RescorerTurnsTests {
    private static let start = RescorerTests.start

    @Test func anIssueIsScoredWhileAnotherTenantHasManyThatTakeLong() async throws {
        let workshop = try await RescorerTests.Workshop(profile: .standard)
        let other = TenantID(UUID())
        try await workshop.create(other)
        workshop.classifier.heldBack.withLock { $0 = "slowly" }
        var busy = WebhookStream(start: Self.start.adding(seconds: -600))
        for number in 1...24 { busy.addIssue(number, comments: ["This goes slowly, as ever: part \(number)."]) }
        try await workshop.take(busy.bodies)
        var quiet = WebhookStream(start: Self.start.adding(seconds: -300))
        quiet.addIssue(1, comments: ["All is fine."])
        try await workshop.run {
            try await eventually("all slots that the first tenant may have are taken") {
                workshop.classifier.texts.withLock { $0.count } == 4
            }
            try await workshop.take(quiet.bodies, of: other)
            try await eventually("the second tenant's issue is scored") {
                try await workshop.store.issues(other, filter: IssueFilter(), after: nil, limit: 1).items.count == 1
            }
            #expect(workshop.classifier.texts.withLock { $0.count } == 5)
            #expect(try await workshop.history("PAY-24").isEmpty)
            workshop.classifier.heldBack.withLock { $0 = nil }
            try await workshop.untilIdle()
        }
        #expect(try await !workshop.history("PAY-24").isEmpty)
    }
}
