import Domain
import QueryAPI
import Store

/// How the tenants' subscriptions at Stripe are followed, as `/health` says it.
struct StripeHealth {
    let store: RiskStore
    let mode: StripeMode

    func component() async -> HealthReport.Component {
        let figures: StripeFigures
        do {
            figures = try await store.stripeFigures()
        } catch {
            return .init(status: .degraded, detail: "\(error)")
        }
        func customers(_ count: Int) -> String { "\(count) \(count == 1 ? "customer" : "customers")" }
        guard figures.problems.isEmpty else {
            let each = figures.problems.sorted { $0.key.rawValue < $1.key.rawValue }
                .map { "\($0.key.rawValue) of \(customers($0.value))" }
            return .init(
                status: .degraded,
                detail: "subscriptions need attention: \(each.joined(separator: ", ")); the log says whose")
        }
        guard figures.keptTenants == 0 else {
            return .init(
                status: .degraded,
                detail: """
                    tenants that should have been deleted: \(figures.keptTenants); their subscriptions renew themselves, the log of \
                    the retention pass says whose
                    """)
        }
        guard figures.failing == 0 else {
            return .init(
                status: .degraded,
                detail: "the subscriptions of \(customers(figures.failing)) could not be fetched several times in a row"
            )
        }
        return .init(
            status: .healthy,
            detail: "\(customers(figures.customers)) in the mode \(mode.rawValue); \(figures.pendingEvents) events wait"
        )
    }
}
