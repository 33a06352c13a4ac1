import Domain
import Foundation
public import Store

extension ErasureParts {
    /// Reads texts for nothing but their lengths, and seals with a word.
    public static let plain = ErasureParts(
        seal: { "sealed:\($0)" },
        open: { sealed in
            guard sealed.hasPrefix("sealed:") else { throw StorageError(.corrupt, "not sealed here") }
            return String(sealed.dropFirst("sealed:".count))
        },
        model: { "wordlist-1" }, hash: { ContentHash("hash-\(checksum($0))") },
        residue: { text, mood, id in ErasedText(id: id, length: text.unicodeScalars.count, mood: mood) },
        staffing: { _ in ("Developer", "Remote") }, comment: { read($0) })

    /// Tells texts of tests apart, and says nothing of them (FNV-1a).
    public static func checksum(_ text: String) -> String {
        String(text.utf8.reduce(0xCBF2_9CE4_8422_2325 as UInt64) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }, radix: 16)
    }

    private struct Told: Decodable {
        var id: String
        var body: String
        var created: String
        var updated: String
    }

    private static func read(_ json: [UInt8]) -> Comment? {
        guard let told = try? JSONDecoder().decode(Told.self, from: Data(json)), let created = Timestamp(told.created),
            let updated = Timestamp(told.updated)
        else { return nil }
        return Comment(id: CommentID(told.id), author: nil, body: told.body, created: created, updated: updated)
    }
}
