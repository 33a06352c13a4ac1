import ArgumentParser
import Foundation

/// Which tenant of which daemon a command is about.
struct TenantArguments: ParsableArguments {
    @Option(help: "Address of the daemon.")
    var url = "http://127.0.0.1:8080"

    @Option(help: "Id of the tenant.")
    var tenant: String

    @Option(help: "File that holds the tenant's API key, or the admin token.")
    var keyFile: String

    func validate() throws {
        guard UUID(uuidString: tenant) != nil else { throw ValidationError("--tenant must be the id of a tenant") }
    }

    func daemon() throws -> DaemonClient {
        DaemonClient(url: url, key: try SecretFile.read(keyFile))
    }

    /// Where the daemon's API has the tenant.
    var path: String { "/api/tenants/\(tenant)" }
}
