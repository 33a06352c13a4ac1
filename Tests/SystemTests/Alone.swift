import Testing

/// Lets one suite of this target run at a time; the tests within it run in parallel unless it is `.serialized` too.
/// `script/test` checks that every suite here has it.
struct Alone: SuiteTrait, TestScoping {
    private static let turn = Turn()

    func provideScope(
        for test: Test, testCase: Test.Case?, performing function: @Sendable () async throws -> Void
    ) async throws {
        await Self.turn.take()
        let result: Result<Void, any Error>
        do {
            result = .success(try await function())
        } catch {
            result = .failure(error)
        }
        await Self.turn.give()
        try result.get()
    }
}

extension SuiteTrait where Self == Alone {
    static var alone: Self { Self() }
}

/// Passed from one to the next, first come, first served.
private actor Turn {
    private var isTaken = false
    private var waiting: [CheckedContinuation<Void, Never>] = []

    func take() async {
        guard isTaken else {
            isTaken = true
            return
        }
        await withCheckedContinuation { waiting.append($0) }
    }

    func give() {
        guard !waiting.isEmpty else {
            isTaken = false
            return
        }
        waiting.removeFirst().resume()
    }
}
