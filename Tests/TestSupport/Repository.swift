public import Foundation

/// The checkout that the tests were built from.
public enum Repository {
    /// Its top folder, which has `docs`, `script` and what scripts fetch in `.engine`.
    public static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()
}
