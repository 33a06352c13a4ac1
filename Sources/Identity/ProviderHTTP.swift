import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1
import Outbound

/// Requests to a provider, with a deadline and a limit for the answer. Which addresses are called is up to the client's policy.
struct ProviderHTTP: Sendable {
    private static let answerLimit = 262_144

    private let client: OutboundClient
    private let timeout: Duration

    init(_ client: OutboundClient, timeout: Duration = .seconds(10)) {
        self.client = client
        self.timeout = timeout
    }

    /// Fetches a JSON document.
    func get(_ url: String, _ document: ProviderFailure.Document) async throws(ProviderFailure) -> [UInt8] {
        let answer = try await send(request(url), document)
        guard answer.status == 200 else { throw .status(document, answer.status) }
        return answer.body
    }

    /// Posts a form, and returns the answer whatever its status.
    ///
    /// - Parameter authorization: the value of the header, where one is sent.
    func post(
        _ form: [(name: String, value: String)], to url: String, authorization: String?,
        _ document: ProviderFailure.Document
    ) async throws(ProviderFailure) -> OutboundClient.Answer {
        var request = request(url)
        request.method = .POST
        request.headers.add(name: "Content-Type", value: "application/x-www-form-urlencoded")
        if let authorization { request.headers.add(name: "Authorization", value: authorization) }
        request.body = .bytes(ByteBuffer(string: FormEncoding.text(of: form)))
        return try await send(request, document)
    }

    private func request(_ url: String) -> HTTPClientRequest {
        var request = HTTPClientRequest(url: url)
        request.headers.add(name: "Accept", value: "application/json")
        request.headers.add(name: "User-Agent", value: "consilod")
        return request
    }

    private func send(
        _ request: HTTPClientRequest, _ document: ProviderFailure.Document
    ) async throws(ProviderFailure) -> OutboundClient.Answer {
        do throws(OutboundFailure) {
            return try await client.exchange(request, timeout: timeout, answerLimit: Self.answerLimit)
        } catch {
            throw error == .cancelled ? ProviderFailure.interrupted : ProviderFailure.unreachable(document, error)
        }
    }
}

/// Forms and queries as they are sent (`application/x-www-form-urlencoded`).
enum FormEncoding {
    private static let plain = CharacterSet(
        charactersIn: "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")

    static func text(of pairs: [(name: String, value: String)]) -> String {
        pairs.map { "\(encoded($0.name))=\(encoded($0.value))" }.joined(separator: "&")
    }

    static func encoded(_ text: String) -> String { text.addingPercentEncoding(withAllowedCharacters: plain) ?? "" }
}
