/// The words by which ``BlockerReader`` tells who is impeded, when, and whether it is said at all.
enum BlockerWords {
    /// Nothing is sure after one of these.
    static let doubts = SentenceWords.hashes(
        """
        avoid could eventuell könnte könnten may maybe might perhaps possibly vielleicht would würde würden
        """)

    /// Verbs of what is over.
    static let past = SentenceWords.hashes(
        """
        been had hadn't hatte hatten hing used war waren was wasn't were weren't wurde wurden
        """)

    /// What was and goes on.
    static let present = SentenceWords.hashes(
        """
        currently has hasn't have haven't i've immer inzwischen noch now seit since still we've
        """)

    /// Subjects who work on the issue.
    static let people = SentenceWords.hashes(
        """
        i i'll i'm i've ich me mir nobody somebody someone team uns us we we'll we're we've wir
        """)

    /// Subjects that stand for the issue.
    static let issues = SentenceWords.hashes("this ticket issue task story")

    /// Subjects who do not.
    static let others = SentenceWords.hashes(
        """
        du he ihr she sie they they're users you you're
        """)

    /// Subjects that wait and block by themselves: programs and their parts.
    static let software = SentenceWords.hashes(
        """
        abfrage account accounts actor address addresses agent agents anfrage anfragen app application applications
        bean benutzer broker browser bug button cache call callback caller calls class classes client
        clients cluster code command commands compiler component connection connections consumer consumers container
        controller cors cpu cron cursor daemon database datenbank db deadlock dialog dienst download
        driver email emails error event events exception executor export fenster field files firewall
        follower form forms function functions funktion future gc handler hang hangs import index input installer
        instance instances ip ips job jobs kernel konten konto leader libraries library listener loader lock
        locks loop mail main master menu message messages method methode methods module modules node nodes nutzer
        object objects operation operations operator option order orders output package packages packet packets page
        pages parser plugin pod pods pool popup port ports process processes producer program promise property proxy
        prozess queries query queue queues reader readers record records region regions replica replicas request
        requests row rows scheduler screen script scripts seite server servers service services session sessions
        shell slave socket sockets spinner stream streams systems table tables thread threads tracker
        traffic transaction transactions transaktion ui unit upload user users value values verbindung window wizard
        worker workers writer writers
        """)

    /// What programs wait for.
    static let softwareObjects = SentenceWords.hashes(
        """
        ack acks antwort available buffer button callback child children click client completion condition
        connection connections container containers count data database datenbank db debugger dom element event
        events flush future futures gc heartbeat hours input io job jobs keyboard lease leases load loader lock
        locks message messages minute minuten minutes ms mutex node nodes operation operations packet page plugin
        pod pods process processes promise prozess queries query queue read reads ready region regions request
        requests response second seconds sekunden server servers session sessions shutdown signal sleep socket
        startup state task tasks thread threads timeout timer transaction transactions user verbindung worker
        workers write writes
        """)

    /// What only people wait for, though its name is in the other list.
    static let humanObjects = SentenceWords.hashes(
        """
        approval available confirmation customer decision feedback fixed installed jenkins merge merged migrated pr
        pull released review set sign signoff team ticket upgrade upgraded vendor
        """)

    /// Verbs and prepositions before a participle that tells what a program does: "hangs waiting".
    static let programVerbs = SentenceWords.hashes(
        """
        after avoid before blocking blocks by for forever from hang hanging hangs hung instead keep keeps loop no of
        spend spent start starts stop stopped stopping stops than time while without worth
        """)

    /// Participles after which a participle speaks of the work: "Fixed, waiting for the merge".
    static let done = SentenceWords.hashes(
        """
        committed complete completed created deployed done erledigt fertig finished fixed implemented merged opened
        pushed ready sent submitted tested
        """)

    /// Words that are no subject.
    static let adverbs = SentenceWords.hashes(
        """
        again all also am and are at atm been being completely currently done fully has have hello hi is just moment
        mostly noch now ok okay only present right sadly since so sorry still thanks the then there today totally
        unfortunately update was well yes
        """)

    /// Subjects that are work: the issue and what is made for it.
    static let work = SentenceWords.hashes(
        """
        all branch change changes commit customer decision deployment design development docs documentation everyone
        everything feature fix fixes implementation integration issue it it's item its merge migration one part
        patch patches pr progress project prs pull qa release remaining rest review rollout solution story task
        testing that that's these this ticket update upgrade work
        """)

    /// Words that make a wish or an order of a statement, but not of "we should wait for the vendor".
    static let obligations = SentenceWords.hashes(
        """
        avoid be bis can could get kann können könnte könnten may might muss must müssen needs once shall should
        sobald sollte sollten until werden will wird would würde würden
        """)

    /// Verbs that ask for details.
    static let details = SentenceWords.hashes(
        """
        attach provide send share give post supply upload describe steps schick schicken senden häng hängen liefern
        """)

    /// What says that it was so before.
    static let repetitions = SentenceWords.hashes("still again immer weiterhin erneut unverändert")

    /// Words of a request.
    static let requests = SentenceWords.hashes("please bitte")

    /// What only phrases about impediments hold, among those that say that something is over.
    static let ofWaiting = SentenceWords.hashes(
        """
        blocked unblocked blocker blockers waiting stuck proceed continue entblockt blockiert weitergehen weitermachen
        weiter track
        """)
}
