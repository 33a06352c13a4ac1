import Domain
import Foundation
import TestSupport

@testable import Alerts

/// The seam to the store, whose outbox has tests of its own.
actor MemoryOutbox: AlertOutbox {
    private var waiting: [OutboxItem]
    private var leased: [UUID: OutboxItem] = [:]
    private var servedAt: [UUID: Int64] = [:]
    private var turn: Int64 = 0
    private(set) var outcomes: [UUID: [DeliveryOutcome]] = [:]
    private(set) var holds: [UUID: Timestamp] = [:]
    private(set) var extensions: [UUID: Int] = [:]
    private(set) var recipients: [UUID: String] = [:]
    let clock: SettableClock

    private let firing: [UUID: [Alert]]
    private let channels: [AlertChannel]

    init(
        _ items: [OutboxItem], clock: SettableClock, firing: [UUID: [Alert]] = [:], channels: [AlertChannel] = []
    ) {
        waiting = items
        self.clock = clock
        self.firing = firing
        self.channels = channels
    }

    func enabledChannels(of kind: AlertChannel.Kind) -> [AlertChannel] { channels }

    func firingAlerts(on channelID: UUID, limit: Int) -> [Alert] { firing[channelID] ?? [] }

    func waitingChannels(now: Timestamp) -> [WaitingChannel] {
        var seen: Set<UUID> = []
        return waiting.filter { (holds[$0.channel.id] ?? now) <= now && seen.insert($0.channel.id).inserted }.map {
            WaitingChannel(
                tenantID: $0.alerts[0].tenantID, channel: $0.channel,
                servedAt: servedAt[$0.channel.id].map { Timestamp(milliseconds: $0) })
        }
    }

    func claimDeliveries(_ turns: [DeliveryTurn], now: Timestamp, leaseUntil: Timestamp) -> [OutboxItem] {
        turns.flatMap { next in
            turn += 1
            servedAt[next.channelID] = turn
            let items = waiting.filter { $0.channel.id == next.channelID }.prefix(next.limit)
            waiting.removeAll { item in items.contains { $0.id == item.id } }
            for item in items { leased[item.id] = item }
            return Array(items)
        }
    }

    func extendLeases(of items: [OutboxItem], until: Timestamp) {
        for item in items { extensions[item.id, default: 0] += 1 }
    }

    func split(_ item: OutboxItem, into recipients: [String]) -> Bool {
        self.recipients[item.id] = recipients[0]
        for recipient in recipients.dropFirst() {
            let id = UUID()
            self.recipients[id] = recipient
            waiting.append(
                OutboxItem(
                    id: id, alerts: item.alerts, channel: item.channel, recipient: recipient, attempts: item.attempts,
                    leaseToken: "lease"))
        }
        return true
    }

    func record(_ records: [DeliveryRecord]) {
        for record in records {
            let (item, outcome) = (record.item, record.outcome)
            leased[item.id] = nil
            outcomes[item.id, default: []].append(outcome)
            if let heldUntil = record.heldUntil { holds[item.channel.id] = heldUntil }
            guard case .retry(let at, _) = outcome else { continue }
            // Time flies: the retry is due at once.
            clock.now = max(clock.now, at)
            var next = item
            next.attempts += 1
            waiting.append(next)
        }
    }

    /// How often ended silences and due repetitions were asked for.
    private(set) var looks = (silences: 0, repeats: 0)

    func endedSilences(now: Timestamp, limit: Int) -> [EndedSilence] {
        looks.silences += 1
        return []
    }
    func heldAlerts(of silence: EndedSilence) -> [Alert] { [] }
    func dueRepeats(now: Timestamp, limit: Int) -> [DueRepeat] {
        looks.repeats += 1
        return []
    }
    func holdingAlerts(of due: DueRepeat) -> [Alert] { [] }
    func sendAgain(_ due: DueRepeat, _ notification: AlertNotification) -> Bool { false }
    func putOff(_ due: DueRepeat, until: Timestamp?) {}
    func alertRouting(_ id: TenantID, now: Timestamp) -> AlertRouting { AlertRouting(channels: []) }
    func release(_ silence: EndedSilence, _ decision: AlertDecision, now: Timestamp) -> Bool { false }

    private(set) var released: [UUID] = []
    func release(_ items: [OutboxItem]) {
        released += items.map(\.id)
        waiting += items
    }

    var total: Int { outcomes.values.map(\.count).reduce(0, +) }
}
