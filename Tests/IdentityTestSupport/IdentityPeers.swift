import Foundation
import TestSupport

/// Where `script/test` installs what the tests compare with.
enum IdentityPeers {
    private static let engine = Repository.folder.appendingPathComponent(".engine")

    static let clerk = engine.appendingPathComponent("clerk")
    static let openID = engine.appendingPathComponent("openid")

    /// For `.enabled(if:)`, with the reason that follows.
    static let hasClerk = isInstalled(clerk)
    static let noClerk: String = "clerk-backend-api is not installed in .engine/clerk (script/lib/identity.sh)"
    static let hasOpenID = isInstalled(openID)
    static let noOpenID: String = "oidc-provider-mock is not installed in .engine/openid (script/lib/identity.sh)"

    private static func isInstalled(_ folder: URL) -> Bool {
        FileManager.default.fileExists(atPath: folder.appendingPathComponent("version").path)
    }
}
