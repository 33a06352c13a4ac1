import Foundation
import Yams

/// The OpenAPI 3.1 description of this API, in both its forms.
///
/// Its source is `openapi.yaml`, which is embedded in the binary, so that the daemon needs no file beside it.
struct OpenAPIDocument: Sendable {
    let yaml: String
    let json: String

    /// Parses the embedded document.
    ///
    /// - Parameter version: The daemon's version, which becomes `info.version`.
    /// - Throws: `YamlError` or `NotJSON` when the document is malformed, which the tests rule out.
    init(version: String) throws {
        yaml = QueryAPI.description(version: version)
        let root = try Yams.compose(yaml: yaml) ?? Node("")
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        json = String(decoding: try encoder.encode(try JSONValue(root)), as: UTF8.self)
    }
}

extension QueryAPI {
    /// The description of the API (OpenAPI 3.1) as YAML.
    ///
    /// - Parameter version: The daemon's version, which becomes `info.version`.
    public static func description(version: String) -> String {
        String(decoding: PackageResources.openapi_yaml, as: UTF8.self)
            .replacingOccurrences(of: "@VERSION@", with: version)
    }
}
