import AsyncHTTPClient
public import Domain
import Foundation
import NIOCore
import NIOHTTP1
public import Outbound

/// Delivers alerts to a Slack incoming webhook, or to what speaks its language (Mattermost, Rocket.Chat, Discord's
/// `/slack`).
///
/// The address of the webhook is its password: no reason repeats it. Nor does a reason hold anything else that the server
/// sent but its status: a tenant chooses the address, and must not read with it what only this host can reach.
public struct SlackSink: AlertSink {
    private static let notAnAddress = DeliveryAttempt.permanent(reason: "the channel's address is not a URL")
    /// As much of an answer as is read.
    private static let answerLimit = 1024

    /// How long the body of a success is waited for. The message was taken, or the body says at once that it was not.
    private static let patience = Duration.seconds(1)

    private let client: OutboundClient
    private let timeout: Duration

    /// A delivery takes 20 s at most, the answer's body included, and the lookup of the host's name 10 s.
    ///
    /// - Parameter client: says which addresses are called; its owner shuts it down.
    public init(client: OutboundClient) { self.init(client: client, timeout: .seconds(20)) }

    init(client: OutboundClient, timeout: Duration) {
        self.client = client
        self.timeout = timeout
    }

    /// The lookup of the host's name, the answer's head, and its body.
    public var longestDelivery: Duration { timeout + .seconds(15) }

    /// A host that does not answer one message does not answer another.
    public var slowAfter: Duration? { nil }

    /// One message a second (https://api.slack.com/docs/rate-limits).
    public var pace: Duration? { .seconds(1) }

    /// The host of the webhook's address.
    public func peer(of channel: AlertChannel) -> String {
        URL(string: channel.target.trimmingCharacters(in: .whitespacesAndNewlines))?.host?.lowercased() ?? ""
    }

    /// A webhook posts to one place.
    public func recipients(of channel: AlertChannel) -> [String]? { nil }

    /// Posts the message to `channel.target`, an http or https URL. Transient for 408, 429, 5xx and where no answer comes;
    /// permanent for any other refusal and for an address that must not be called. A 2xx whose body says that
    /// the message was not taken is a failure.
    public func deliver(_ message: AlertMessage, to channel: AlertChannel, now: Timestamp) async -> DeliveryAttempt {
        let target = channel.target.trimmingCharacters(in: .whitespacesAndNewlines)
        guard let url = URL(string: target), let scheme = url.scheme?.lowercased(), ["http", "https"].contains(scheme),
            url.host?.isEmpty == false
        else { return Self.notAnAddress }
        do {
            var request = HTTPClientRequest(url: target)
            request.method = .POST
            request.headers.add(name: "Content-Type", value: "application/json; charset=utf-8")
            request.headers.add(name: "User-Agent", value: "consilod")
            request.body = .bytes(ByteBuffer(bytes: try SlackMessage.render(message)))
            let deadline = ContinuousClock.now + timeout
            // The client's own limit ends with the head of the answer; the body needs ours.
            let response = try await client.execute(request, timeout: timeout)
            let isTaken = (200..<300).contains(response.status.code)
            let text = await Self.text(of: response, until: isTaken ? min(deadline, .now + Self.patience) : deadline)
            return Self.outcome(of: response, text: text, now: now)
        } catch {
            return Self.outcome(of: OutboundFailure(error))
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
        do throws(OutboundFailure) {
            var request = HTTPClientRequest(url: address)
            request.method = .HEAD
            request.headers.add(name: "User-Agent", value: "consilod")
            // Whatever it answers, it can be reached.
            _ = try await client.execute(request, timeout: timeout)
            return .accepted
        } catch {
            return Self.outcome(of: error)
        }
    }

    private static func outcome(of response: HTTPClientResponse, text: String, now: Timestamp) -> DeliveryAttempt {
        let retryAfter = response.headers.first(name: "Retry-After").flatMap { RetryAfter.seconds($0, now: now) }
        var reason = "the channel answered \(response.status.code)"
        if let meaning = SlackError.meaning(of: text) { reason += " (\(meaning))" }
        switch response.status.code {
        case 200..<300 where !SlackError.isFailure(text): return .accepted
        case 200..<300 where SlackError.isTransient(text):
            return .transient(reason: reason, retryAfterSeconds: retryAfter)
        case 200..<300 where SlackError.meaning(of: text) == nil:
            return .permanent(reason: reason + " but did not take the message")
        case 408, 429, 500...: return .transient(reason: reason, retryAfterSeconds: retryAfter)
        case 300..<400: return .permanent(reason: reason + ": redirects are not followed")
        default: return .permanent(reason: reason)
        }
    }

    private static func outcome(of failure: OutboundFailure) -> DeliveryAttempt {
        switch failure {
        case .refused(.notAURL): return notAnAddress
        case .refused(.notHTTPS): return .permanent(reason: "the channel's address is not https")
        case .refused(.privateNetwork):
            return .permanent(
                reason: "the channel's host is on a private network; the operator can list it in alerts.allowed_hosts")
        case .cancelled: return .transient(reason: "the delivery was interrupted", retryAfterSeconds: nil)
        default: return .transient(reason: "the channel's host \(failure)", retryAfterSeconds: nil)
        }
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
}
