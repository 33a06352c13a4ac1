import TestSupport
import Testing

@testable import FinBERT

@Suite struct TextWindowsTests {
    @Test func windowsHoldTheWholeTextInOrderAndEqualLengths() {
        var random = SeededGenerator(seed: 3)
        for _ in 0..<500 {
            let ids = (0..<Int.random(in: 0...2000, using: &random)).map(Int32.init)
            let limit = Int.random(in: 40...510, using: &random)
            let windows = TextWindows.cut(ids, limit: limit)
            #expect(windows.flatMap(\.self) == ids)
            #expect(windows.allSatisfy { $0.count <= limit })
            let lengths = windows.map(\.count)
            #expect((lengths.max() ?? 0) - (lengths.min() ?? 0) <= 1)
            #expect(windows.count == max(1, (ids.count + limit - 1) / limit))
        }
    }

    @Test func whatNoCommentCanHoldIsNotRead() {
        let windows = TextWindows.cut([Int32](repeating: 5, count: 1_000_000), limit: 510)
        #expect(windows.count == TextWindows.largestCount)
        #expect(windows.reduce(0) { $0 + $1.count } > 32_767)
    }
}
