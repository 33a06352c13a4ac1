import AsyncHTTPClient
import Domain
import Foundation
import NIOCore
import NIOHTTP1
import Outbound

/// Posts messages to the address of a channel, for all kinds that speak HTTP.
///
/// The address of an incoming webhook is its password: no reason repeats it. Nor does a reason hold anything else that the
/// server sent but its status: a tenant chooses the address, and must not read with it what only this host can reach.
struct HTTPChannel: Sendable {
    /// What a channel's server answered.
    struct Answer: Sendable {
        /// The HTTP status, 100–599.
        var status: UInt
        /// The beginning of its body, as far as it came in time.
        var text: String
        /// What its Retry-After asks for.
        var retryAfterSeconds: Int64?

        /// What the status alone says. 408, 429 and 5xx may pass; any other refusal does not.
        ///
        /// - Parameter meaning: of the body, in words of ours.
        func outcome(meaning: String? = nil) -> DeliveryAttempt {
            let reason = "the channel answered \(status)" + (meaning.map { " (\($0))" } ?? "")
            return switch status {
            case 200..<300: .accepted
            case 408, 429, 500...: .transient(reason: reason, retryAfterSeconds: retryAfterSeconds)
            case 300..<400: .permanent(reason: reason + ": redirects are not followed")
            default: .permanent(reason: reason)
            }
        }
    }

    private static let notAnAddress = DeliveryAttempt.permanent(reason: "the channel's address is not a URL")
    /// As much of an answer as is read.
    private static let answerLimit = 1024
    /// How long the body of a success is waited for. The message was taken, or the body says at once that it was not.
    private static let patience = Duration.seconds(1)

    private let client: OutboundClient
    private let timeout: Duration

    /// A delivery takes `timeout` at most, the answer's body included, and the lookup of the host's name 10 s.
    ///
    /// - Parameter client: says which addresses are called; its owner shuts it down.
    init(client: OutboundClient, timeout: Duration = .seconds(20)) {
        self.client = client
        self.timeout = timeout
    }

    /// The lookup of the host's name, the answer's head, and its body.
    var longestDelivery: Duration { timeout + .seconds(15) }

    /// The host of an address; empty where it has none.
    static func host(of target: String) -> String {
        URL(string: target.trimmingCharacters(in: .whitespacesAndNewlines))?.host?.lowercased() ?? ""
    }

    /// Posts JSON to an http or https URL.
    ///
    /// - Parameter outcome: what an answer means. Where none came, the delivery failed for now; an address that must not be
    ///   called is a permanent failure.
    func post(
        _ body: Data, to target: String, headers: [(name: String, value: String)] = [], now: Timestamp,
        outcome: (Answer) -> DeliveryAttempt
    ) async -> DeliveryAttempt {
        let target = target.trimmingCharacters(in: .whitespacesAndNewlines)
        guard let url = URL(string: target), let scheme = url.scheme?.lowercased(), ["http", "https"].contains(scheme),
            url.host?.isEmpty == false
        else { return Self.notAnAddress }
        do throws(OutboundFailure) {
            var request = HTTPClientRequest(url: target)
            request.method = .POST
            request.headers.add(name: "Content-Type", value: "application/json; charset=utf-8")
            request.headers.add(name: "User-Agent", value: "consilod")
            for header in headers { request.headers.add(name: header.name, value: header.value) }
            request.body = .bytes(ByteBuffer(bytes: body))
            let deadline = ContinuousClock.now + timeout
            // The client's own limit ends with the head of the answer; the body needs ours.
            let response = try await client.execute(request, timeout: timeout)
            let isTaken = (200..<300).contains(response.status.code)
            let text = await Self.text(of: response, until: isTaken ? min(deadline, .now + Self.patience) : deadline)
            let retryAfter = response.headers.first(name: "Retry-After").flatMap { RetryAfter.seconds($0, now: now) }
            return outcome(Answer(status: response.status.code, text: text, retryAfterSeconds: retryAfter))
        } catch {
            return Self.outcome(of: error)
        }
    }

    /// Whether the host of a channel can be reached. Asks for the host's front page, without the channel's own path: nothing
    /// is posted, and the host is not told which channel is meant.
    func checkHost(of target: String) async -> DeliveryAttempt {
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
