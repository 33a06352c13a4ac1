import HTTPTypes
import HummingbirdTesting
import Testing

@testable import DaemonTestSupport
@testable import WebhookIngest

@Suite struct SecurityHeadersTests {
    /// On a router that no other door has added anything to.
    @Test func everyAnswerOfTheDoorHasTheSecurityHeaders() async throws {
        try await IngestHarness().run { client in
            for secret in [IngestHarness.secret, nil] {
                let response = try await client.post(#"{"webhookEvent":"user_updated"}"#.utf8, secret: secret)
                #expect(response.status == (secret == nil ? .unauthorized : .accepted))
                #expect(response.headers[.xContentTypeOptions] == "nosniff")
                #expect(response.headers[.cacheControl] == "no-store")
            }
        }
    }
}
