import Foundation
import TestSupport
import Testing

@testable import DaemonTestSupport

/// `consilod members`.
@Suite struct MembersCommandTests {
    @Test func peopleAreInvitedListedAndWithdrawn() async throws {
        let daemon = try DaemonProcess()
        try await daemon.start()
        let tenant = try await daemon.createTenant()
        func members(_ arguments: String...) async throws -> (status: Int32, output: String) {
            try await daemon.run(["members"] + arguments, as: tenant)
        }
        let invited = try await members("invite", "ada@acme.example", "--role", "viewer")
        #expect(invited.status == 0 && invited.output.contains("/dashboard/invitations/csli_"), "\(invited.output)")
        let list = try await members("list").output
        let line = try #require(list.split(separator: "\n").first { $0.contains("ada@acme.example") })
        #expect(line.contains("invited") && line.contains("viewer") && !list.contains("csli_"))
        let wrong = try await members("invite", "ada@acme.example", "--role", "king")
        #expect(wrong.status != 0)
        let unknown = try await members("role", UUID().uuidString, "owner")
        #expect(unknown.status != 0 && unknown.output.contains("Unknown member"), "\(unknown.output)")
        let withdrawn = try await members("remove", String(line.prefix { $0 != " " }))
        #expect(withdrawn.status == 0 && withdrawn.output.contains("withdrawn"), "\(withdrawn.output)")
        #expect(try await members("list").output.isEmpty)
        #expect(!daemon.log.contains("csli_") && !daemon.log.contains("ada@"))
    }
}
