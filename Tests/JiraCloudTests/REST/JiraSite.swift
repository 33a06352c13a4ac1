import Domain
import Foundation
import JiraCloud
import Logging
import Synchronization
import Outbound
import TestSupport

/// Time for a budget: sleeping moves it on, and is written down.
final class BudgetTime: Sendable {
    private let state = Mutex((now: Timestamp(seconds: 1_790_000_000), slept: [Duration]()))

    var now: Timestamp { state.withLock { $0.now } }
    /// All waits so far.
    var slept: [Duration] { state.withLock { $0.slept } }

    func sleep(_ duration: Duration) throws {
        try Task.checkCancellation()
        state.withLock {
            $0.slept.append(duration)
            $0.now = $0.now.adding(milliseconds: Int64(duration / .milliseconds(1)))
        }
    }

    /// Context with this time and the same "chance" always.
    func context(random: Double = 0.5) -> JiraBudget.Context {
        .init(now: { self.now }, sleep: { try self.sleep($0) }, random: { random })
    }
}

/// A transport that is shut down at the end.
func withTransport<Value>(
    _ policy: AddressPolicy = AddressPolicy(allowedHosts: ["127.0.0.1"]),
    timeout: Duration = .seconds(60), answerLimit: Int = 64 * 1_048_576,
    _ body: (JiraTransport) async throws -> Value
) async throws -> Value {
    let transport = JiraTransport(
        client: OutboundClient(policy: policy), timeout: timeout, answerLimit: answerLimit)
    do {
        let value = try await body(transport)
        try await transport.shutdown()
        return value
    } catch {
        try await transport.shutdown()
        throw error
    }
}

let quietLogger: Logger = {
    var logger = Logger(label: "test")
    logger.logLevel = .critical
    return logger
}()

extension SimulatedJira {
    /// A client of this site.
    func client(
        _ transport: JiraTransport, budget: JiraBudget = JiraBudget(context: BudgetTime().context()),
        token: String = SimulatedJira.token, fieldMapping: JiraFieldMapping = JiraFieldMapping()
    ) -> JiraClient {
        JiraClient(
            account: JiraAccount(siteURL: url + "/", email: SimulatedJira.email, token: token), transport: transport,
            budget: budget, fieldMapping: fieldMapping, gatewayURL: url, logger: quietLogger)
    }
}

/// What a call throws, or nil.
func failure<Value>(of call: () async throws(JiraError) -> Value) async -> JiraError? {
    do {
        _ = try await call()
        return nil
    } catch {
        return error
    }
}

let midday = Timestamp(seconds: 1_790_000_000)

/// Comments with numbers as bodies, a minute apart.
func comments(_ numbers: ClosedRange<Int>) -> [JSON] {
    numbers.map { number in
        let at = JSON.string(SimulatedJira.instant(midday.adding(seconds: Int64(number) * 60)))
        return .object([
            ("id", .string("\(10_000 + number)")), ("author", SimulatedJira.person("u-1", "Ada")),
            ("body", .string("comment \(number)")), ("created", at), ("updated", at),
        ])
    }
}

/// Changelog entries, a second apart.
func histories(_ numbers: ClosedRange<Int>) -> [JSON] {
    numbers.map { number in
        let at = JSON.string(SimulatedJira.instant(midday.adding(seconds: Int64(number))))
        return .object([
            ("id", .string("\(20_000 + number)")), ("author", SimulatedJira.person("u-1", "Ada")), ("created", at),
            ("items", .array([.object([("field", "summary"), ("toString", .string("\(number)"))])])),
        ])
    }
}
