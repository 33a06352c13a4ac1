import Domain
import HTTPTypes
import Hummingbird
import Queries

/// Why a form was not accepted, to be shown beside it.
struct FormProblem: Sendable {
    var text: String

    /// What an error says to who sent the form; nil for one that is not theirs.
    static func all(in error: any Error) -> [FormProblem]? {
        switch error {
        case RequestError.invalid(let errors): errors.map { FormProblem(text: sentence(of: $0)) }
        case RequestError.limitReached(let kind, let limit): [limitReached(kind, limit)]
        case RequestError.administration(let error): [FormProblem(text: error.description)]
        case RequestError.jiraStopped(let reason): [named("jira_stopped", ["reason": reason])]
        case RequestError.routesChanged: [named("routes_changed")]
        case RequestError.channelTestedRecently: [named("tested_recently")]
        case RequestError.confirmationSentRecently: [named("asked_recently")]
        case RequestError.noAddresses: [named("no_addresses")]
        case RequestError.duplicateSite: [named("duplicate_site")]
        case RequestError.jiraDisabled: [named("jira_disabled")]
        case RequestError.lastOwnerKey: [named("last_owner_key")]
        case RequestError.apiKeyOver: [named("key_over")]
        case RequestError.lastOwner: [named("last_owner")]
        case RequestError.roleFromClaim: [named("role_from_claim")]
        case RequestError.billing(let error): [billing(error)]
        case QueryError.planLacks(let feature, let plan):
            [named("plan", ["plan": plan.rawValue, "feature": feature.words])]
        case QueryError.ruleNotTriable: [named("not_triable")]
        case QueryError.computationUnderWay: [named("under_way")]
        case let error as StorageError: error.limit.map { [limitReached($0.kind, $0.limit)] }
        default: nil
        }
    }

    private static func named(_ name: String, _ values: KeyValuePairs<String, String> = [:]) -> FormProblem {
        FormProblem(text: PageTexts.english("problems", name, values))
    }

    private static func billing(_ error: BillingError) -> FormProblem {
        switch error {
        case .alreadySubscribed: named("subscribed")
        case .notSubscribed: named("not_subscribed")
        case .inactive: named("buys_nothing")
        case .underWay: named("billing_under_way")
        case .unavailable: named("stripe_silent")
        case .off, .notForSale, .stillPaying, .notEnded, .notHigher, .notLower, .changeAgreed, .tooMany,
            .refused:
            FormProblem(text: error.description)
        }
    }

    private static func limitReached(_ kind: TenantLimits.Kind, _ limit: Int) -> FormProblem {
        named("limit", ["limit": "\(limit)", "kind": kind.words])
    }

    /// The field by the words of its label: `matchers[0].values` is about the field `values`.
    private static func sentence(of error: FieldError) -> String {
        let name = error.field.split(separator: ".").last.map { String($0.prefix { $0 != "[" }) } ?? error.field
        let label = PageTexts.english.sections["fields"]?[name] ?? name
        return "\(label): \(error.message)."
    }
}

extension StorageError {
    fileprivate var limit: (kind: TenantLimits.Kind, limit: Int)? {
        guard case .limitReached(let kind, let limit) = code else { return nil }
        return (kind, limit)
    }
}

/// Does what a form asks for, and shows the form again where it does not fit.
///
/// - Parameter form: answers with what was entered, and with the problems; its status is 422.
func accepting(
    _ body: () async throws -> Response, orShowing form: ([FormProblem]) async throws -> Response
) async throws -> Response {
    do {
        return try await body()
    } catch {
        guard let problems = FormProblem.all(in: error) else { throw error }
        var response = try await form(problems)
        response.status = .unprocessableContent
        return response
    }
}
