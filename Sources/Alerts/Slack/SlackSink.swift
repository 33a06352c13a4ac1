public import AsyncHTTPClient
public import Domain
import Foundation
import NIOCore
import NIOHTTP1

/// Delivers alerts to a Slack incoming webhook, or to what speaks its language (Mattermost, Rocket.Chat, Discord's
/// `/slack`).
///
/// The address of the webhook is its password: no reason repeats it, nor any text that might contain it.
public struct SlackSink: AlertSink {
    /// How the client should be set up. A redirect could carry an alert to a host that nobody entered, so none is
    /// followed; trying again is the outbox's business, not the connection's. Connect 10 s, silence 20 s, and in all
    /// what ``init(client:)`` says.
    public static var clientConfiguration: HTTPClient.Configuration {
        var configuration = HTTPClient.Configuration(
            redirectConfiguration: .disallow, timeout: .init(connect: .seconds(10), read: .seconds(20)))
        configuration.connectionPool.retryConnectionEstablishment = false
        return configuration
    }

    private static let notAnAddress = DeliveryAttempt.permanent(reason: "the channel's address is not a URL")
    /// As much of an answer as is read.
    private static let answerLimit = 1024

    private let client: HTTPClient
    private let timeout: Duration

    /// A delivery takes 20 s at most, the answer's body included: other channels' alerts wait for it.
    ///
    /// - Parameter client: set up with ``clientConfiguration``; shutting it down is its owner's business.
    public init(client: HTTPClient) { self.init(client: client, timeout: .seconds(20)) }

    init(client: HTTPClient, timeout: Duration) {
        self.client = client
        self.timeout = timeout
    }

    public func deliver(_ alert: Alert, to channel: AlertChannel, now: Timestamp) async -> DeliveryAttempt {
        let target = channel.target.trimmingCharacters(in: .whitespacesAndNewlines)
        guard let url = URL(string: target), let scheme = url.scheme?.lowercased(), ["http", "https"].contains(scheme),
            url.host?.isEmpty == false
        else { return Self.notAnAddress }
        do {
            var request = HTTPClientRequest(url: target)
            request.method = .POST
            request.headers.add(name: "Content-Type", value: "application/json; charset=utf-8")
            request.headers.add(name: "User-Agent", value: "consilod")
            request.body = .bytes(ByteBuffer(bytes: try SlackMessage.render(alert)))
            let deadline = ContinuousClock.now + timeout
            // The client's own limit ends with the head of the answer; the body needs ours.
            let response = try await client.execute(request, timeout: .nanoseconds(Int64(timeout / .nanoseconds(1))))
            let text = await Self.text(of: response, until: deadline)
            return Self.outcome(of: response, text: text, url: url, now: now)
        } catch {
            return Self.outcome(of: error)
        }
    }

    /// Whether the host of a channel can be reached. Asks for the host's front page, without the channel's own path: nothing
    /// is posted, and the host is not told which channel is meant.
    public func checkHost(of target: String) async -> DeliveryAttempt {
        guard var parts = URLComponents(string: target.trimmingCharacters(in: .whitespacesAndNewlines)),
            ["http", "https"].contains(parts.scheme?.lowercased() ?? ""), parts.host?.isEmpty == false
        else { return Self.notAnAddress }
        (parts.user, parts.password, parts.path, parts.query, parts.fragment) = (nil, nil, "/", nil, nil)
        guard let address = parts.string else { return Self.notAnAddress }
        do {
            var request = HTTPClientRequest(url: address)
            request.method = .HEAD
            request.headers.add(name: "User-Agent", value: "consilod")
            // Whatever it answers, it is there.
            _ = try await client.execute(request, timeout: .nanoseconds(Int64(timeout / .nanoseconds(1))))
            return .accepted
        } catch {
            return Self.outcome(of: error)
        }
    }

    private static func outcome(
        of response: HTTPClientResponse, text: String, url: URL, now: Timestamp
    ) -> DeliveryAttempt {
        let retryAfter = response.headers.first(name: "Retry-After").flatMap { RetryAfter.seconds($0, now: now) }
        var reason = "the channel answered \(response.status.code)"
        if let word = errorWord(in: text, from: url) { reason += " (\(word))" }
        switch response.status.code {
        case 200..<300: return .accepted
        case 408, 429, 500...: return .transient(reason: reason, retryAfterSeconds: retryAfter)
        case 300..<400: return .permanent(reason: reason + ": redirects are not followed")
        default: return .permanent(reason: reason)
        }
    }

    /// No error is described in its own words, which may contain the address; its type says enough to look further.
    private static func outcome(of error: any Error) -> DeliveryAttempt {
        let reason: String
        switch error as? HTTPClientError {
        case .invalidURL, .emptyHost, .emptyScheme: return notAnAddress
        case .connectTimeout, .tlsHandshakeTimeout: reason = "no connection to the channel in time"
        case .readTimeout, .writeTimeout, .deadlineExceeded: reason = "the channel did not answer in time"
        case .remoteConnectionClosed: reason = "the channel closed the connection without an answer"
        case .some: reason = "the request to the channel failed"
        case nil where error is CancellationError: reason = "the delivery was interrupted"
        case nil: reason = "no connection to the channel (\(type(of: error)))"
        }
        return .transient(reason: reason, retryAfterSeconds: nil)
    }

    /// The beginning of an answer, as far as it has come by the deadline; what is lost on the way does not change what
    /// the status said.
    private static func text(of response: HTTPClientResponse, until deadline: ContinuousClock.Instant) async -> String {
        await withTaskGroup(of: String?.self) { group in
            group.addTask { await beginning(of: response) }
            group.addTask {
                // Cancelled means that the text was there in time.
                try? await Task.sleep(until: deadline, clock: .continuous)
                return nil
            }
            var text = ""
            for await part in group {
                if let part { text = part }
                // At the deadline this ends the reading, which gives what it has.
                group.cancelAll()
            }
            return text
        }
    }

    private static func beginning(of response: HTTPClientResponse) async -> String {
        var bytes: [UInt8] = []
        do {
            for try await chunk in response.body {
                bytes += chunk.readableBytesView.prefix(answerLimit - bytes.count)
                if bytes.count == answerLimit { break }
            }
        } catch {}
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Slack's errors are a few plain words (`channel_is_archived`). Anything else, such as a page that repeats the
    /// address it was asked for, is not passed on.
    private static func errorWord(in text: String, from url: URL) -> String? {
        let text = text.trimmingCharacters(in: .whitespacesAndNewlines)
        let isPlain = text.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "_-. ".contains($0)) }
        guard !text.isEmpty, text.count <= 80, isPlain else { return nil }
        let secrets = (url.pathComponents + [url.query, url.user, url.password].compactMap(\.self))
            .filter { $0.count >= 4 }
        return secrets.contains { text.localizedCaseInsensitiveContains($0) } ? nil : text
    }
}
