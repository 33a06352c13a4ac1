import AsyncHTTPClient
import Domain
import Foundation
import NIOCore
import NIOHTTP1
import TestSupport

/// A browser's part, without a script: it keeps the session's cookie, and follows no redirect.
final class Visitor: Sendable {
    let daemon: DaemonProcess
    let cookie: String?

    init(_ daemon: DaemonProcess, cookie: String? = nil) {
        self.daemon = daemon
        self.cookie = cookie
    }

    struct Page {
        var status: UInt
        var headers: HTTPHeaders
        var text: String
        /// Whether it has a script besides the program's own, which the page can do without.
        var hasScript: Bool {
            text.replacing(/<script type="module" src="\/dashboard\/assets\/[^"]+"><\/script>/, with: "").contains(
                "<script")
        }
        var location: String? { headers.first(name: "location") }
        /// The value that forms of the session carry.
        var formToken: String {
            get throws {
                guard let match = text.firstMatch(of: /name="form_token" value="([0-9a-f]{64})"/) else {
                    throw Unexpected("a page without a form")
                }
                return String(match.output.1)
            }
        }
    }

    func get(_ path: String, headers: [String: String] = [:]) async throws -> Page {
        try await send(.GET, path, headers: headers)
    }

    func post(_ path: String, _ form: [String: String], headers: [String: String] = [:]) async throws -> Page {
        var components = URLComponents()
        components.queryItems = form.map { URLQueryItem(name: $0.key, value: $0.value) }
        return try await send(.POST, path, body: components.percentEncodedQuery ?? "", headers: headers)
    }

    private func send(
        _ method: NIOHTTP1.HTTPMethod, _ path: String, body: String? = nil, headers: [String: String] = [:]
    ) async throws -> Page {
        var configuration = HTTPClient.Configuration()
        configuration.redirectConfiguration = .disallow
        let client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
        var request = request(method, path)
        for (name, value) in headers { request.headers.add(name: name, value: value) }
        if let body {
            request.headers.add(name: "content-type", value: "application/x-www-form-urlencoded")
            request.body = .bytes(ByteBuffer(string: body))
        }
        do {
            let answer = try await client.execute(request, timeout: .seconds(90))
            let text = String(buffer: try await answer.body.collect(upTo: 8 << 20))
            try await client.shutdown()
            return Page(status: answer.status.code, headers: answer.headers, text: text)
        } catch {
            try await client.shutdown()
            throw error
        }
    }

    /// A request of the session.
    func request(_ method: NIOHTTP1.HTTPMethod, _ path: String) -> HTTPClientRequest {
        var request = HTTPClientRequest(url: "http://127.0.0.1:\(daemon.port)\(path)")
        request.method = method
        if let cookie { request.headers.add(name: "cookie", value: cookie) }
        return request
    }

    /// Signed in by a form at a path.
    func signed(in path: String, _ form: [String: String] = [:]) async throws -> Visitor {
        let answer = try await post(path, form)
        guard answer.status == 303, let header = answer.headers.first(name: "set-cookie") else {
            throw Unexpected("not signed in: \(answer.status) \(answer.text)")
        }
        return Visitor(daemon, cookie: String(header.prefix { $0 != ";" }))
    }

    /// Somebody who has signed in with this API key.
    static func signedIn(at daemon: DaemonProcess, key: String) async throws -> Visitor {
        let answer = try await Visitor(daemon).post("/dashboard/sign-in", ["api_key": key, "next": "/dashboard"])
        guard answer.status == 303, answer.location == "/dashboard",
            let header = answer.headers.first(name: "set-cookie"),
            ["HttpOnly", "SameSite=Lax", "Path=/dashboard"].allSatisfy({ header.contains($0) })
        else { throw Unexpected("signing in was answered \(answer.status) \(answer.headers)") }
        return Visitor(daemon, cookie: String(header.prefix { $0 != ";" }))
    }
}
