"""Two sprints of a payments team: who did and said what, when. All texts are invented for this demo.

PAY is being moved to a new gateway, "Nordpay"; APP is the mobile app that sells with it. Times are `MM-DD HH:MM` of
2026 in the time zone of the person. The story ends on Wednesday, 4 March, a day before the sprint does, with the
gateway blocked again and a release at stake.
"""

import random
import re
from dataclasses import replace
from datetime import datetime, timedelta, timezone

from jira_site import Issue, Person, Project, Sprint

BOARD_ID = 7

MAYA = Person("5f0a61c2b7e4d10068a1c001", "Maya Okafor (Engineering Manager)", "Europe/London", 0)
LENA = Person("5f0a61c2b7e4d10068a1c002", "Lena Brandt (Product Manager)", "Europe/Berlin", 1)
JONAS = Person("5f0a61c2b7e4d10068a1c003", "Jonas Weber (Senior Developer)", "Europe/Berlin", 1)
PRIYA = Person("5f0a61c2b7e4d10068a1c004", "Priya Nair (Developer)", "Asia/Kolkata", 5.5)
TOMASZ = Person("5f0a61c2b7e4d10068a1c005", "Tomasz Zieliński (DevOps)", "Europe/Warsaw", 1)
EMILY = Person("5f0a61c2b7e4d10068a1c006", "Emily Carter (QA)", "America/New_York", -5)
DIEGO = Person("5f0a61c2b7e4d10068a1c007", "Diego Ferreira (Mobile Developer)", "America/Sao_Paulo", -3)
PEOPLE = {person.name.split()[0]: person for person in (MAYA, LENA, JONAS, PRIYA, TOMASZ, EMILY, DIEGO)}

PAY = Project("10010", "PAY", "Payments")
APP = Project("10011", "APP", "Mobile App")

STEPS = []
"""Every step of the story: its time, and what it does to the site."""


def moment(text, person):
    """Milliseconds since the epoch of `MM-DD HH:MM` on a person's clock."""
    clock = timezone(timedelta(hours=person.utc_offset))
    return int(datetime.strptime(f"2026-{text}", "%Y-%m-%d %H:%M").replace(tzinfo=clock).timestamp()) * 1000


def issue(key, type, summary, reporter, created, *steps, description=None, **fields):
    """An issue and what happens to it: steps of (time, person, action), in order."""
    project = PAY if key.startswith("PAY") else APP
    id = str((11000 if project is PAY else 12000) + int(key.split("-")[1]))
    at = moment(created, reporter)

    def appear(site, at):
        new = Issue(id, key, project, type, summary, description, reporter, at, at, **fields)
        if at < moment("02-04 00:00", LENA):
            site.import_issue(new)
        else:
            site.create_issue(at, reporter, new)

    STEPS.append((at, appear))
    for time, person, act in steps:
        step = moment(time, person)
        assert step > at, f"{key}: {time} is not after the step before"
        at = step
        STEPS.append((at, lambda site, at, person=person, act=act: act(site, at, person, key)))


def change(**fields):
    return lambda site, at, by, key: site.change(at, by, key, **fields)


def say(text):
    """A comment in wiki markup; `@Name` mentions somebody."""
    return lambda site, at, by, key: site.comment(at, by, key, markup(text))


def say_document(text):
    """A comment as a document in the Atlassian Document Format."""
    return lambda site, at, by, key: site.comment(at, by, key, document(text))


def edit(index, text):
    return lambda site, at, by, key: site.edit_comment(at, by, key, index, markup(text))


def delete_comment(index):
    return lambda site, at, by, key: site.delete_comment(at, by, key, index)


def log(minutes, text):
    return lambda site, at, by, key: site.log_work(at, by, key, minutes, text)


def blocks(other):
    return lambda site, at, by, key: site.link(at, key, other)


def delete():
    return lambda site, at, by, key: site.delete_issue(at, by, key)


def markup(text):
    return re.sub(r"@(\w+)", lambda name: f"[~accountid:{PEOPLE[name[1]].account_id}]", text)


def document(text):
    """Paragraphs are parted by empty lines; `@Name` mentions somebody."""
    def inline(piece):
        if piece.startswith("@"):
            person = PEOPLE[piece[1:]]
            return {"type": "mention", "attrs": {"id": person.account_id, "text": f"@{person.name}"}}
        return {"type": "text", "text": piece}

    return {"type": "doc", "version": 1, "content": [
        {"type": "paragraph", "content": [inline(piece) for piece in re.split(r"(@\w+)", paragraph) if piece]}
        for paragraph in text.split("\n\n")
    ]}


def play(site):
    """Plays the whole story. Seconds and milliseconds within a step's minute are drawn with a fixed seed."""
    jitter = random.Random(14)
    for minute, act in sorted(STEPS, key=lambda step: step[0]):
        act(site, minute + jitter.randrange(50_000))
    site.sent.sort(key=lambda body: body["timestamp"])


TO_DO, IN_PROGRESS, BLOCKED, IN_REVIEW, DONE = "To Do", "In Progress", "Blocked", "In Review", "Done"
start = change(status=IN_PROGRESS)
review = change(status=IN_REVIEW)
done = change(status=DONE)
block = change(status=BLOCKED)
reopen = change(status=IN_PROGRESS)
plan_14 = change(sprints=[114])
plan_15 = change(sprints=[115])

# Sprints, and events that no issue needs


def sprint(id, name, goal, starts, ends):
    return Sprint(id, name, goal, moment(starts, MAYA), moment(ends, MAYA))


def site_step(time, act):
    STEPS.append((moment(time, MAYA), act))


