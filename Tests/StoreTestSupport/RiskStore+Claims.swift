public import Domain
public import Store

extension RiskStore {
    /// Claims up to `limit` deliveries, from channel to channel, several of one channel too.
    public func claimDeliveries(limit: Int, now: Timestamp, leaseUntil: Timestamp) async throws -> [OutboxItem] {
        var items: [OutboxItem] = []
        var idleRounds = 0
        // A round that finds what cannot be read claims nothing, and the next may.
        while items.count < limit, idleRounds < 2 {
            let channels = try await waitingChannels(now: now).prefix(limit - items.count)
            let more = try await claimDeliveries(
                channels.map { DeliveryTurn(channelID: $0.channel.id, limit: 1) }, now: now, leaseUntil: leaseUntil
            )
            .filter { item in !items.contains { $0.id == item.id } }
            idleRounds = more.isEmpty ? idleRounds + 1 : 0
            items += more
        }
        return items
    }
}
