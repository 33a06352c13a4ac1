import Testing

@testable import WorkLoop

@Suite struct WorkLoopTests {
    @Test(arguments: [Duration.milliseconds(7), .seconds(1), .seconds(5), .seconds(15)])
    func looksOfOneIntervalFallTogether(_ interval: Duration) {
        var instant = ContinuousClock.now
        for step in 0..<1000 {
            let next = WorkLoop.next(interval, after: instant)
            #expect(next > instant && next - instant <= interval * 2)
            // Whoever asks before that instant gets the same one.
            let between = instant.advanced(by: (next - instant) * 0.9)
            let again = WorkLoop.next(interval, after: between)
            #expect(again - next < .microseconds(1) && next - again < .microseconds(1))
            instant = next.advanced(by: .microseconds(step))
        }
    }

    @Test func loopsWithAnOffsetShareAnInterval() {
        let now = ContinuousClock.now
        // Four loops look every four seconds, so that one of them looks each second.
        let next = (0..<4).map { WorkLoop.next(.seconds(4), .seconds($0), after: now) }.sorted()
        for (one, other) in zip(next, next.dropFirst()) {
            #expect(other - one > .milliseconds(999) && other - one < .milliseconds(1001))
        }
        #expect(next[0] - now < .milliseconds(1001))
    }

    @Test func itLooksAtOnceAndAtEachWakeUp() async {
        let (nudges, nudge) = AsyncStream.makeStream(of: Void.self)
        await withTaskGroup(of: Void.self) { group in
            let (turns, turn) = AsyncStream.makeStream(of: Void.self)
            group.addTask { await WorkLoop.run(every: .seconds(3600), nudges: nudges) { turn.yield() } }
            var seen = turns.makeAsyncIterator()
            await seen.next()
            for _ in 0..<3 {
                nudge.yield()
                await seen.next()
            }
            group.cancelAll()
        }
    }

    @Test func itLooksAtWakeUpsOfEachSource() async {
        let (first, second) = (Nudge(), Nudge())
        await withTaskGroup(of: Void.self) { group in
            let (turns, turn) = AsyncStream.makeStream(of: Void.self)
            group.addTask {
                await WorkLoop.run(every: .seconds(3600), nudges: first.stream, second.stream) { turn.yield() }
            }
            var seen = turns.makeAsyncIterator()
            await seen.next()
            for nudge in [first, second, first, second] {
                nudge()
                await seen.next()
            }
            group.cancelAll()
        }
    }

    @Test func withoutWakeUpsItLooksAtEachInterval() async {
        await withTaskGroup(of: Void.self) { group in
            let (turns, turn) = AsyncStream.makeStream(of: Void.self)
            group.addTask {
                await WorkLoop.run(every: .milliseconds(20), nudges: AsyncStream { _ in }) { turn.yield() }
            }
            var seen = turns.makeAsyncIterator()
            let began = ContinuousClock.now
            for _ in 0..<4 { await seen.next() }
            // The first look is at once, and three intervals have passed at least in part.
            #expect(ContinuousClock.now - began >= .milliseconds(40))
            group.cancelAll()
        }
    }
}
