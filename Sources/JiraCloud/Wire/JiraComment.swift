public import Domain
import Foundation

/// A comment alone, as it stands in a webhook or in an answer of the API.
public enum JiraComment {
    /// Reads the JSON object of a comment, as the fold of a webhook does; nil for what is no comment, or has no instant.
    public static func read(_ json: [UInt8]) -> Comment? {
        guard let data = try? PreparedBody(json).data,
            let payload = try? JSONDecoder().decode(CommentPayload.self, from: data)
        else { return nil }
        return payload.comment(toldAt: nil)
    }
}