SPRINT_14 = sprint(114, "Sprint 14", "Nordpay: first capture in the sandbox", "02-05 09:30", "02-19 09:00")
SPRINT_15 = sprint(115, "Sprint 15", "Nordpay: ready to cut over; app 5.8 in the stores", "02-19 09:30", "03-05 17:00")
site_step("02-04 09:00", lambda site, at: site.create_sprint(at, replace(SPRINT_14)))
site_step("02-05 09:31", lambda site, at: site.start_sprint(at, 114))
site_step("02-16 15:10", lambda site, at: site.create_sprint(at, replace(SPRINT_15)))
site_step("02-19 09:00", lambda site, at: site.close_sprint(at, MAYA, 114, 115))
site_step("02-19 10:05", lambda site, at: site.start_sprint(at, 115))
# A kind of event that says nothing about risk: kept and marked as ignored.
site_step("02-12 11:20", lambda site, at: site.send_raw(at, "board_created", board={
    "id": 9, "self": "https://example.atlassian.net/rest/agile/1.0/board/9", "name": "Incidents", "type": "kanban"}))
# Jira once left the issue out: valid JSON that cannot be understood, kept and marked with the reason.
site_step("02-24 13:40", lambda site, at: site.send_raw(
    at, "jira:issue_updated", issue_event_type_name="issue_updated", changelog={"id": "41999", "items": []}))

# The gateway

issue("PAY-118", "Epic", "Move card payments to the Nordpay gateway", MAYA, "01-12 09:40",
      ("02-04 09:40", MAYA, change(due="2026-03-06")),
      ("02-04 09:55", MAYA, say_document("Kick-off done. The old contract ends on 31 March, so cut-over has to "
                                         "happen in the first week of March. Jonas leads capture and refund, Priya "
                                         "takes tokens and 3DS.")),
      ("02-13 16:30", MAYA, say("Weekly: first capture went through the sandbox on Thursday, good progress. 3DS is "
                                "the open question, see PAY-143.")),
      ("02-20 16:05", MAYA, say("Weekly: capture and refund are code complete, tokens are two days behind schedule "
                                "because of the 3DS outage on their side. I am a bit worried about the date.")),
      ("02-27 15:50", MAYA, say("Weekly: 3DS works again since Wednesday, we are back on track. Rehearsal is "
                                "planned for 3 March.")),
      ("03-03 17:20", MAYA, say_document("The rehearsal failed. Production credentials are rejected and 3DS is down "
                                         "again, Nordpay gives us no answer on either. I have escalated to their "
                                         "account manager.")),
      ("03-04 13:15", LENA, say("This is a serious problem for us. The old gateway switches off on the 31st and "
                                "every week of delay costs the second contract. Who has the plan B?")),
      ("03-04 15:02", MAYA, change(due="2026-03-13")),
      ("03-04 15:10", MAYA, say("Moved by a week, and I am afraid even that is risky as long as PAY-141 is blocked.")),
      priority="High", status=IN_PROGRESS, assignee=MAYA, labels=["nordpay"],
      description=document("All card payments run over Nordpay before the contract with the old gateway ends on "
                           "31 March.\n\nOut of scope: gift cards."))

issue("PAY-141", "Story", "Capture and refund through the Nordpay API", LENA, "02-04 10:12",
      ("02-04 10:20", LENA, change(assignee=JONAS)),
      ("02-04 10:30", LENA, blocks("PAY-118")),
      ("02-04 15:30", JONAS, change(points=13)),
      ("02-04 15:34", LENA, plan_14),
      ("02-05 10:05", JONAS, start),
      ("02-05 10:40", JONAS, say("Plan: a NordpayClient behind the existing PaymentProvider interface, captures "
                                 "first, partial refunds after that. The old provider stays selectable per "
                                 "merchant.")),
      ("02-06 17:10", JONAS, log(300, "Client, signing of requests")),
      ("02-09 11:15", JONAS, say("Ich warte auf die Firewall-Freigabe (PAY-144), ohne die kommt kein Request beim "
                                 "Sandbox-Endpoint an.")),
      ("02-10 14:25", TOMASZ, say("Rule is live since 14:10, please try again.")),
      ("02-10 15:02", JONAS, say("Läuft, danke! Damit nicht mehr blockiert.")),
      ("02-12 16:45", JONAS, say("First capture and void in the sandbox, both ledger entries are correct.")),
      ("02-12 17:20", LENA, say("Great, thank you both! Screenshot goes into the Friday demo.")),
      ("02-13 12:10", JONAS, change(due="2026-02-27")),
      ("02-17 18:40", JONAS, log(420, "Partial refunds, mapping of decline codes")),
      ("02-18 16:15", JONAS, say("Their decline codes are documented for 40 cases and return 61. I mapped the rest "
                                 "by trying the test cards one after the other.")),
      ("02-20 11:30", JONAS, review),
      ("02-20 17:10", PRIYA, say("Reviewed the first half. Retry logic looks good, one question about the timeout "
                                 "in the refund path.")),
      ("02-23 10:20", JONAS, say("Timeout is now 8 s with one retry on the same idempotency key, see the second "
                                 "commit.")),
      ("02-24 11:45", TOMASZ, blocks("PAY-157")),
      ("02-25 12:35", JONAS, change(assignee=EMILY)),
      ("02-26 10:40", EMILY, say("Test plan is attached: 24 cases, 19 pass so far. The remaining five need 3DS, "
                                 "which works again since yesterday.")),
      ("02-27 11:05", EMILY, say("22 of 24 pass. Two refunds after a partial capture fail with code NP-4019, the "
                                 "amount is wrong by the shipping fee.")),
      ("02-27 11:20", EMILY, change(assignee=JONAS, status=IN_PROGRESS)),
      ("02-27 17:40", LENA, change(due="2026-03-03")),
      ("03-02 10:50", JONAS, say("NP-4019 is understood: they count shipping as a separate line item. Pushed a "
                                 "change, the two cases are green on my side.")),
      ("03-02 15:30", EMILY, say("Confirmed, 24 of 24 pass in the sandbox.")),
      # The last day and a half
      ("03-03 10:35", JONAS, say("The first call with the production credentials fails: 401 on every request. Same "
                                 "code, same signature, the sandbox accepts it.")),
      ("03-03 14:20", JONAS, say("Wir sind blockiert: Nordpay hat den Produktionszugang nicht freigeschaltet. "
                                 "Ticket NP-88213, Priorität 1, bisher keine Antwort vom Dienstleister.")),
      ("03-03 18:10", JONAS, block),
      ("03-03 22:48", JONAS, say("Still failing at 22:45. Their status page is green, their support chat closes at "
                                 "18:00. Very frustrating.")),
      ("03-04 09:20", JONAS, say("Immer noch keine Rückmeldung. Ohne Zugang ist die Umstellung am Freitag "
                                 "unmöglich, das Risiko steigt mit jedem Tag.")),
      ("03-04 09:50", TOMASZ, say("I ruled out our network: from their own test host the key is rejected, too. The "
                                  "account is simply broken.")),
      ("03-04 14:40", PRIYA, say("Compared every header with the sandbox, our side is identical. Another day lost "
                                 "on this.")),
      ("03-04 11:42", LENA, say_document("@Jonas @Maya I have the vendor on the phone: they admit that the contract "
                                         "was never moved to production. They cannot promise anything before 9 "
                                         "March.\n\nThis is unacceptable and I will escalate.")),
      ("03-04 12:05", LENA, change(due="2026-03-09", priority="Highest")),
      ("03-04 10:12", EMILY, say("3DS in the sandbox is failing again as well, so I can't even re-run the "
                                 "regression. My whole test plan is stuck.")),
      ("03-04 16:25", MAYA, say("Two merchants of the first wave asked why they saw failed shadow requests. I had to "
                                "tell them that the date is at risk.")),
      ("03-04 11:30", EMILY, change(assignee=MAYA)),
      ("03-04 16:40", MAYA, change(assignee=JONAS)),
      ("03-04 17:46", JONAS, say("Neue Antwort von Nordpay: die Freischaltung ist verzögert, weil ein Formular "
                                 "fehlt, das uns nie jemand geschickt hat. Wir warten auf den Vendor und verlieren "
                                 "den Termin. Leider kein Fortschritt heute.")),
      priority="High", parent="PAY-118", labels=["nordpay"],
      description="As a merchant I want captures and refunds to run over Nordpay, so that we can leave the old "
                  "gateway.\n\nh3. Done when\n* capture, void, refund and partial refund work\n* the ledger entries "
                  "are the same as today\n* the provider can be chosen per merchant")

