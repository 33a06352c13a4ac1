extension Array where Element: Sendable {
    /// What `body` makes of each element, in their order, several at the same time.
    ///
    /// - Parameter most: how many at the same time.
    func concurrentMap<Result: Sendable>(
        atMost most: Int, _ body: @escaping @Sendable (Element) async -> Result
    ) async -> [Result] {
        await withTaskGroup(of: (Int, Result).self) { group in
            var (results, left) = ([(Int, Result)](), enumerated().makeIterator())
            func next() {
                guard let (index, element) = left.next() else { return }
                group.addTask { (index, await body(element)) }
            }
            for _ in 0..<most { next() }
            for await result in group {
                results.append(result)
                next()
            }
            return results.sorted { $0.0 < $1.0 }.map(\.1)
        }
    }
}
