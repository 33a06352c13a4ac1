import Domain
import Foundation
import HTTPTypes
import Hummingbird
import Logging
import Queries

/// Answers errors as pages.
struct PageErrors<Context: RequestContext>: RouterMiddleware {
    var pages: PageRenderer
    /// Whether owners can buy plans by themselves.
    var sells: Bool
    var logger: Logger

    private struct Content: Sendable {
        var heading: String
        var text: String
    }

    func handle(
        _ request: Request, context: Context, next: (Request, Context) async throws -> Response
    ) async throws -> Response {
        do {
            return try await next(request, context)
        } catch PageError.signedOut {
            // A stream of events has no page to go to.
            if request.uri.path == LiveController.path { return Response(status: .unauthorized) }
            // Back to the page, once signed in; a form is not sent again.
            guard request.method == .get, request.uri.path != "/dashboard" else { return .see("/dashboard/sign-in") }
            return .see("/dashboard/sign-in?next=\(PathText.encoded(request.uri.string))")
        } catch PageError.tenantNotChosen {
            if request.uri.path == LiveController.path { return Response(status: .unauthorized) }
            let next = request.method == .get ? request.uri.string : "/dashboard"
            return .see(TenantChoiceController.address(next: next))
        } catch PageError.unpaid {
            if request.uri.path == LiveController.path { return Response(status: .forbidden) }
            return .see(PlanController.path)
        } catch let error as PageError {
            return page(of: error)
        } catch let error as QueryError {
            return page(of: error)
        } catch let error as RequestError {
            return page(of: error)
        } catch let error as StorageError where error.code == .malformed {
            return page(
                .badRequest, Self.text("incomplete_address"), Self.text("incomplete_address_text"))
        } catch let error as HTTPError where error.status.code < 500 {
            return page(
                error.status, Self.text("not_understood"),
                Self.text("not_understood_text", ["status": "\(error.status.code)"]))
        } catch {
            logger.error(
                "page failed", metadata: ["path": "\(request.uri.path)", "error": "\(error)"])
            let isBusy = (error as? StorageError)?.code == .unavailable
            return page(
                isBusy ? .serviceUnavailable : .internalServerError, Self.text("failed"),
                Self.text(isBusy ? "store_silent" : "see_log"))
        }
    }

    /// A text of the section `error`.
    private static func text(_ name: String, _ values: KeyValuePairs<String, String> = [:]) -> String {
        PageTexts.english("error", name, values)
    }

    private func page(of error: PageError) -> Response {
        switch error {
        case .signedOut: .see("/dashboard/sign-in")
        case .tenantNotChosen: .see(TenantChoiceController.path)
        case .unpaid: .see(PlanController.path)
        case .notFound: page(.notFound, Self.text("not_found"), Self.text("not_found_text"))
        case .badForm(let text): page(.badRequest, Self.text("bad_form"), text)
        case .deleted(let at):
            page(.forbidden, Self.text("deleted", ["instant": PageText.instant(at)]), Self.text("deleted_text"))
        case .inactive(let status):
            page(
                .forbidden, Self.text("inactive", ["status": status]),
                Self.text(status == Tenant.Status.cancelled.rawValue ? "cancelled_text" : "inactive_text"))
        case .tooManyAttempts(let seconds):
            page(
                .tooManyRequests, Self.text("too_many"), Self.text("too_many_text", ["seconds": "\(seconds)"]),
                headers: [.retryAfter: "\(seconds)"])
        }
    }

    private func page(of error: QueryError) -> Response {
        switch error {
        case .unknownIssue, .issueUnknownToJira, .unreceivedIssue, .unknownProject, .unknownSprint:
            page(.notFound, Self.text("unknown_issue"), Self.text("unknown_issue_text"))
        case .issueAwaited(let key):
            page(
                .accepted, Self.text("awaited", ["key": "\(key)"]), Self.text("awaited_text"),
                headers: [HTTPField.Name("Refresh") ?? .retryAfter: "3"])
        case .trialExpired(let at):
            page(.forbidden, Self.text("trial"), Self.text("trial_text", ["at": PageText.instant(at)]))
        case .forbidden, .tenantRequired:
            page(.forbidden, Self.text("forbidden"), Self.text("forbidden_text"))
        case .cancelled:
            page(.forbidden, Self.text("inactive", ["status": "cancelled"]), Self.text("cancelled_text"))
        case .planLacks(let feature, let plan):
            page(
                .forbidden, Self.text("plan", ["plan": plan.rawValue, "feature": feature.words]),
                Self.text(sells ? "plan_text_buy" : "plan_text"))
        case .ownersFields: page(.forbidden, Self.text("forbidden"), Self.text("owners_text"))
        case .quotaExceeded(let action, 0, let plan, _, _):
            // The next month has none either.
            page(
                .forbidden, Self.text("plan", ["plan": plan.rawValue, "feature": "\(action.rawValue) analyses"]),
                Self.text(sells ? "plan_text_buy" : "plan_text"))
        case .quotaExceeded(_, _, _, let next, _):
            page(
                .tooManyRequests, Self.text("quota"), Self.text("quota_text", ["at": PageText.instant(next)]))
        case .ruleNotTriable:
            page(.unprocessableContent, Self.text("not_triable"), Self.text("not_triable_text"))
        case .computationUnderWay:
            page(.conflict, Self.text("computing"), Self.text("computing_text"))
        case .search:
            page(.serviceUnavailable, Self.text("jira_silent"), Self.text("jira_silent_text"))
        }
    }

    private func page(of error: RequestError) -> Response {
        switch error {
        case .unknownRule, .unknownSilence, .unknownChannel, .unknownAlert, .unknownAPIKey, .unknownMember,
            .unknownInvitation, .unknownAccountMail:
            page(of: PageError.notFound)
        case .unknownDelivery: page(of: PageError.badForm("This delivery is no longer a dead letter."))
        default:
            page(
                .unprocessableContent, "This form was not accepted",
                (FormProblem.all(in: error) ?? []).map(\.text).joined(separator: " "))
        }
    }

    private func page(
        _ status: HTTPResponse.Status, _ heading: String, _ text: String, headers: HTTPFields = [:]
    ) -> Response {
        pages.page(
            "error", Content(heading: heading, text: text), in: .signedOut(heading), status: status, headers: headers)
    }
}

/// Text in an address.
enum PathText {
    private static let plain = CharacterSet(
        charactersIn: "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")

    /// Percent-encoded but for unreserved characters (RFC 3986, section 2.3).
    static func encoded(_ text: String) -> String {
        text.addingPercentEncoding(withAllowedCharacters: plain) ?? ""
    }

    /// A page of the dashboard to go on to, from an address that others may have made; nil for anything else.
    static func page(_ text: String?) -> String? {
        guard let text, text == "/dashboard" || text.hasPrefix("/dashboard/") || text.hasPrefix("/dashboard?") else {
            return nil
        }
        let isPlain = text.utf8.allSatisfy { (0x21...0x7E).contains($0) && $0 != UInt8(ascii: "\\") }
        return isPlain && text.utf8.count <= 2000 ? text : nil
    }
}