issue("PAY-142", "Story", "Tokenise stored cards for Nordpay", LENA, "02-04 10:25",
      ("02-04 10:27", LENA, change(assignee=PRIYA, points=8)),
      ("02-04 15:36", LENA, plan_14),
      ("02-06 11:10", PRIYA, start),
      ("02-06 17:35", PRIYA, say("The migration needs network tokens for about 310,000 stored cards. Nordpay takes "
                                 "batches of 5,000, so one night is enough.")),
      ("02-09 16:45", DIEGO, blocks("APP-97")),
      ("02-11 12:20", PRIYA, say("Each new token asks for a 3DS challenge, and those answer 502 at the moment. "
                                 "Blocked by PAY-143.")),
      ("02-16 11:00", PRIYA, say("Did the batch import against a recorded response in the meantime. 5,000 cards in "
                                 "four minutes.")),
      ("02-25 17:45", PRIYA, say("3DS answers again, so this is unblocked. Thanks @Tomasz for nagging them.")),
      ("02-26 18:30", PRIYA, log(360, "Batch import against the sandbox")),
      ("02-27 15:20", PRIYA, review),
      ("03-02 11:05", JONAS, say("Sehr gut lesbar, zwei Kleinigkeiten im Batch-Import, sonst einverstanden.")),
      ("03-02 18:10", PRIYA, say("Both done. Merging after the rehearsal.")),
      ("03-04 19:10", PRIYA, say("Token creation fails with the same 502 as in February. I cannot merge this, the "
                                 "import is blocked by PAY-143 once more.")),
      ("03-04 20:15", PRIYA, block),
      priority="High", parent="PAY-118", labels=["nordpay"])

issue("PAY-143", "Bug", "Nordpay sandbox answers 502 to 3-D Secure challenges", PRIYA, "02-09 13:05",
      ("02-09 13:20", PRIYA, change(assignee=PRIYA, priority="High", points=3)),
      ("02-09 13:24", PRIYA, blocks("PAY-141")),
      ("02-09 13:26", PRIYA, blocks("PAY-142")),
      ("02-09 15:40", LENA, plan_14),
      ("02-09 15:45", LENA, change(due="2026-02-20")),
      ("02-10 12:30", PRIYA, say("Every challenge request ends in\n{noformat}\nHTTP/1.1 502 Bad Gateway\nvia: 1.1 "
                                 "edge-np-fra\n{noformat}\nafter exactly 30 s. Opened NP-87104 with the vendor.")),
      ("02-11 12:40", PRIYA, block),
      ("02-13 17:15", PRIYA, say("Vendor says it is a known problem in Frankfurt and that a fix is delayed until "
                                 "next week.")),
      ("02-17 16:50", PRIYA, say("No response since Friday. Still waiting for their 3DS team.")),
      ("02-19 14:20", LENA, change(due="2026-02-27")),
      ("02-19 14:30", TOMASZ, say("I called their hotline. They lost our ticket and opened it again as NP-87440. "
                                  "Not amused.")),
      ("02-24 10:45", TOMASZ, say("They rolled out a fix this morning, our probe has been green for an hour.")),
      ("02-25 17:30", PRIYA, say("200 challenges in a row without an error. Resolved, unblocked now, thanks "
                                 "@Tomasz.")),
      ("02-25 17:50", PRIYA, done),
      ("03-03 19:40", PRIYA, reopen),
      ("03-03 19:55", PRIYA, say("It is back: 502 on every challenge since 14:00 UTC. The same broken edge in "
                                 "Frankfurt.")),
      ("03-03 23:45", DIEGO, blocks("APP-107")),
      ("03-04 09:35", TOMASZ, say("Our probe failed all night. NP-87440 was closed by them without a comment, I "
                                  "opened NP-88240. We are waiting for the vendor again, and I have no confidence "
                                  "left in their dates, sorry.")),
      ("03-04 14:25", PRIYA, block),
      ("03-04 19:20", PRIYA, say("Vendor answer: \"scheduled for the release of 9 March\". That is too late for us, "
                                 "the tokens and the regression are both stuck because of it.")),
      ("03-04 15:35", MAYA, say("Escalated. This is the second outage in four weeks and their silence is "
                                "unacceptable. We are still waiting for a root cause.")),
      ("03-04 11:10", EMILY, say("I could not run a single 3DS case today, 40 of 96 checks are blocked. This is "
                                 "getting critical for both projects.")),
      parent="PAY-118", labels=["nordpay", "vendor"])

