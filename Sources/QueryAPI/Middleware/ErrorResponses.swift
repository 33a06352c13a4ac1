import Domain
import HTTPTypes
import Hummingbird
import JiraCloud
import Logging
import Queries
import Vault

/// Gives every failure, Hummingbird's own included, the one JSON shape; logs server errors, once.
struct ErrorResponses<Context: RequestContext>: RouterMiddleware {
    /// Whether owners can buy plans by themselves.
    var sells: Bool
    var logger: Logger

    func handle(
        _ request: Request, context: Context, next: (Request, Context) async throws -> Response
    ) async throws -> Response {
        do {
            return try await next(request, context)
        } catch let error as HTTPError {
            return try ErrorBody(code: code(of: error.status), detail: error.body ?? error.status.reasonPhrase)
                .response(status: error.status, headers: error.headers)
        } catch let error as any HTTPResponseError {
            return try ErrorBody(code: code(of: error.status), detail: error.status.reasonPhrase)
                .response(status: error.status, headers: [:])
        } catch {
            let answer = apiError(for: error, id: context.id)
            if [.internal, .unavailable, .secretUnavailable].contains(answer.code) {
                logger.error(
                    "request failed",
                    metadata: [
                        "code": "\(answer.code.rawValue)", "request": "\(context.id)", "method": "\(request.method)",
                        "route": "\(context.endpointPath ?? "")", "error": "\(type(of: error)): \(error)",
                    ])
            }
            return try ErrorBody(
                code: answer.code.rawValue, detail: answer.detail,
                errors: answer.fieldErrors.isEmpty ? nil : answer.fieldErrors, planLimit: answer.planLimit
            ).response(status: answer.code.status, headers: answer.headers)
        }
    }

    private func apiError(for error: any Error, id: String) -> APIError {
        switch error {
        case let error as APIError: return error
        case let error as QueryError: return APIError(error, sells: sells)
        case let error as RequestError: return APIError(error)
        case let error as StorageError where error.code == .unavailable:
            return APIError(.unavailable, "The store is unavailable.", headers: [.retryAfter: "5"])
        case let error as StorageError where error.code == .conflict || error.code == .stale:
            return APIError(.conflict, "The data has changed since it was read; read it again and retry.")
        case is UnreadableJiraToken: return .secretUnavailable
        case let error as VaultError where error.code == .invalidToken: return .secretUnavailable
        case let error as StorageError:
            guard case .limitReached(let kind, let limit) = error.code else { break }
            return .limitReached(kind, limit)
        default: break
        }
        return APIError(.internal, "Internal error. Request id: \(id)")
    }

    /// The code of a failure that knows only its status.
    private func code(of status: HTTPResponse.Status) -> String {
        switch status {
        case .notFound: APIError.Code.notFound.rawValue
        case .contentTooLarge: APIError.Code.bodyTooLarge.rawValue
        case .unauthorized: APIError.Code.unauthorized.rawValue
        case .serviceUnavailable: APIError.Code.unavailable.rawValue
        default: status.reasonPhrase.lowercased().map { $0.isLetter ? String($0) : "_" }.joined()
        }
    }
}
