import Domain
import Foundation
import TestSupport
import Testing

@testable import Alerts

@Suite struct DeliveryTurnsTests {
    private let tenants = (0..<6).map { _ in TenantID(UUID()) }

    private func candidate(
        _ tenant: TenantID, peer: String? = nil, isSerial: Bool = false, servedAt: Int64? = nil
    ) -> DeliveryTurns.Candidate {
        let channel = AlertChannel(id: UUID(), kind: .slack, name: "c", target: "sealed")
        return DeliveryTurns.Candidate(
            waiting: WaitingChannel(
                tenantID: tenant, channel: channel, servedAt: servedAt.map { Timestamp(seconds: $0) }),
            peer: peer, isSerial: isSerial)
    }

    @Test func theTenantServedLongestAgoIsFirst() {
        var turns = DeliveryTurns()
        turns.limits.total = 1
        let (late, early, never) = (
            candidate(tenants[0], servedAt: 20), candidate(tenants[1], servedAt: 10), candidate(tenants[2])
        )
        #expect(turns.plan([late, early, never], under: .init()) == [never.waiting.channel.id: 1])
        #expect(turns.plan([late, early], under: .init()) == [early.waiting.channel.id: 1])
        // However many channels of the other were never served.
        let others = (0..<100).map { _ in candidate(tenants[0]) } + [late]
        #expect(turns.plan(others + [early], under: .init()) == [early.waiting.channel.id: 1])
    }

    @Test func aMailChannelMayHaveSeveralAndASlackChannelOne() {
        let (mail, slack) = (candidate(tenants[0]), candidate(tenants[1], isSerial: true))
        let plan = DeliveryTurns().plan([mail, slack], under: .init())
        #expect(plan == [mail.waiting.channel.id: 4, slack.waiting.channel.id: 1])
    }

    /// For any channels under any load: no limit is passed, and no slot stays free that somebody could use.
    @Test func everySlotIsUsedWithinTheLimits() {
        var random = SeededGenerator(seed: 29)
        for _ in 0..<300 {
            var turns = DeliveryTurns()
            turns.limits = DeliveryTurns.Limits(
                total: Int.random(in: 1...20, using: &random), perTenant: Int.random(in: 1...5, using: &random),
                perPeer: Int.random(in: 1...6, using: &random))
            let candidates = (0..<Int.random(in: 0...30, using: &random)).map { _ in
                candidate(
                    tenants.randomElement(using: &random) ?? tenants[0],
                    peer: ["a", "b", "c", nil].randomElement(using: &random) ?? nil,
                    isSerial: Bool.random(using: &random),
                    servedAt: Bool.random(using: &random) ? Int64.random(in: 0...9, using: &random) : nil)
            }
            var load = DeliveryTurns.Load()
            for _ in 0..<Int.random(in: 0...turns.limits.total, using: &random) {
                load.add(
                    tenants.randomElement(using: &random) ?? tenants[0], ["a", "d"].randomElement(using: &random),
                    UUID())
            }
            let before = load
            let plan = turns.plan(candidates, under: load)
            for candidate in candidates {
                for _ in 0..<plan[candidate.waiting.channel.id, default: 0] {
                    load.add(candidate.waiting.tenantID, candidate.peer, candidate.waiting.channel.id)
                }
            }
            #expect(load.total <= max(turns.limits.total, before.total))
            for (tenant, count) in load.byTenant {
                #expect(count <= max(turns.limits.perTenant, before.byTenant[tenant, default: 0]))
            }
            for (peer, count) in load.byPeer {
                #expect(count <= max(turns.limits.perPeer, before.byPeer[peer, default: 0]))
            }
            let couldGo = candidates.contains { candidate in
                (!candidate.isSerial || load.byChannel[candidate.waiting.channel.id, default: 0] == 0)
                    && load.byTenant[candidate.waiting.tenantID, default: 0] < turns.limits.perTenant
                    && candidate.peer.map { load.byPeer[$0, default: 0] < turns.limits.perPeer } ?? true
            }
            #expect(load.total >= turns.limits.total || !couldGo)
            #expect(plan == turns.plan(candidates.shuffled(using: &random), under: before))
        }
    }
}