issue("PAY-144", "Task", "Firewall rule to Nordpay's EU endpoint", JONAS, "02-06 14:10",
      ("02-06 14:12", JONAS, change(assignee=TOMASZ, points=1)),
      ("02-06 14:15", JONAS, plan_14),
      ("02-06 14:18", JONAS, blocks("PAY-141")),
      ("02-09 09:50", TOMASZ, start),
      ("02-09 10:10", TOMASZ, say("Their address range changed last autumn, the document in the wiki is two years "
                                  "old. Waiting for the current list from Nordpay.")),
      ("02-10 14:12", TOMASZ, say("List arrived, rule is live in staging and production.")),
      ("02-10 15:05", JONAS, say("Unblocked now, thanks!")),
      ("02-10 15:20", TOMASZ, done),
      priority="High", labels=["nordpay"])

issue("PAY-157", "Task", "Cut-over plan and rollback rehearsal for Nordpay", MAYA, "02-23 10:15",
      ("02-23 10:18", MAYA, change(assignee=TOMASZ, points=3)),
      ("02-23 10:20", MAYA, plan_15),
      ("02-23 10:25", MAYA, change(due="2026-03-04")),
      ("02-24 11:40", TOMASZ, start),
      ("02-24 16:30", TOMASZ, say("Draft is in the wiki: three waves of merchants, one switch per wave, the way "
                                  "back in under five minutes by configuration.")),
      ("02-25 11:15", MAYA, say("Read it, very clear. Please add who is on call for which wave.")),
      ("02-26 15:45", TOMASZ, say("Added. Rehearsal is on 3 March at 15:00 UTC with the first two merchants in "
                                  "shadow mode.")),
      ("03-03 18:25", TOMASZ, say("Rehearsal failed in the first minute: production credentials are rejected, see "
                                  "PAY-141. Rollback itself worked in 3 min 40 s.")),
      ("03-04 10:05", TOMASZ, say("I cannot proceed with the second rehearsal, everything hangs on PAY-141. We will "
                                  "not make Friday.")),
      ("03-04 16:20", MAYA, change(due="2026-03-10")),
      priority="High", parent="PAY-118", labels=["nordpay"])

issue("PAY-152", "Task", "Load test of the authorisation path", MAYA, "02-11 11:00",
      ("02-11 11:05", MAYA, change(assignee=TOMASZ, points=5)),
      ("02-19 10:30", MAYA, plan_15),
      ("02-20 10:10", TOMASZ, start),
      ("02-20 15:35", TOMASZ, say("The test environment is down since the node pool upgrade, so nothing to load. "
                                  "Blocked on the platform team.")),
      ("02-20 15:40", TOMASZ, block),
      ("02-23 13:50", TOMASZ, say("Second day without an environment. Frustrating, but at least they know the "
                                  "cause: the new kernel breaks the storage driver.")),
      ("02-24 14:05", TOMASZ, say("Environment is back. Unblocked now, thanks to the platform team for the late "
                                  "shift.")),
      ("02-24 14:10", TOMASZ, change(status=IN_PROGRESS)),
      ("02-26 17:20", TOMASZ, log(330, "Three runs, report")),
      ("02-27 10:30", TOMASZ, say_document("450 authorisations per second at p99 310 ms, three times our Black "
                                           "Friday peak. The limit is the connection pool, not Nordpay.")),
      ("02-27 10:50", TOMASZ, done),
      labels=["nordpay"])

# The rest of PAY

issue("PAY-127", "Story", "Idempotency keys for refunds", LENA, "01-20 14:00",
      ("02-05 11:20", PRIYA, review),
      ("02-05 15:45", JONAS, say("Looks good. One test for the expired key would be nice.")),
      ("02-06 12:15", PRIYA, say("Test added, all green.")),
      ("02-06 12:50", PRIYA, done),
      status=IN_PROGRESS, assignee=PRIYA, points=5, sprints=[114])

issue("PAY-131", "Bug", "JPY amounts are rounded to cents in the settlement report", EMILY, "01-23 11:00",
      ("02-06 09:40", EMILY, say("Still there in this week's file: ¥1200 shows as 12.00.")),
      ("02-06 20:35", PRIYA, start),
      ("02-09 12:05", PRIYA, say("Exponent comes from ISO 4217 now instead of a constant 2. Also covers KWD and "
                                 "ISK.")),
      ("02-09 12:10", PRIYA, review),
      ("02-10 10:30", EMILY, say("Verified with JPY, KWD and ISK. Thanks!")),
      ("02-10 10:32", EMILY, done),
      status=TO_DO, assignee=PRIYA, points=2, sprints=[114])

