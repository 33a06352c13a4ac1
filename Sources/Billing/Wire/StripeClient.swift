import AsyncHTTPClient
public import Domain
import Foundation
import NIOCore
import NIOHTTP1
public import Outbound

/// Stripe's API: forms there, JSON back, every write under an idempotency key of the caller's.
///
/// Answers have the form of one version of the API, whatever the account's own is. Nothing is tried again here: what may be
/// is decided by who has stored the intent.
public final class StripeClient: Sendable {
    /// The version of the API whose forms are read and written (docs.stripe.com/upgrades).
    static let version = "2024-06-20"
    /// Stripe's own address.
    public static let standardURL = "https://api.stripe.com"
    private static let answerLimit = 4 << 20
    /// For one call and all of its answer.
    static let timeoutSeconds: Int64 = 15

    private let client: OutboundClient
    private let url: String
    private let key: Secret<String>
    private let metrics: StripeMetrics

    /// - Parameters:
    ///   - client: calls the address; shut down by ``shutdown()``.
    ///   - url: of the API, without a trailing slash.
    ///   - key: the secret key, or a restricted one.
    public init(
        client: OutboundClient, url: String = StripeClient.standardURL, key: Secret<String>,
        metrics: StripeMetrics = StripeMetrics()
    ) {
        self.client = client
        self.url = url
        self.key = key
        self.metrics = metrics
    }

    /// Closes all connections. Throws what the HTTP client throws; it is shut down all the same.
    public func shutdown() async throws { try await client.shutdown() }

    /// Reads an object or a list.
    func get<Value: Decodable>(
        _ path: String, _ query: StripeForm = StripeForm(), as type: Value.Type
    ) async throws(StripeFailure) -> Value {
        let suffix = query.pairs.isEmpty ? "" : "?\(query.text)"
        return try Self.decoded(try await send(request(.GET, path + suffix)), as: type)
    }

    /// Writes, once for each key.
    func post<Value: Decodable>(
        _ path: String, _ form: StripeForm, key idempotencyKey: String, as type: Value.Type
    ) async throws(StripeFailure) -> Value {
        var request = request(.POST, path)
        request.headers.add(name: "Idempotency-Key", value: idempotencyKey)
        request.headers.add(name: "Content-Type", value: "application/x-www-form-urlencoded")
        request.body = .bytes(ByteBuffer(string: form.text))
        return try Self.decoded(try await send(request), as: type)
    }

    /// Ends an object. A second time it is missing.
    func delete(_ path: String) async throws(StripeFailure) {
        _ = try await send(request(.DELETE, path))
    }

    private func request(_ method: HTTPMethod, _ path: String) -> HTTPClientRequest {
        var request = HTTPClientRequest(url: url + path)
        request.method = method
        request.headers.add(name: "Accept", value: "application/json")
        request.headers.add(name: "User-Agent", value: "consilod")
        request.headers.add(name: "Authorization", value: "Bearer " + key.revealed)
        request.headers.add(name: "Stripe-Version", value: Self.version)
        return request
    }

    private func send(_ request: HTTPClientRequest) async throws(StripeFailure) -> [UInt8] {
        let answer: OutboundClient.Answer
        do throws(OutboundFailure) {
            answer = try await client.exchange(
                request, timeout: .seconds(Self.timeoutSeconds), answerLimit: Self.answerLimit)
        } catch {
            metrics.count(StripeMetrics.CallOutcome.unreachable)
            throw .unreachable(error)
        }
        guard let failure = Self.failure(of: answer) else {
            metrics.count(StripeMetrics.CallOutcome.success)
            return answer.body
        }
        metrics.count(failure.outcome)
        throw failure
    }

    /// What an answer that is no success means; nil for a success.
    private static func failure(of answer: OutboundClient.Answer) -> StripeFailure? {
        switch answer.status {
        case 200..<300: return nil
        case 401, 403: return .unauthorized
        case 429:
            let seconds = answer.headers.first(name: "retry-after").flatMap { Int64($0) }
            return .rateLimited(retryAfterSeconds: seconds.map { min(max($0, 1), 3600) })
        case 500...: return .server(answer.status)
        default:
            let detail = error(in: answer.body)
            let code = detail?.code ?? detail?.type ?? "status_\(answer.status)"
            if answer.status == 409, code == "idempotency_key_in_use" || code == "lock_timeout" { return .keyInUse }
            if answer.status == 404 || code == "resource_missing" { return .missing }
            return .refused(code: code, parameter: detail?.param)
        }
    }

    private static func error(in body: [UInt8]) -> StripeErrorObject.Detail? {
        do { return try JSONDecoder().decode(StripeErrorObject.self, from: Data(body)).error } catch { return nil }
    }

    private static func decoded<Value: Decodable>(
        _ body: [UInt8], as type: Value.Type
    ) throws(StripeFailure) -> Value {
        do { return try JSONDecoder().decode(type, from: Data(body)) } catch { throw .malformed }
    }
}

extension StripeFailure {
    /// As it is counted.
    fileprivate var outcome: StripeMetrics.CallOutcome {
        switch self {
        case .unreachable: .unreachable
        case .server, .malformed: .serverError
        case .rateLimited: .rateLimited
        case .unauthorized: .unauthorized
        case .keyInUse, .missing, .refused, .otherMode: .refused
        }
    }
}
