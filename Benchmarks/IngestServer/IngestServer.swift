import Domain
import Foundation
import Hummingbird
import JiraCloud
import Logging
import NIOCore
import Store
import WebhookIngest
import WorkLoop

/// The real door on the real store, and beside it a route that reads the same body and does nothing: the benchmark's
/// sides in one process. Takes the path of a SQLite file or the address of a PostgreSQL database; prints
/// `port tenant-id`.
@main
struct IngestServer {
    static let secret = Array("benchmark".utf8)

    private struct OneSecret: WebhookSecretSource {
        func webhookSecrets(for tenantID: TenantID) -> [[UInt8]]? { [IngestServer.secret] }
    }

    static func main() async throws {
        let place = CommandLine.arguments[1]
        let store =
            if place.hasPrefix("postgresql:") {
                try await RiskStore.postgres(PostgresSettings(connectionString: place), now: .init(seconds: 0))
            } else {
                try await RiskStore.sqlite(path: place, now: .init(seconds: 0))
            }
        let tenant = TenantID(UUID())
        try await store.createTenant(
            NewTenant(
                tenant: Tenant(
                    id: tenant, companyName: "Benchmark", jiraURL: "https://\(tenant).example",
                    jiraEmail: "b@example.com",
                    plan: .starter, status: .active, limits: Plan.starter.limits, dailyRatePerPerson: 0,
                    createdAt: .init(seconds: 0), updatedAt: .init(seconds: 0), trialEndsAt: nil),
                jiraTokenEncrypted: "", apiKeyHash: "\(tenant)", webhookSecretID: UUID(), webhookSecretEncrypted: "",
                rules: []), by: .system("test"))
        let router = Router()
        WebhookController(
            secrets: OneSecret(), inbox: Inbox(store: store), decoder: JiraWebhookDecoder(),
            // The generator sends few bodies often: they must not count as sent again.
            limits: WebhookLimits(rememberedBodies: 1),
            threads: SharedThreads(processors: ProcessInfo.processInfo.activeProcessorCount),
            now: { Timestamp(milliseconds: Int64(Date().timeIntervalSince1970 * 1000)) }, nudge: {},
            logger: Logger(label: "ingest")
        ).addRoutes(to: router)
        router.post("/noop") { request, _ in
            _ = try await request.body.collect(upTo: 26_214_400)
            return HTTPResponse.Status.accepted
        }
        try await Application(
            router: router, configuration: .init(address: .hostname("127.0.0.1", port: 0)),
            onServerRunning: { channel in
                print(channel.localAddress?.port ?? 0, tenant)
                fflush(nil)
            }, logger: Logger(label: "http")
        ).runService()
    }

    private struct Inbox: WebhookInbox {
        let store: RiskStore
        func append(_ delivery: WebhookDelivery) async throws -> InboxOutcome { try await store.inbox.append(delivery) }
    }
}