issue("PAY-134", "Task", "Rotate the certificates of the settlement SFTP", TOMASZ, "01-28 10:00",
      ("02-05 10:50", TOMASZ, start),
      ("02-09 15:25", TOMASZ, say("The bank wants the new public key on paper, signed by two directors. Waiting for "
                                  "the signatures.")),
      ("02-12 16:40", MAYA, change(due="2026-02-20")),
      ("02-16 11:30", MAYA, say("Signed and sent by courier this morning.")),
      ("02-18 13:05", TOMASZ, say("Bank confirmed, the old key expires on Sunday. That was a lot of paper, but it "
                                  "is resolved.")),
      ("02-18 13:15", TOMASZ, done),
      status=TO_DO, assignee=TOMASZ, points=2, sprints=[114], due="2026-02-13")

issue("PAY-136", "Story", "Nightly reconciliation against the ledger", LENA, "01-29 15:20",
      ("02-06 10:35", PRIYA, say("Will start when PAY-127 is in, both touch the same table.")),
      ("02-10 11:50", PRIYA, start),
      ("02-12 16:10", PRIYA, say("First run over January: 1.4 million rows, 17 differences, old chargebacks")),
      ("02-18 17:05", PRIYA, log(240, "Report of differences")),
      ("02-24 12:25", PRIYA, say("Differences now come as a CSV with a reason each. Lena, please look whether "
                                 "finance can work with that.")),
      ("02-25 09:55", LENA, say("Finance is happy, they want the file at 06:00.")),
      ("02-27 13:10", PRIYA, review),
      ("03-03 12:20", PRIYA, done),
      status=TO_DO, assignee=PRIYA, points=8, sprints=[114])

issue("PAY-145", "Bug", "Duplicate capture when the client times out", EMILY, "02-05 12:15",
      ("02-05 17:20", MAYA, change(priority="Highest", assignee=JONAS, points=3)),
      ("02-05 17:40", MAYA, plan_14),
      ("02-05 19:20", JONAS, say("Reproduced. The retry creates a new payment intent when the first answer arrives "
                                 "after the timeout. 14 customers were charged twice this week, that is a serious "
                                 "problem.")),
      ("02-06 09:15", JONAS, start),
      ("02-06 15:20", LENA, say("Support has 14 complaints and all have been refunded.")),
      ("02-07 11:30", JONAS, say("Fix is on staging, I did not want to leave this over the weekend.")),
      ("02-09 10:40", EMILY, done),
      ("02-11 14:30", EMILY, say("Reopening: it still happens when the second click comes from another device.")),
      ("02-11 14:32", EMILY, reopen),
      ("02-12 11:10", JONAS, say("Der Schlüssel hing am Gerät statt am Warenkorb. Behoben, Test für zwei Geräte ist "
                                 "dabei.")),
      ("02-12 11:15", JONAS, review),
      ("02-13 09:50", EMILY, say("Two devices, three browsers, airplane mode in between: one capture every time. "
                                 "Nice work.")),
      ("02-13 09:55", EMILY, done))

issue("PAY-146", "Task", "Dashboard of authorisation rates per country", LENA, "02-05 14:00",
      ("02-05 14:02", LENA, change(assignee=TOMASZ, points=2)),
      ("02-05 14:05", LENA, plan_14),
      ("02-11 09:30", TOMASZ, start),
      ("02-12 15:55", TOMASZ, say("Done for the ten largest countries, link is on the team page.")),
      ("02-13 10:15", LENA, say("Love it. Sweden at 71% is interesting, I will ask the bank.")),
      ("02-13 10:30", TOMASZ, done),
      priority="Low")

issue("PAY-147", "Story", "Chargeback notifications v2", LENA, "02-06 10:00",
      ("02-06 10:05", LENA, change(assignee=PRIYA, points=5)),
      ("02-11 10:50", PRIYA, say("The requirements are unclear: does a merchant get one message per chargeback or "
                                 "one per stage? We need clarification before I can size this.")),
      ("02-12 11:35", LENA, say("Good point, sorry. One per stage, with the stage in the subject. I updated the "
                                "text, so this is resolved.")),
      ("02-19 10:40", LENA, plan_15),
      ("02-20 10:30", PRIYA, start),
      ("02-23 17:30", PRIYA, say("All five stages send, screenshots attached.")),
      ("02-24 15:00", PRIYA, review),
      ("02-26 11:20", EMILY, say("Works in all five stages, also with two chargebacks on one order.")),
      ("02-26 11:25", EMILY, done))

issue("PAY-148", "Bug", "Settlement file without trailer line on days without refunds", EMILY, "02-09 09:30",
      ("02-09 09:35", EMILY, change(assignee=PRIYA, points=1)),
      ("02-09 16:35", MAYA, plan_14),
      ("02-10 16:20", PRIYA, start),
      ("02-10 18:05", PRIYA, say("Off by one in the writer, happens only when the refund section is empty. Fixed "
                                 "with a test.")),
      ("02-11 09:40", EMILY, done))

issue("PAY-149", "Task", "PostgreSQL-Client im Settlement-Service aktualisieren", JONAS, "02-10 09:10",
      ("02-10 09:12", JONAS, change(assignee=JONAS, points=2)),
      ("02-19 10:45", MAYA, plan_15),
      ("02-23 14:15", JONAS, start),
      ("02-23 17:50", JONAS, say("Der alte Client ist seit zwei Jahren veraltet. Umstellung war kleiner als "
                                 "befürchtet, nur die Zeitzonen im Test mussten angepasst werden.")),
      ("02-24 09:20", JONAS, review),
      ("02-24 16:40", PRIYA, say("Approved, nice cleanup.")),
      ("02-24 13:00", TOMASZ, say("Deployed to staging, memory is down by a fifth.")),
      ("02-25 10:05", JONAS, done),
      priority="Low", description="Wir hängen zwei Hauptversionen zurück; die neue kann Pipelining und meldet "
                                  "Verbindungsfehler endlich mit Ursache.")

