import HTTPTypes
import Hummingbird
import NIOCore

/// A file that pages load, under a path that changes with it, so that browsers may keep it indefinitely.
struct Asset: Sendable {
    let path: String
    let bytes: [UInt8]
    let type: String

    private init(_ bytes: [UInt8], suffix: String, type: String) {
        self.bytes = bytes
        self.type = type
        path = "/dashboard/assets/\(SessionToken(String(decoding: bytes, as: UTF8.self)).hash.prefix(16)).\(suffix)"
    }

    private init(script bytes: [UInt8]) { self.init(bytes, suffix: "js", type: "text/javascript; charset=utf-8") }

    static let stylesheet = Asset(PackageResources.dashboard_css, suffix: "css", type: "text/css; charset=utf-8")
    /// Runs the requests of the API reference.
    static let reference = Asset(script: PackageResources.reference_js)

    /// Loads a page's content again when something has changed.
    static let live = Asset(script: PackageResources.live_js)

    static let all = [stylesheet, reference, live]
}

/// Serves the ``Asset``s.
struct AssetsController: Sendable {
    func addRoutes(to group: RouterGroup<some RequestContext>) {
        for asset in Asset.all {
            group.get(RouterPath(asset.path)) { _, _ in
                Response(
                    status: .ok,
                    headers: [
                        .contentType: asset.type, .cacheControl: "public, max-age=31536000, immutable",
                        .xContentTypeOptions: "nosniff",
                    ],
                    body: ResponseBody(byteBuffer: ByteBuffer(bytes: asset.bytes)))
            }
        }
    }
}
