/// Something that a test takes for granted did not hold.
public struct Unexpected: Error, CustomStringConvertible {
    public let description: String
    public init(_ description: String) { self.description = description }
}

/// Waits for a state: asks until the condition holds. Throws ``Unexpected`` when it does not within the limit.
public func eventually(
    _ what: String, within limit: Duration = .seconds(180), _ condition: () async throws -> Bool
) async throws {
    let deadline = ContinuousClock.now + limit
    while !(try await condition()) {
        guard ContinuousClock.now < deadline else { throw Unexpected("waited \(limit) in vain until \(what)") }
        try await Task.sleep(for: .milliseconds(20))
    }
}