issue("PAY-150", "Story", "Payouts in SEK and NOK", LENA, "02-11 15:00",
      ("02-11 15:05", LENA, change(points=8, due="2026-03-20")),
      ("02-18 14:20", LENA, say("Legal has to approve the Norwegian terms first. Waiting for their answer, they "
                                "promised it for next week.")),
      ("02-26 15:10", LENA, change(due="2026-04-10")),
      ("02-26 15:15", LENA, say("Legal needs an external opinion. Not a concern for this quarter, moved to April.")))

issue("PAY-151", "Bug", "3DS-Fallback-Seite ist nicht übersetzt", JONAS, "02-12 09:25",
      ("02-12 09:30", JONAS, change(assignee=PRIYA, points=1, priority="Low")),
      ("02-12 14:10", MAYA, plan_14),
      ("02-16 12:45", PRIYA, start),
      ("02-16 13:30", PRIYA, say("@Jonas can you check the wording? \"Ihre Bank fragt nach einer Bestätigung.\"")),
      ("02-16 10:15", JONAS, say("Passt gut so. Danke!")),
      ("02-17 11:00", PRIYA, done))

issue("PAY-153", "Bug", "Refund of a partially captured order fails", EMILY, "02-13 11:10",
      ("02-13 11:15", EMILY, change(assignee=JONAS, points=2, priority="High")),
      ("02-13 16:45", MAYA, plan_14),
      ("02-16 09:40", JONAS, start),
      ("02-16 16:55", JONAS, say("The sum was checked against the order instead of the capture. Fixed.")),
      ("02-17 10:05", EMILY, done),
      ("02-18 09:45", EMILY, reopen),
      ("02-18 09:50", EMILY, say("Reopened: the second refund of the same order is rejected with a wrong remaining "
                                 "amount.")),
      ("02-23 11:40", JONAS, say("Der Restbetrag kam aus dem Cache. Jetzt frisch aus dem Ledger, Test dazu.")),
      ("02-24 10:00", EMILY, say("Refunded one order in four parts, works.")),
      ("02-24 10:05", EMILY, done))

issue("PAY-154", "Story", "Audit log of manual refunds", LENA, "02-16 10:20",
      ("02-16 10:25", LENA, change(assignee=PRIYA, points=3)),
      ("02-19 10:50", LENA, plan_15),
      ("02-27 17:40", PRIYA, start),
      ("03-02 13:15", PRIYA, say("Who, when, how much and why are written in the same transaction as the refund. "
                                 "The view for support is next.")),
      ("03-03 16:30", PRIYA, log(180, "View for support")),
      ("03-04 13:05", PRIYA, say("View is ready for a first look, filter by merchant works.")))

issue("PAY-155", "Task", "PCI questionnaire SAQ-D, section 6", MAYA, "02-16 11:30",
      ("02-16 11:32", MAYA, change(assignee=MAYA, points=2, due="2026-03-03")),
      ("02-19 10:55", MAYA, plan_15),
      ("02-24 16:00", MAYA, start),
      ("02-24 16:15", MAYA, say("Twelve of eighteen questions answered. The rest needs numbers from the scanner.")),
      ("03-02 09:40", TOMASZ, say("Scanner report attached, two findings of low severity.")),
      ("03-04 14:05", MAYA, say("The cut-over took all of yesterday. Two questions are left, the auditor gave us "
                                "until Monday.")))

issue("PAY-156", "Bug", "Ledger drifts by 0.01 EUR after currency conversion", EMILY, "02-20 10:10",
      ("02-20 10:15", EMILY, change(assignee=PRIYA, points=3)),
      ("02-20 15:25", MAYA, plan_15),
      ("02-25 11:45", PRIYA, start),
      ("02-25 16:10", PRIYA, say_document("Found it: we convert line by line and round every time. Reconciliation "
                                          "showed 212 orders since January.")),
      ("03-02 15:40", PRIYA, review),
      ("03-03 13:30", EMILY, say("The fix rounds the total, but tax is still wrong by a cent when there are two "
                                 "rates. Test case attached.")),
      ("03-03 13:35", EMILY, change(status=IN_PROGRESS)),
      ("03-04 12:10", PRIYA, say("Two tax rates confirmed. I need help from finance here: which of the two may "
                                 "carry the difference? Unclear in the guideline.")),
      ("03-04 13:50", LENA, say("Finance closes the month tomorrow and is concerned about the drift. I will ask "
                                "today.")))

issue("PAY-158", "Bug", "Capture happens twice", DIEGO, "02-12 10:05",
      ("02-12 10:20", EMILY, say("Duplicate of PAY-145, deleting.")),
      ("02-12 10:22", EMILY, delete()))

# The app

issue("APP-88", "Story", "Cart that works offline", LENA, "01-15 10:00",
      ("02-10 16:20", LENA, say("Not in this quarter, but please keep it in mind when you touch the cart.")),
      status=TO_DO, points=13)

issue("APP-92", "Bug", "Crash on launch on Android 9", EMILY, "01-22 12:00",
      ("02-05 10:15", DIEGO, start),
      ("02-05 16:50", DIEGO, say("The crash is in the WebView warm-up, which Android 9 does not allow before the "
                                 "first activity.")),
      ("02-06 11:20", DIEGO, done),
      ("02-10 11:50", EMILY, say("Crashes again on the Nokia 7, reopened. Same stack, other thread.")),
      ("02-10 11:52", EMILY, reopen),
      ("02-11 15:30", DIEGO, say("Warm-up now waits until the first frame. Ran 200 cold starts on the device farm.")),
      ("02-12 12:40", EMILY, say("No crash in 200 starts, verified.")),
      ("02-12 12:45", EMILY, done),
      status=TO_DO, assignee=DIEGO, points=3, sprints=[114])

