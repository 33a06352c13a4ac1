import Domain
import Foundation
import Store
import Vault

/// How many of a store's sealed values each configured key opens.
struct SealedSurvey: Sendable, Hashable {
    /// Values that the first key opens, which seals.
    var current = 0
    /// Values that only another of the keys opens.
    var older = 0
    /// Values that none opens, by kind.
    var unreadable: [SealedValue.Kind: Int] = [:]

    /// Values looked at in one read.
    private static let pageSize = 500

    var unreadableCount: Int { unreadable.values.reduce(0, +) }
    var total: Int { current + older + unreadableCount }

    /// Looks at all values.
    ///
    /// - Parameters:
    ///   - waitingOnly: leaves out the recipients of deliveries that are over: nothing waits for them.
    ///   - onOlder: called with the values of a page that need another key than the first.
    static func run(
        of store: RiskStore, with vault: Vault, waitingOnly: Bool = false,
        onOlder: ([SealedValue]) async throws -> Void = { _ in }
    ) async throws -> SealedSurvey {
        var survey = SealedSurvey()
        for kind in SealedValue.Kind.allCases {
            var after: UUID?
            while true {
                let page = try await store.sealedValues(
                    kind, waitingOnly: waitingOnly, after: after, limit: pageSize)
                var older: [SealedValue] = []
                for value in page {
                    switch vault.keyIndex(of: value.sealed) {
                    case 0: survey.current += 1
                    case .some: older.append(value)
                    case nil: survey.unreadable[kind, default: 0] += 1
                    }
                }
                survey.older += older.count
                if !older.isEmpty { try await onOlder(older) }
                guard page.count == pageSize, let last = page.last else { break }
                after = last.id
            }
        }
        return survey
    }

    /// `2 Jira tokens, 1 channel address`.
    var unreadableText: String {
        unreadable.sorted { $0.key.rawValue < $1.key.rawValue }
            .map { "\($0.value) \($0.key.rawValue)\($0.value == 1 ? "" : $0.key.rawValue.hasSuffix("s") ? "es" : "s")" }
            .joined(separator: ", ")
    }
}

/// The configured keys are not those of the store.
struct WrongEncryptionKey: Error, CustomStringConvertible {
    var description: String {
        """
        no configured encryption key opens this store, which was made with another one: give that key as encryption.key (the \
        credential encryption-key), beside the present one if it is to be replaced. If the key is lost, run \
        'consilod store reseal --lost-key' once
        """
    }
}

/// Whether the configured keys are the store's.
enum StoreKey {
    private static let canary = "consilod"

    /// Checks the keys by the canary of the store, or where it has none yet by its sealed values; whether the canary is sealed
    /// by the first key already. Throws ``WrongEncryptionKey``.
    static func check(_ vault: Vault, of store: RiskStore) async throws -> Bool {
        if let sealed = try await store.sealedCanary() {
            guard let index = vault.keyIndex(of: sealed) else { throw WrongEncryptionKey() }
            return index == 0
        }
        let survey = try await SealedSurvey.run(of: store, with: vault)
        guard survey.total == 0 || survey.unreadableCount < survey.total else { throw WrongEncryptionKey() }
        return false
    }

    /// Seals the canary by the first key.
    static func place(_ vault: Vault, in store: RiskStore, by actor: Actor) async throws {
        try await store.setSealedCanary(try vault.seal(canary), by: actor)
    }
}
