public import Foundation

/// The tiny models that `script/make-test-model` makes.
public enum TestModel {
    /// A folder with `tiny`, `tiny-torch`, … and `expected.json`.
    public static let fixtures = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().appendingPathComponent("FinBERTTests/Fixtures")

    /// A model of 16 wide and 2 layers that reads a few words of delivery talk as they are meant.
    public static let folder = fixtures.appendingPathComponent("tiny")
}
