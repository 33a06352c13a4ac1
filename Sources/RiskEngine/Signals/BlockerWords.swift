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
        i i'll i'm i've ich me mich mir nobody somebody someone team uns us we we'll we're we've wir
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

    /// What only programs wait for.
    static let programObjects = SentenceWords.hashes(
        """
        ack acks barrier buffer callback child children compaction condition connection connections container
        containers datanodes deadlock debugger dom element event events flush future futures gc heartbeat io
        journalnodes keyboard latch leader lease leases lock locks loop minuten minutes monitor ms mutex node
        nodes oberfläche packet pod pods promise prozess queue queues quorum read reads region regions regionservers
        replication screen seconds sekunden semaphore shutdown signal sleep socket spinner split startup
        thread threads timeout timer transaction transactions verbindung write writes
        """)

    /// What people wait for too, where they say that they do.
    static let softwareObjects = SentenceWords.hashes(
        """
        antwort available build button click client completion count data database datenbank db hours input job jobs
        load loader message messages operation operations page plugin process processes queries query ready request
        requests response server servers session sessions state task tasks user worker workers
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
        aber again aktuell all also although am and are as at atm auch because been being bin but completely
        currently da dafür daher denn derzeit deshalb dienstag doch done donnerstag drei einem einer entweder
        freitag fully gerade gestern has have hello heute hi hier however immer is ist jetzt just leider mittwoch
        moment momentan monaten montag mostly noch now nun nur ok okay only present right sadly seit since sind so
        somit sorry still tagen thanks the then there though today totally und unfortunately update vier was weil
        weiterhin well werden wird woche wochen yes zwei zwischenzeitlich
        """)

    /// Subjects that are work: the issue and what is made for it.
    static let work = SentenceWords.hashes(
        """
        abnahme all alle alles anpassung arbeit arbeiten aufgabe auslieferung branch change changes commit customer
        das decision deployment design development dies docs documentation entwicklung es everyone everything
        feature fix fixes hier implementation implementierung inbetriebnahme integration issue it it's item its
        kollegen man merge migration one part patch patches pipeline pr progress project projekt prs pull punkt qa
        release remaining rest review rollout solution story task team teams testing that that's thema these this
        ticket tickets umsetzung update upgrade weiterentwicklung work
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

    /// Subjects that may as well be a program: they count where nothing in the sentence is one.
    static let pronouns = SentenceWords.hashes("it it's its that that's these es das dies")

    /// Words that give a participle a program as its subject: "while it is waiting".
    static let meanwhile = SentenceWords.hashes("while during während")
}
