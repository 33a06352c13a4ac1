import Domain
import Foundation
import Testing

@Suite struct CanonicalTextTests {
    @Test func writesUUIDsAsFoundationDoesInSmallLetters() {
        for _ in 0..<1000 {
            let uuid = UUID()
            #expect(uuid.canonicalText == uuid.uuidString.lowercased())
        }
    }

    @Test func sortsTenantsAsTheirTexts() {
        let tenants = (0..<200).map { _ in TenantID(UUID()) }
        #expect(tenants.sorted() == tenants.sorted { $0.description < $1.description })
    }
}
