import Domain
import Foundation
import HTTPTypes
import Hummingbird
import Logging
import Queries

/// Answers errors as pages.
struct PageErrors<Context: RequestContext>: RouterMiddleware {
    var pages: PageRenderer
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
            // Back to the page, once signed in; a form is not sent again.
            guard request.method == .get, request.uri.path != "/dashboard" else { return .see("/dashboard/sign-in") }
            return .see("/dashboard/sign-in?next=\(PathText.encoded(request.uri.string))")
        } catch let error as PageError {
            return page(of: error)
        } catch let error as QueryError {
            return page(of: error)
        } catch let error as StorageError where error.code == .malformed {
            return page(
                .badRequest, "This address is not complete", "A part of it that says which page to show cannot be read."
            )
        } catch let error as HTTPError where error.status.code < 500 {
            return page(error.status, "This was not understood", "The server answered \(error.status.code).")
        } catch {
            logger.error(
                "a page failed", metadata: ["path": "\(request.uri.path)", "error": "\(error)"])
            let isBusy = (error as? StorageError)?.code == .unavailable
            return page(
                isBusy ? .serviceUnavailable : .internalServerError, "This page cannot be shown now",
                isBusy ? "The store does not answer. Try again in a minute." : "The reason is in the daemon's log.")
        }
    }

    private func page(of error: PageError) -> Response {
        switch error {
        case .signedOut: .see("/dashboard/sign-in")
        case .notFound: page(.notFound, "There is no such page", "Or it is not one of yours.")
        case .badForm(let text): page(.badRequest, "This form was not accepted", text)
        case .inactive(let status):
            page(.forbidden, "This account is \(status)", "Ask who runs this host.")
        case .tooManyAttempts(let seconds):
            page(
                .tooManyRequests, "Too many attempts", "Try again in \(seconds) seconds.",
                headers: [.retryAfter: "\(seconds)"])
        }
    }

    private func page(of error: QueryError) -> Response {
        switch error {
        case .unknownIssue, .issueUnknownToJira, .unreceivedIssue, .unknownProject, .unknownSprint:
            page(.notFound, "There is no such issue", "Jira does not know it, or has sent nothing about it yet.")
        case .issueAwaited(let key):
            page(
                .accepted, "\(key) is being fetched from Jira", "This page is loaded again in a few seconds.",
                headers: [HTTPField.Name("Refresh") ?? .retryAfter: "3"])
        case .trialExpired(let at): page(.forbidden, "The trial has ended", "It ended on \(PageText.instant(at)).")
        case .forbidden, .tenantRequired: page(.forbidden, "This is not allowed", "Your key does not permit it.")
        case .quotaExceeded(_, let next, _):
            page(
                .tooManyRequests, "The analyses of this month are used up",
                "More are possible from \(PageText.instant(next)) on.")
        case .ruleNotTriable: page(.unprocessableContent, "This rule cannot be tried", "Past forecasts are not stored.")
        case .computationUnderWay:
            page(.conflict, "A computation is under way", "Load the page again when it is done.")
        case .search: page(.serviceUnavailable, "Jira does not answer", "Try again in a minute.")
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
