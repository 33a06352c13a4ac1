import AsyncHTTPClient
import Domain
import Foundation
import NIOCore
import NIOHTTP1
import NIOPosix
import Outbound

/// Single requests to the hub, each tried once.
///
/// An answer or a failure that a later attempt may better is thrown as ``AttemptFailure``, one that is final as
/// ``ModelDownloadError``.
struct HubClient: Sendable {
    /// As much of a listing as is read, in bytes.
    static let listingLimit = 4 << 20
    /// How long the head of an answer may take; the silences within a body are the client's business.
    private static let answerTimeout = TimeAmount.seconds(120)

    /// A longer `Retry-After` than this, in seconds, is ignored.
    private static let longestRetryAfter: Int64 = 1_000_000_000

    let source: ModelSource
    let client: HTTPClient

    /// What the repository holds.
    func listing() async throws -> HubListing {
        let response = try await get(source.listingAddress, headers: ["Accept": "application/json"])
        guard response.status == .ok else {
            throw unexpected(response, to: "\(source.repository) at \(source.revision)")
        }
        do {
            let answer = try await response.body.collect(upTo: Self.listingLimit)
            return try HubListing(answer: Data(answer.readableBytesView), repository: source.repository)
        } catch is NIOTooManyBytesError {
            throw ModelDownloadError(.unusable, "the hub's answer is larger than \(Self.listingLimit >> 20) MB")
        } catch {
            throw failure(of: error)
        }
    }

    /// The answer to a request for a file: 200, 206 or 416.
    ///
    /// - Parameters:
    ///   - offset: how much of the file is there already, in bytes.
    ///   - etag: of which the answer must be, to be one from `offset` on.
    func file(_ name: PublishedFile, commit: String, offset: Int, etag: String?) async throws -> HTTPClientResponse {
        var headers: HTTPHeaders = [:]
        if offset > 0 {
            headers.add(name: "Range", value: "bytes=\(offset)-")
            if let etag { headers.add(name: "If-Range", value: etag) }
        }
        let response = try await get(source.address(of: name.rawValue, commit: commit), headers: headers)
        guard [.ok, .partialContent, .rangeNotSatisfiable].contains(response.status) else {
            throw unexpected(response, to: "\(name.rawValue) of \(source.repository) at \(commit)")
        }
        return response
    }

    /// Redirects are followed by the client. Checked in AsyncHTTPClient 1.37: it takes `Authorization` (and cookies)
    /// off a request as soon as host, scheme or port are others, and does not put it on again
    /// (`transformRequestForRedirect`), so the token never reaches the storage hosts that the hub redirects to; `Range`
    /// and `If-Range` are kept. It would follow from https to http, which is refused here.
    private func get(_ address: String, headers: HTTPHeaders) async throws -> HTTPClientResponse {
        var request = HTTPClientRequest(url: address)
        request.headers = headers
        request.headers.add(name: "User-Agent", value: "consilod")
        // Sizes and ranges are those of the file itself.
        request.headers.add(name: "Accept-Encoding", value: "identity")
        if let token = source.accessToken {
            request.headers.add(name: "Authorization", value: "Bearer \(token.value)")
        }
        let response: HTTPClientResponse
        do {
            response = try await client.execute(request, timeout: Self.answerTimeout)
        } catch {
            throw failure(of: error)
        }
        if source.endpoint.scheme?.lowercased() == "https",
            response.history.contains(where: { !$0.request.url.lowercased().hasPrefix("https:") })
        {
            throw ModelDownloadError(.refused, "\(host) redirects to an address that is not encrypted")
        }
        return response
    }

    private var host: String { source.endpoint.host ?? "the hub" }

    // MARK: what went wrong

    /// What an unexpected answer to the request for `what` means.
    private func unexpected(_ response: HTTPClientResponse, to what: String) -> any Error {
        let code = response.status.code
        let who = response.url?.host ?? host
        switch (code, response.headers.first(name: "X-Error-Code")) {
        case (408, _), (425, _), (429, _), (500..., _):
            let now = Timestamp(milliseconds: Int64(Date().timeIntervalSince1970 * 1000))
            let pause = response.headers.first(name: "Retry-After").flatMap { RetryAfter.seconds($0, now: now) }
                .flatMap { $0 <= Self.longestRetryAfter ? $0 : nil }
            let wish = pause.map { " and asks to wait \($0) s" } ?? ""
            return AttemptFailure(
                kind: .interrupted, reason: "\(who) answered \(code)\(wish)", retryAfter: pause.map { .seconds($0) })
        case (_, "GatedRepo"):
            return ModelDownloadError(
                .refused, "\(who) gives \(what) only to those who asked for access on \(source.page); \(tokenAdvice)")
        case (_, "RevisionNotFound"):
            return ModelDownloadError(.notFound, "\(source.repository) has no revision \(source.revision) on \(who)")
        case (404, _):
            return ModelDownloadError(.notFound, "\(who) has no \(what) (404)")
        case (401, _), (403, _):
            // The hub answers so for a repository that does not exist, too.
            return ModelDownloadError(
                .refused, "\(who) does not give \(what) (\(code)): it does not exist or is not public; \(tokenAdvice)")
        default:
            return ModelDownloadError(.refused, "\(who) answered \(code) to the request for \(what)")
        }
    }

    private var tokenAdvice: String {
        source.accessToken == nil ? "HF_TOKEN can hold an access token" : "the token in HF_TOKEN was sent"
    }

    /// What an error of the client means. No error is repeated in its own words where these may hold an address: those
    /// of the storage hosts are signed, which makes them passwords for a while.
    func failure(of error: any Error) -> any Error {
        if error is AttemptFailure || error is ModelDownloadError || error is CancellationError { return error }
        let failure = OutboundFailure(error)
        // The hub redirects to other hosts.
        let host = (error as? NIOConnectionError)?.host ?? host
        switch failure {
        case .cancelled: return CancellationError()
        case .unresolved: return AttemptFailure(kind: .unresolved, reason: "\(host) \(failure)")
        case .connectionRefused, .unreachable, .connectTimedOut, .tlsHandshakeTimedOut, .proxyTimedOut:
            return AttemptFailure(kind: .unreachable, reason: "\(host) \(failure)")
        case .certificateNotVerified:
            return ModelDownloadError(
                .refused,
                """
                the certificate of \(host) cannot be verified: the package ca-certificates is missing, or something \
                on the way opens the encryption and its certificate is not among the system's
                """)
        case .proxyWantsCredentials, .proxyRefused, .redirectLoop:
            return ModelDownloadError(.refused, "\(host) \(failure)")
        case .refused, .proxyMisconfigured: return ModelDownloadError(.malformedSetting, "\(host) \(failure)")
        case .timedOut, .connectionClosed, .tlsFailed, .answerTooLarge, .other:
            return AttemptFailure(kind: .interrupted, reason: "\(host) \(failure)")
        }
    }
}