issue("APP-95", "Task", "Move to the new design tokens", DIEGO, "01-26 09:00",
      ("02-09 15:10", DIEGO, say("Colours are done, typography next.")),
      ("02-17 14:45", DIEGO, say("Typography done on iOS. Android has two fonts that need a licence check.")),
      ("02-18 10:30", LENA, say("Both fonts are covered, I checked with procurement.")),
      ("02-26 16:15", DIEGO, say("Everything except the receipt screen is on the new tokens.")),
      status=IN_PROGRESS, assignee=DIEGO, points=5, priority="Low")

issue("APP-97", "Story", "Apple Pay in the checkout", LENA, "02-04 11:00",
      ("02-04 11:05", LENA, change(assignee=DIEGO, points=8)),
      ("02-04 15:40", LENA, plan_14),
      ("02-06 13:20", DIEGO, start),
      ("02-09 16:40", DIEGO, say("The sheet opens and returns a token. The server side has to accept it through "
                                 "Nordpay, so the last mile depends on PAY-142.")),
      ("02-16 15:20", DIEGO, say("UI is complete, including the error states. Demo build is in TestFlight.")),
      ("02-17 11:40", LENA, say("Tried it on my phone, feels great.")),
      ("02-26 13:30", DIEGO, say("End to end in the sandbox works since the 3DS fix.")),
      ("02-27 12:10", DIEGO, review),
      ("03-04 12:45", DIEGO, say("Sandbox payments are failing again since yesterday because of PAY-143. Not our "
                                 "bug, but I can't get this through review.")))

issue("APP-98", "Bug", "Keyboard covers the CVV field", EMILY, "02-05 11:30",
      ("02-05 11:32", EMILY, change(assignee=DIEGO, points=1)),
      ("02-05 16:50", MAYA, plan_14),
      ("02-09 10:20", DIEGO, start),
      ("02-09 14:05", DIEGO, say("Only on the iPhone SE. The form scrolls now.")),
      ("02-10 12:25", EMILY, done))

issue("APP-99", "Story", "Screen for saved cards", LENA, "02-05 13:00",
      ("02-05 13:05", LENA, change(assignee=DIEGO, points=5)),
      ("02-05 15:52", MAYA, plan_14),
      ("02-11 10:40", DIEGO, start),
      ("02-11 11:05", DIEGO, say("On hold until the empty state is designed, the file has only a grey box.")),
      ("02-13 14:35", LENA, say("Design is in the file now, sorry for the delay. No longer blocked.")),
      ("02-18 15:15", DIEGO, say("List, delete and default card are working.")),
      ("02-20 13:00", DIEGO, review),
      ("02-23 11:10", EMILY, say("Looks good on six devices.")),
      ("02-23 11:12", EMILY, done))

issue("APP-100", "Bug", "Falsches Dezimaltrennzeichen bei deutscher Spracheinstellung", JONAS, "02-06 16:00",
      ("02-06 16:02", JONAS, say("In der App steht 12.90 € statt 12,90 €. Kunden halten das für 1290 Euro.")),
      ("02-06 16:30", LENA, change(assignee=DIEGO, points=1)),
      ("02-09 15:45", MAYA, plan_14),
      ("02-10 10:10", DIEGO, start),
      ("02-10 14:30", DIEGO, say("Format comes from the locale of the account now, not of the phone.")),
      ("02-11 09:25", JONAS, say("Funktioniert, danke!")),
      ("02-11 10:20", DIEGO, done))

issue("APP-101", "Task", "Raise the minimum iOS version to 16", DIEGO, "02-09 11:00",
      ("02-09 11:05", DIEGO, change(assignee=DIEGO, points=1, priority="Low")),
      ("02-10 13:15", LENA, say("Numbers: 0.8% of sessions are below 16. Approved.")),
      ("02-12 10:35", DIEGO, start),
      ("02-12 15:05", DIEGO, done))

issue("APP-102", "Bug", "Push notification opens the wrong order", EMILY, "02-12 11:15",
      ("02-12 11:18", EMILY, change(assignee=DIEGO, points=2)),
      ("02-19 11:00", MAYA, plan_15),
      ("02-24 10:25", DIEGO, start),
      ("02-24 17:10", DIEGO, say("When two notifications share a thread, the id of the first one wins. Changed the "
                                 "payload to carry its own id.")),
      ("02-25 11:35", DIEGO, review),
      ("02-26 10:05", EMILY, say("Ten orders, ten notifications, all open the right one.")),
      ("02-26 10:08", EMILY, done))

issue("APP-103", "Story", "Map in order tracking", LENA, "02-11 16:30",
      ("02-11 16:32", LENA, change(assignee=DIEGO, points=5)),
      ("02-19 11:10", LENA, plan_15),
      ("02-20 11:25", DIEGO, start),
      ("02-20 16:30", DIEGO, say("We are waiting on the vendor for the licence key of the map SDK. Procurement sent "
                                 "the order on Monday.")),
      ("02-25 15:40", DIEGO, say("Still waiting, the vendor has not shipped the key. Third party lead time is ten "
                                 "days, nobody told us.")),
      ("02-27 10:45", LENA, change(due="2026-03-12")),
      ("03-02 14:50", DIEGO, say("Key expected on Thursday. I use the trial key for now, it prints a watermark on "
                                 "the map.")))

issue("APP-104", "Task", "Accessibility pass over the checkout", EMILY, "02-13 12:00",
      ("02-13 12:05", EMILY, change(assignee=EMILY, points=3)),
      ("02-19 11:15", MAYA, plan_15),
      ("02-25 10:15", EMILY, start),
      ("02-25 15:25", EMILY, say("Contrast is fine everywhere. Two labels are read twice by VoiceOver.")),
      ("02-26 14:40", DIEGO, say("Labels are corrected in the nightly build.")),
      ("02-27 10:20", EMILY, say("Verified with VoiceOver and TalkBack. Good progress, only the receipt is left.")),
      ("03-03 11:10", EMILY, done),
      labels=["a11y"])

