import RiskEngine
import Testing

/// What of a comment is not the author's own sentence, and what is.
@Suite struct BlockerTextKindsTests {
    private func state(_ body: String) -> BlockerReader.Reading.State { BlockerReader(.default).read(body).state }

    @Test(arguments: [
        // addresses, links, attachments
        "See https://ci.example/job/we-are-blocked/", "www.example.com/waiting-for-legal", "mailto:blocked@example.com",
        "[the runbook|https://wiki.example/display/OPS/Blocker+handling]", "!blocked-screen.png!",
        "!we are blocked.png|thumbnail!", "[^blocked_users.csv]", "[no blockers|https://example.com/blocked]",
        "[Waiting for approval|https://wiki.example/Waiting+for+approval]", "[on-hold.pdf|https://example.com/1]",
        "see [Blocked by the vendor|https://example.com/42] for the rules",
        "[waiting_for_vendor.md](https://example.com/x)",
        // names of files and paths
        "The file blocked.csv is attached", "docs/on-hold/waiting-for-vendor.md is new", "C:\\blocked\\waiting-for",
        "/var/spool/blocked/", "Renamed is_blocked", "added waiting_for_vendor",
        // code and logs
        "{{we are blocked}}", "`waiting for the vendor`", "{code}\nwe are blocked\n{code}",
        "{noformat}waiting for the vendor{noformat}", "```\nwe are blocked by ops\n```",
        "2026-11-25 10:31:07,123 INFO we are waiting for the vendor", "10:31:07.123 [main] WARN we are blocked",
        "[2026-11-25 10:31:07] we are blocked by ops", "ERROR: we are blocked by ops",
        "\"pool-1-thread-1\" prio=5 tid=0x1 waiting on condition", "- waiting on <0x000000>  (a java.lang.Object)",
        "    at org.example.Worker.waiting(Worker.java:42)", "<status>we are blocked</status>",
        "{\"state\": \"we are blocked\"}",
        // struck out, ticked
        "-We are blocked by the vendor-", "(-waiting for legal-)", "{-}We are blocked{-}", "~~we are blocked~~",
        "* [x] we are blocked by ops", "(/) waiting for the vendor", "- [X] waiting for legal", "☑ we are blocked",
    ])
    func isNotRead(body: String) { #expect(state(body) != .open) }

    @Test(arguments: [
        "We are [blocked|https://example.com/x] by ops", "We are *block*ed by ops", "We are **block**ed by ops",
        "We are {*}block{*}ed by ops", "*We are blocked* by ops", "_Waiting_ for the vendor", "h3. Blocked by ops",
        "|Status|we are blocked by ops|", "{panel:title=State}We are blocked by ops{panel}",
        "* [ ] we are blocked by ops", "Blocked by https://jira.example/browse/PAY-17",
        "Waiting on a pull request https://git.example/pull/36", "We are waiting for {{libfoo}} 2.0",
        "- well, we are blocked - by ops", "We are blocked by a long-standing cross-team problem",
    ])
    func isRead(body: String) { #expect(state(body) == .open) }

    private static let quoted = "We are blocked by ops."

    @Test(arguments: [
        "On Mon, Nov 2, 2026 at 10:00 AM Ada Nowak <ada@example.com> wrote:\n\(quoted)",
        "On Mon, Nov 2, 2026 at 10:00 AM Ada Nowak\n<ada@example.com> wrote:\n\n\(quoted)",
        "Am 02.11.2026 um 10:00 schrieb Ada Nowak:\n\(quoted)",
        "Am Montag, 2. November 2026 schrieb Ada <a@b.example>:\n\(quoted)",
        "Ada Nowak schrieb am 02.11.2026 10:00:\n\(quoted)", "Ada Nowak wrote on 2026-11-02:\n\(quoted)",
        "Le lun. 2 nov. 2026 à 10:00, Ada a écrit :\n\(quoted)",
        "El lun, 2 nov 2026 a las 10:00, Ada escribió:\n\(quoted)",
        "From: Ada Nowak\nSent: Monday\nTo: Ben\nSubject: Export\n\n\(quoted)",
        "*From:* Ada Nowak\n*Date:* Monday\n\n\(quoted)", "Von: Ada Nowak\nGesendet: Montag\nAn: Ben\n\n\(quoted)",
        "-----Original Message-----\n\(quoted)", "-----Ursprüngliche Nachricht-----\n\(quoted)",
        "---------- Forwarded message ---------\n\(quoted)", "> \(quoted)", "-- \nAda Nowak\n\(quoted)",
        "{quote}\n\(quoted)\n{quote}", "bq. \(quoted)",
    ])
    func whatAMailProgramAddsIsNotRead(addition: String) {
        #expect(state("Looks good to me.\n\n\(addition)") == .none)
        #expect(state("We are still waiting for the vendor.\n\n\(addition)") == .open)
    }

    @Test func theAnswerBelowAQuoteIsRead() {
        #expect(state("On Monday, 2 Nov 2026, Ada wrote:\n> How far are you?\n\nWe are blocked by ops.") == .open)
        #expect(state("On Monday we are still blocked by ops") == .open)
        #expect(state("From: the vendor we have no answer yet.") == .open)
    }

    @Test func aWrappedLineIsOneSentence() {
        #expect(state("Everything is prepared for the rollout, but we are still\nwaiting for the vendor.") == .open)
        #expect(state("Removed the code by which the request handler was\nblocked by the vendor's driver.") == .none)
    }
}
