extension BlockerPatterns {
    /// The classes of words, then the patterns; ``init(_:)`` tells how they are written.
    static let english = """
        @aux need needs have has had must should will would we'll i'll want wants going ought i'd we'd
        @aux suggest suggested suggesting recommend prefer propose better decided agreed plan let's lets
        @aux sense rather muss müssen
        @cannot cannot can't  cant couldn't unable
        @by by on until till at because since for as now again due pending waiting awaiting and with
        @by completely currently right too from here
        @this this it that ticket issue task story work development progress feature item one project epic
        @this everything integration implementation migration rollout release change deployment testing
        @done fixed merged released resolved done finished complete completed deployed available ready
        @done delivered approved decided clarified implemented landed lands merges reviewed signed agreed
        @done provided updated upgraded in out through there closed finalized finalised published answered
        @done sorted settled over installed
        @work proceed continue progress go move finish complete start begin work test verify merge deploy
        @work release implement build do estimate validate develop make close resume ship push publish
        @work anything pull
        @want login logins vpn device sign access credentials permission permissions approval sign-off signoff decision clarification
        @want licence license licenses licences information info details input feedback help guidance
        @want confirmation account accounts certificate specification specifications specs spec requirements
        @want environment hardware budget person somebody someone developer developers designer tester
        @want resources resource people capacity consensus discussion agreement direction instructions
        @want samples dump answer answers
        @wanted sign access credentials permission permissions approval signoff decision clarification
        @wanted licence license licenses licences information info input feedback guidance confirmation
        @wanted requirements specification specifications specs spec environment resources discussion
        @wanted agreement consensus
        @art design designs mockups mockup wireframes spec specs specification specifications requirements
        @art criteria credentials signoff approval feedback decision licenses licences translations contract
        @art budget texts concept
        @reply response reply answer answers feedback update updates news word reaction replies
        @ctrl sign approval decision feedback response reply clarification confirmation resolution outcome
        @ctrl result results completion refactoring refactor discussion discussions review approvals
        @ctrl information input availability merge release delivery signoff sign-off fix investigation answer
        @ctrl agreement creation implementation move upgrade migration update updates changes work resolving
        @ctrl verification testing
        @party team vendor vendors customer customers legal ops qa support supplier suppliers partner
        @party partners infrastructure security infra finance product department
        @means device devices machine machines hardware environment developer developers tester testers designer
        @means people data capacity resources budget access way licence license permission permissions credentials
        @workdone merged committed done started closed deployed released tested finished completed
        @workdone implemented verified fixed resolved estimated reviewed migrated upgraded moved
        @ppl them him her reporter op customer customers vendor legal sales support management upstream
        @ppl maintainers maintainer author user client oracle microsoft apache

        waiting-for dependency S waiting ~3 for|on|until|till|upon
        waiting-to-be dependency S waiting to be|get merged|reviewed|approved|released|deployed|pulled|\
        accepted|tested|committed|fixed|done|processed|signed
        waiting-to dependency S waiting to merge|hear|get|receive|see|land
        waiting-merge dependency S waiting merge|review|approval|feedback
        awaiting dependency s ^ awaiting
        awaiting2 dependency S is|are|still|currently|now|am|i'm|we're|also|just|been awaiting
        wait-until dependency mS @aux ~4 wait|hold ~1 for|on|until|till
        wait-until2 dependency mS @aux ~3 waiting ~1 for|on|until
        wait-decided dependency mph decided|agreed|plan that|to|is ~7 wait|hold ~1 for|on|until|till
        waits dependency - @this waits|wait ~1 for|on
        will-wait-until dependency mSS will|'ll|we'll|i'll wait ~1 until
        waiting-held dependency S held up|back
        waiting-end dependency S are|am|we're|i'm|still waiting $
        still-missing requirements s ^ ~1 still missing|lacking
        holding-back dependency - holding ~2 back|off
        hold-off dependency m hold off
        blocked - S blocked $
        blocked-by - S blocked @by
        been-blocked - SS been blocked
        still-blocked - SS still|currently|completely|remains|fully|totally|now blocked
        set-blocked - s ^ setting|moving|putting|marking|moved|set|changed|changing|put|marked ~3 to|as|on|\
        in ~1 blocked|waiting|pending|hold|impeded|ice|paused
        is-blocking - - blocking|blocks|block us|me
        is-blocking3 - - blocking|blocks our|my team|work|release|progress|rollout|testing|development|\
        deployment|project
        is-blocking4 - - is|are|still blocking|holding ~1 this|progress|work
        is-blocking2 - - KEY ~1 is|are|still ~1 blocking this|us|me|it
        x-blocks-this - - KEY blocks this|us|me|it
        blocker-noun - - blockers|blocker|impediment|impediments|obstacle|showstopper is|are ~1 that|the|\
        still|now|KEY
        have-blocker - - have|hit|facing|there's|there|remaining|only|main|current|biggest a|an|is|are|one|\
        two|some|another|major|still|big|another ~1 blocker|blockers|impediment|impediments|roadblock
        impeded - S impeded
        depends-key dependency - depends|dependent|depend on|upon ~4 KEY
        depends-start dependency s ! depends|dependent on|upon
        depends-this dependency - this|it|ticket|issue|task|story|work|we're|are|one depends|dependent|\
        depend on|upon ~6 team|KEY|vendor|fix|release|ticket|issue|project|merge|department|work|decision
        depends-this2 dependency - issue|ticket|task|story depends|dependent|depend on|upon
        made-dependent dependency - made ~3 dependent on|upon
        hinges dependency - hinges|hinge on
        cannot-until - nS @cannot ~1 @work ~6 until|before|without|unless|till|because|since|as|due
        cannot-until3 - nS @cannot be ~1 @workdone ~5 until|before|without|unless|till|because|due
        cannot-until2 - nS not ~1 able ~2 @work ~6 until|before|without|unless|till|because|due
        cannot-aslong - nS @cannot ~6 as long as
        cannot-otherwise - nS @cannot ~5 otherwise
        cannot-proceed - n @cannot ~3 proceed|continue|progress
        cannot-proceed2 - n @cannot ~1 move|go|get forward|further|on|ahead|live
        cannot-proceed3 - n not ~1 able to ~1 proceed|continue|progress
        cannot-any - n @cannot do|start|begin|build|test|verify|implement|estimate|deploy|merge|validate ~2 \
        anything|this|it|here|right|yet
        nothing-can - n nothing|much we|i can ~1 do|build|test|start|implement
        nothing-can2 - n nothing ~2 we|i can
        no-progress - n no progress possible
        only-when dependency S can only ~5 when|after|once
        until-cant - nS until ~8 ~~ can't|cannot|won't|unable
        without-cant - n without ~8 ~~ we|i can't|cannot
        wont-until - n won't|wouldn't ~2 be able ~5 until|before|without
        stuck - S am|are|i'm|we're|is|got|get|been|still|completely|totally stuck
        stuck-start - s ^ stuck on|with|at|here|because|waiting|in
        stuck-with dependency i stuck|lies|lying|sits|sitting with|at|in ~2 @party
        on-hold - S on hold|ice
        put-hold - p put|putting|place|placed|placing ~4 on hold|ice
        hold-pending - S hold pending
        suspend - ps suspended|suspending|pausing|paused|halting|halted|parking|parked|shelved|shelving ~4 \
        work|development|this|it|until|till|for|task|issue|because|pending
        suspend2 - pS has|have|been|is|are|remains ~1 suspended|paused|stalled|parked|halted|shelved
        suspend3 - s ^ ~1 suspended|paused|stalled|parked|on-hold|shelved
        stop-work - p stopping|stopped|stop|halting ~1 work|working|development on|here|for|until
        had-to-stop - p had to stop|pause here|at|work|this|for
        stalled - S stalled|stalling
        standstill - p at a standstill
        pending-x dependency s pending ~4 @ctrl ~2 of|by|from|with|on|for|KEY|$
        pending-for dependency - review|approval|request|decision|change|ticket ~1 been|is|still pending for|since
        pending-decision dependency S decision|approval|approvals|clarification|feedback|confirmation|signoff|answer|answers ~3 pending|outstanding
        pending-dis requirements - to|as|for pending ~2 discussion|$
        pending-key dependency m pending ~3 KEY
        pending-end dependency m pending further|more|final ~2 @ctrl
        need-first dependency m needs|need|has|have|must|should to? ~1 be|get|happen|land|come ~2 @done first|before
        need-first2 dependency m needs|need|has|have|must to ~1 happen|land|come|arrive first|before
        need-to-first dependency m we|i|someone|somebody ~1 need|have|must to? ~6 before we|i|this|it
        need-before - - we|i need ~7 before we|i|this
        need-want resource - ^ ~1 need|needs -3 @wanted
        need-want-we resource - we|i|still ~1 need|require|needs -3 @want
        needs-x requirements - this|it|ticket|issue|still needs|requires|need -2 decision|clarification|\
        discussion|approval|input|signoff
        needs-x-start requirements s ^ needs ~2 decision|clarification|discussion|approval|input|\
        information|info|signoff|requirements
        need-decide requirements S need|needs to decide|clarify
        needs-help resource - need|needs|needing help
        more-info requirements - more|further information|info|details|input|clarification is|are ~1 needed|\
        required|necessary
        lack resource nS don't|doesn't|didn't have|got ~3 access|permission|permissions|credentials|\
        capacity|rights|license|resources|people|budget|account|hardware|specification|requirements
        lackm resource nS don't have ~5 to test|verify|reproduce|try
        lack2 resource nS have|has|got|still|there's|is no access|permission|permissions|credentials|\
        capacity|resources|license|budget
        lack3 resource - we|i|still ~1 lack|lacking|miss|missing ~4 @want
        lack4 resource n we|i have|got no ~2 @means
        grant resource a grant|give ~1 me|us ~3 access|permission|permissions|rights|credentials
        nobody-capacity resource n nobody|noone|none ~6 capacity|time|resources|available
        short-staffed resource - understaffed|short-staffed
        missing-art requirements - @art ~1 is|are ~2 missing|outstanding|unclear|incomplete|undefined
        missing-art2 requirements n @art ~1 isn't|aren't|hasn't|haven't ~1 been ~1 approved|provided|\
        available|delivered|ready|defined|there|arrived|complete|decided
        missing-art3 requirements n @art ~1 isn't|aren't|hasn't|haven't ~1 approved|available|ready|defined|\
        there|arrived|complete
        missing-art4 requirements n @art ~1 is|are|has|have not ~2 approved|available|ready|defined|there|\
        arrived|complete|provided|delivered|decided
        missing-spec requirements - missing specs|spec|specification|requirements|credentials
        unclear-req requirements - unclear requirements
        unclear-us requirements n not clear|unclear ~1 to|for us|me ~2 what|how|who|which
        heard-back dependency np haven't|hasn't|not|never ~2 heard|received|gotten ~4 back|from|response|\
        reply|answer|feedback
        no-reply dependency n no @reply ~6 yet|sofar|far
        no-reply2 dependency n no @reply from @ppl|@party
        so-far-no dependency n so far ~1 no @reply|date|decision|eta|approval
        still-no dependency n still no ~1 @reply|access|decision|approval|date|eta|sign|solution|progress
        doesnt-answer dependency n not|doesn't|don't|didn't|hasn't|haven't ~1 answer|answered|respond|\
        responded|reply|replied
        not-delivered dependency nX hasn't|haven't ~2 given|delivered|provided|sent|supplied|decided|\
        approved|replied|returned|confirmed|answered
        not-delivered2 dependency nX has|have not ~2 given|delivered|provided|sent|supplied|decided|approved|replied|returned|confirmed|answered
        not-created dependency n @party|@ppl ~2 has|have|hasn't|haven't not? ~2 created|restored|opened|installed|granted|reacted|assigned|ordered
        ticket-with external p opened|raised|filed|created|submitted ~2 ticket|case|bug|issue|escalation|sr with
        not-back dependency n haven't|hasn't|not ~2 made|been ~5 back|merged|released|available|published ~5 yet
        approve-first dependency m has|have|needs|need|must to ~1 approve|decide|sign|confirm|clarify|agree|\
        provide|deliver|do|answer ~5 first|before|it
        env-down deployment i environment|env|sandbox|staging is|are|has|have ~3 down|unavailable|broken|offline
        env-down2 deployment i test|staging|qa|dev|integration system|server|cluster|instance is|are|has|\
        have ~3 down|unavailable|broken|offline
        not-possible - nS not|isn't ~1 possible|testable ~2 until|before|without
        keep-hold - - left|leave|leaving|keep|keeping|kept|stay|stays|remain|remains ~3 on hold|ice
        out-of-office resource - is away|off|sick|absent|unavailable|out|vacation ~4 until|till
        not-time - n not|doesn't|isn't ~5 good|great|right|ideal time to start
        too-many-dep technical_debt - too many dependencies|blockers|unknowns to
        nothing-until - n nobody|noone|no has|have ~1 picked|taken|started|looked
        in-limbo - - in limbo
        repro-ask requirements nR unable|cannot|can't|couldn't|not ~2 reproduce|replicate|recreate
        until-further - - until further notice
        postponed - S defer|deferred|deferring|postpone|postponed|postponing|delay|delayed|delaying ~5 \
        until|till|pending
        key-first dependency m KEY needs|need|has|have|must|should ~5 first|before
        need-key dependency - need|needs|require|requires ~2 KEY ~4 first|before|to
        needs-key dependency - this|it|patch|ticket|issue|work needs|requires ~1 KEY
        needs-key2 dependency s ^ needs|requires ~1 KEY
        after-key dependency mS will|can|i'll|we'll|to ~5 after|once KEY is|gets|goes|lands|has
        prereq dependency - KEY is ~3 prerequisite|prereq|precondition
        gated dependency - contingent|gated|conditional|reliant on|by|upon
        out-of-control external - out of our control|hands
        ball external - ball is in
        committer resource - need|needs ~1 committer|reviewer|volunteer|maintainer
        not-released dependency n hasn't|haven't been ~1 merged|released|published|deployed|approved|\
        delivered|decided|answered|provided yet
        not-released2 dependency n not been ~1 merged|released|published|deployed|approved|delivered|\
        decided|answered|provided yet
        cancel-until dependency - canceling|cancelling|withdrawing ~3 until
        """
}
