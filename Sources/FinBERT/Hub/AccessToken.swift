import Foundation

/// A token of the Hugging Face hub (`hf_…`). It describes itself as hidden, so that no log and no error can hold it.
public struct AccessToken: Sendable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    let value: String

    /// Takes white space off both ends. Throws ``ModelDownloadError`` when nothing is left, or something that cannot
    /// be sent in a header.
    public init(_ text: String) throws {
        let value = text.trimmingCharacters(in: .whitespacesAndNewlines)
        guard !value.isEmpty, value.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            throw ModelDownloadError(.malformedSetting, "the access token is empty or has characters that no token has")
        }
        self.value = value
    }

    public var description: String { "(hidden)" }
    public var debugDescription: String { description }
    public var customMirror: Mirror { Mirror(self, children: [] as [Mirror.Child]) }
}