issue("APP-105", "Bug", "Login loop after a password reset", EMILY, "02-16 12:30",
      ("02-16 12:35", EMILY, change(assignee=DIEGO, points=2, priority="High")),
      ("02-16 17:50", MAYA, plan_14),
      ("02-17 09:30", DIEGO, start),
      ("02-17 16:35", DIEGO, say("The old refresh token survives the reset. Cleared on the server and in the app.")),
      ("02-18 10:50", EMILY, done),
      ("02-20 14:10", EMILY, reopen),
      ("02-20 14:12", EMILY, say("Reopened, the loop is back when the app was in the background during the reset. "
                                 "Customers are stuck on the login screen.")),
      ("02-23 09:45", DIEGO, change(sprints=[114, 115])),
      ("02-23 15:50", DIEGO, say("The app kept the token in memory. Fixed and covered by a UI test.")),
      ("02-24 12:15", EMILY, say("Works, also after two hours in the background.")),
      ("02-24 12:17", EMILY, done))

issue("APP-106", "Task", "Release 5.8", LENA, "02-19 14:00",
      ("02-19 14:05", LENA, change(assignee=DIEGO, points=3, due="2026-03-05")),
      ("02-19 14:07", LENA, plan_15),
      ("02-26 10:30", DIEGO, say("Branch is cut. Store texts and screenshots are in APP-111.")),
      ("03-02 10:15", DIEGO, start),
      ("03-02 11:00", DIEGO, say("Release candidate 1 is in TestFlight and in the internal track.")),
      ("03-03 15:20", EMILY, say("RC1 failed the smoke test: checkout freezes after 3DS, see APP-107. That is a "
                                 "blocker for the release.")),
      ("03-04 09:50", DIEGO, say("RC2 crashes in the same place. We are going to miss the review window of the "
                                 "store on Thursday.")),
      ("03-04 14:35", LENA, change(due="2026-03-06")),
      ("03-04 14:40", LENA, say("The campaign for Apple Pay is booked for Friday and cannot be moved. A late "
                                "release is a real problem for marketing, I am worried.")),
      priority="High", labels=["release"])

issue("APP-107", "Bug", "Checkout freezes after the return from 3DS", EMILY, "03-02 14:05",
      ("03-02 14:08", EMILY, change(assignee=DIEGO, priority="Highest", points=3)),
      ("03-02 14:10", EMILY, blocks("APP-106")),
      ("03-02 17:20", DIEGO, plan_15),
      ("03-02 17:25", DIEGO, start),
      ("03-03 11:30", DIEGO, say("The page of the bank never calls back when the challenge times out, and we wait "
                                 "on the main thread. Moving that off first.")),
      ("03-03 17:45", DIEGO, review),
      ("03-03 16:10", EMILY, say("RC2 is worse: it freezes and then crashes, on every device I have.")),
      ("03-03 16:12", EMILY, change(status=IN_PROGRESS)),
      ("03-03 23:40", DIEGO, say("Late update: without a working 3DS sandbox I can't reproduce the success case, so "
                                 "I am stuck waiting for PAY-143.")),
      ("03-04 09:10", EMILY, say("Tried with a recorded response, still broken. Four hours lost, sorry for the bad "
                                 "news.")),
      ("03-04 11:55", DIEGO, say("Blocked. I have tried everything that does not need the real challenge, and a fix "
                                 "I cannot test is too risky for a release.")),
      ("03-04 13:25", DIEGO, block),
      labels=["release"])

issue("APP-108", "Story", "Dark mode for receipts", LENA, "02-20 16:00",
      ("02-20 16:05", LENA, change(points=3, priority="Lowest")))

issue("APP-109", "Task", "Update the crash reporting SDK", DIEGO, "02-20 10:00",
      ("02-20 10:02", DIEGO, change(assignee=DIEGO, points=1, priority="Low")),
      ("02-23 12:20", DIEGO, start),
      ("02-23 13:40", DIEGO, say("Symbols upload again, start-up is 40 ms faster.")),
      ("02-23 13:45", DIEGO, done))

issue("APP-110", "Bug", "Search history of the last account is shown after a switch", EMILY, "02-23 09:20",
      ("02-23 14:25", MAYA, change(assignee=DIEGO, priority="Highest", points=1)),
      ("02-23 14:28", MAYA, plan_15),
      ("02-23 14:30", DIEGO, start),
      ("02-23 18:35", DIEGO, say("The cache key had no account in it. Hotfix is built.")),
      ("02-24 09:15", EMILY, say("Verified on both platforms, nothing of the other account is left.")),
      ("02-24 09:18", EMILY, done),
      ("02-25 12:40", MAYA, say_document("Good reaction, all. I wrote to data protection, no further action is "
                                         "needed.")))

issue("APP-111", "Task", "Store texts and screenshots for 5.8", LENA, "02-23 13:30",
      ("02-23 13:35", LENA, change(assignee=LENA, points=1)),
      ("02-23 13:37", LENA, plan_15),
      ("02-26 14:20", LENA, start),
      ("02-27 11:15", LENA, say("Texts are approved in all six languages.")),
      ("02-27 11:40", JONAS, say("Im deutschen Text steht \"Kasse\" zweimal, sonst prima.")),
      ("02-27 13:05", LENA, edit(0, "Texts are approved in all six languages, the German one is corrected.")),
      ("03-03 10:20", LENA, say("Screenshots are uploaded.")),
      ("03-03 10:25", LENA, done))

issue("APP-112", "Task", "Remove feature flags of 5.6", DIEGO, "02-25 13:00",
      ("02-25 13:05", DIEGO, change(points=1, priority="Low")),
      ("02-26 10:50", DIEGO, say("asdf test")),
      ("02-26 10:51", DIEGO, delete_comment(0)))
