import Foundation

/// Free text in mail headers. Whatever goes in, what comes out is printable ASCII, and a line break in it is a correct
/// fold: text from Jira can add no header.
enum HeaderText {
    /// `atext` of RFC 5322, 3.2.3.
    static let atomBytes = Set(
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789!#$%&'*+-/=?^_`{|}~".utf8)

    /// For an unstructured header such as `Subject`: as it is where it is printable ASCII, else encoded words.
    static func unstructured(_ text: String) -> String {
        let isPlain = text.utf8.allSatisfy { (0x20...0x7E).contains($0) } && !text.contains("=?")
        return isPlain ? text : encodedWords(text)
    }

    /// For the name beside an address: as it is where it consists of atoms and spaces, else encoded words.
    static func phrase(_ text: String) -> String {
        let isPlain = text.utf8.allSatisfy { atomBytes.contains($0) || $0 == 0x20 } && !text.contains("=?")
        return isPlain ? text : encodedWords(text)
    }

    /// RFC 2047, base64, folded: each word holds whole characters and is short enough that the line it stands on, with
    /// `Subject: ` before it, keeps to 76 columns.
    private static func encodedWords(_ text: String) -> String {
        var chunks: [[UInt8]] = [[]]
        for scalar in text.unicodeScalars where scalar.properties.generalCategory != .control {
            let bytes = Array(String(scalar).utf8)
            if chunks[chunks.count - 1].count + bytes.count > 39 { chunks.append([]) }
            chunks[chunks.count - 1] += bytes
        }
        return chunks.map { "=?UTF-8?B?\(Data($0).base64EncodedString())?=" }.joined(separator: "\r\n ")
    }
}
