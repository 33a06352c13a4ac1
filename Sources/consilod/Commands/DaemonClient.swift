import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1
import Outbound

/// A daemon did not answer.
struct DaemonUnreachable: Error, CustomStringConvertible {
    var description: String
    init(_ description: String) { self.description = description }
}

/// A daemon answered with a failure, or with something that no daemon answers; in its own words where there are any.
struct DaemonFailure: Error, CustomStringConvertible {
    var description: String
    init(_ description: String) { self.description = description }
}

/// The API of a running daemon, for commands.
struct DaemonClient: Sendable {
    /// Its address, without a trailing slash.
    let url: String
    /// The API key of a tenant, or the admin token.
    let key: String

    /// For all commands, which end with the process. A daemon that does not run is not waited for.
    private static let http: HTTPClient = {
        HTTPClient(
            eventLoopGroupProvider: .singleton,
            configuration: .outbound(connectTimeout: .seconds(5), silenceTimeout: nil))
    }()

    /// Longest answer read, in bytes.
    private static let answerLimit = 4 << 20

    /// How long an answer may take. Requests that make calls to Jira wait for them.
    private static let timeLimit = TimeAmount.seconds(180)

    /// - Parameter unhealthy: whether an answer with status 503 is one, as that of `/health`.
    func get<Answer: Decodable>(_ path: String, unhealthy: Bool = false) async throws -> Answer {
        try await send(HTTPClientRequest(url: url + path), unhealthy: unhealthy)
    }

    /// The answer as the daemon wrote it.
    ///
    /// - Parameter tenant: whom it is about, where the key is the admin token.
    func text(_ path: String, tenant: String? = nil) async throws -> Data {
        try await exchange(request(.GET, path, tenant: tenant), unhealthy: false).body
    }

    /// A page of a list as the daemon wrote it, and where the next one is.
    func page(_ path: String, tenant: String? = nil) async throws -> (body: Data, next: String?) {
        let (headers, body) = try await exchange(request(.GET, path, tenant: tenant), unhealthy: false)
        return (body, Self.next(in: headers))
    }

    private static func next(in headers: HTTPHeaders) -> String? {
        headers.first(name: "Link").flatMap { link in
            link.firstMatch(of: /^<(\/[^>]*)>; rel="next"$/).map { String($0.output.1) }
        }
    }

    /// Reads an answer. Throws ``DaemonFailure`` where consilod did not write it.
    func read<Answer: Decodable>(_ type: Answer.Type, from body: Data) throws -> Answer { try decode(type, from: body) }

    /// All elements of a list that comes in pages (`Link: <…>; rel="next"`, RFC 8288), in their order.
    ///
    /// - Parameter tenant: whom it is about, where the key is the admin token.
    func pages<Element: Decodable>(
        _ path: String, of element: Element.Type, tenant: String? = nil
    ) async throws -> [Element] {
        var (elements, next): ([Element], String?) = ([], path)
        while let target = next {
            let (headers, body) = try await exchange(request(.GET, target, tenant: tenant), unhealthy: false)
            elements += try decode([Element].self, from: body)
            next = Self.next(in: headers)
        }
        return elements
    }

    /// Sends `fields` as a JSON object, those without a value left out.
    func post<Answer: Decodable>(_ path: String, _ fields: [String: String?]) async throws -> Answer {
        try await send(request(.POST, path, json: JSONEncoder().encode(fields.compactMapValues(\.self))))
    }

    /// Sends `fields` as a JSON object, those without a value left out.
    func put<Answer: Decodable>(_ path: String, _ fields: [String: String?]) async throws -> Answer {
        try await send(request(.PUT, path, json: JSONEncoder().encode(fields.compactMapValues(\.self))))
    }

    /// Sends `object` as JSON, its names in snake case.
    func post<Answer: Decodable>(
        _ path: String, object: some Encodable, tenant: String? = nil
    ) async throws -> Answer {
        try await send(request(.POST, path, tenant: tenant, json: Self.json(object)))
    }

