import Domain
import Outbound
import Testing

@Suite struct RetryAfterTests {
    @Test func retryAfterIsSecondsOrADate() {
        let now = Timestamp(seconds: 1_795_526_280)
        #expect(RetryAfter.seconds(" 120 ", now: now) == 120)
        #expect(RetryAfter.seconds("Tue, 24 Nov 2026 13:19:30 GMT", now: now) == 90)
        #expect(RetryAfter.seconds("Tue, 24 Nov 2026 13:18:10 GMT", now: now) == 10)
        #expect(RetryAfter.seconds("Tue, 24 Nov 2026 13:18:10 GMT", now: now.adding(milliseconds: 1)) == 10)
        #expect(RetryAfter.seconds("Tue, 24 Nov 2026 13:17:30 GMT", now: now) == 0)
        for text in ["", "-5", "-1", "soon", "1.5", "2026-11-24T13:18:10Z"] {
            #expect(RetryAfter.seconds(text, now: now) == nil, "\(text)")
        }
    }
}
