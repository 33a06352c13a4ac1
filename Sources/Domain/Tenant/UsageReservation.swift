public import Foundation

/// What became of the wish to use one more analysis of a month.
public enum UsageReservation: Sendable, Hashable {
    /// It is counted, under this id.
    case reserved(UUID)
    /// Nothing is left of the month: the tenant's limit as it is now.
    case usedUp(limit: Int)
}