    /// As ``post(_:object:tenant:)``.
    func put<Answer: Decodable>(
        _ path: String, object: some Encodable, tenant: String? = nil
    ) async throws -> Answer {
        try await send(request(.PUT, path, tenant: tenant, json: Self.json(object)))
    }

    /// As ``post(_:object:tenant:)``; the answer as the daemon wrote it.
    func text(_ path: String, posting object: some Encodable, tenant: String? = nil) async throws -> Data {
        try await exchange(request(.POST, path, tenant: tenant, json: Self.json(object)), unhealthy: false).body
    }

    /// With names in snake case, as the API has them.
    private static func json(_ object: some Encodable) throws -> Data {
        let encoder = JSONEncoder()
        encoder.keyEncodingStrategy = .convertToSnakeCase
        return try encoder.encode(object)
    }

    func delete<Answer: Decodable>(
        _ path: String, query: [String: String] = [:], tenant: String? = nil
    ) async throws -> Answer {
        var address = URLComponents()
        address.path = path
        if !query.isEmpty { address.queryItems = query.map { URLQueryItem(name: $0.key, value: $0.value) } }
        // A plus sign is a space to those who read a query as a form.
        address.percentEncodedQuery = address.percentEncodedQuery?.replacing("+", with: "%2B")
        return try await send(request(.DELETE, address.string ?? path, tenant: tenant))
    }

    /// For what is answered without a body.
    func delete(_ path: String, tenant: String? = nil) async throws {
        _ = try await exchange(request(.DELETE, path, tenant: tenant), unhealthy: false)
    }

    private func request(
        _ method: HTTPMethod, _ path: String, tenant: String? = nil, json: Data? = nil
    ) -> HTTPClientRequest {
        var request = HTTPClientRequest(url: url + path)
        request.method = method
        if let tenant { request.headers.add(name: "X-Tenant-ID", value: tenant) }
        if let json {
            request.headers.add(name: "Content-Type", value: "application/json")
            request.body = .bytes(json)
        }
        return request
    }

    private func send<Answer: Decodable>(
        _ request: HTTPClientRequest, unhealthy: Bool = false
    ) async throws -> Answer {
        try decode(Answer.self, from: try await exchange(request, unhealthy: unhealthy).body)
    }

    private static let decoder: JSONDecoder = {
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        return decoder
    }()

    private func decode<Answer: Decodable>(_ type: Answer.Type, from body: Data) throws -> Answer {
        do {
            return try Self.decoder.decode(Answer.self, from: body)
        } catch {
            throw DaemonFailure("\(url) does not answer as consilod does")
        }
    }

    private func exchange(
        _ request: HTTPClientRequest, unhealthy: Bool
    ) async throws -> (headers: HTTPHeaders, body: Data) {
        var request = request
        request.headers.add(name: "Authorization", value: "Bearer \(key)")
        let response: HTTPClientResponse
        do {
            response = try await Self.http.execute(request, timeout: Self.timeLimit)
        } catch {
            throw DaemonUnreachable("\(url) \(OutboundFailure(error))")
        }
        let body = Data(try await response.body.collect(upTo: Self.answerLimit).readableBytesView)
        guard (200..<300).contains(response.status.code) || (unhealthy && response.status == .serviceUnavailable) else {
            let failure = try? Self.decoder.decode(Failure.self, from: body)
            throw DaemonFailure(
                failure.map { "\($0.detail)\($0.fields)" } ?? "\(url) answered \(response.status.code)")
        }
        return (response.headers, body)
    }

    /// What the daemon says when it refuses.
    private struct Failure: Decodable {
        struct Field: Decodable {
            var field: String
            var message: String
        }
        var detail: String
        var errors: [Field]?

        /// What is wrong with each field.
        var fields: String {
            guard let errors, !errors.isEmpty else { return "" }
            return " (" + errors.map { "\($0.field) \($0.message)" }.joined(separator: "; ") + ")"
        }
    }
}
