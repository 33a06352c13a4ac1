public import Foundation

/// Where `script/test` installs what is compared with Stripe.
public enum StripePeers {
    private static let engine = Repository.folder.appendingPathComponent(".engine")

    /// Stripe's SDK for Python.
    public static let sdk = engine.appendingPathComponent("stripe")
    /// A stateful server of a part of Stripe's API.
    public static let localStripe = engine.appendingPathComponent("localstripe")

    /// For `.enabled(if:)`, with the reason that follows.
    public static let hasSDK = isInstalled(sdk)
    public static let noSDK = "stripe is not installed in .engine/stripe (script/lib/stripe.sh)"
    public static let hasLocalStripe = isInstalled(localStripe)
    public static let noLocalStripe = "localstripe is not installed in .engine/localstripe (script/lib/stripe.sh)"

    private static func isInstalled(_ folder: URL) -> Bool {
        FileManager.default.fileExists(atPath: folder.appendingPathComponent("version").path)
    }
}
