/// The words of ``WordListClassifier``: how people who build software say that they are annoyed, worried, sorry,
/// thankful or pleased. Whole words, lower case. A change raises the number in ``WordListClassifier/modelID``.
///
/// Weights go from 1 (mild) to 3 (strong). Words that name the subject of a ticket or the state of the work have none:
/// problem, cannot, failed, error, bug, regression, critical, blocked, late, fixed, resolved, done, working, verified.
/// That work is held up is the matter of the blockers factor.
enum AffectLexicon {
    /// Phrases that hold a word of the lists and mean something else, or nothing. The longest phrase at a place counts.
    static let none = [
        // Protocols, tools and terms of the trade.
        "a bad", "of bad", "with bad", "some bad", "any bad", "bad request", "bad requests", "bad gateway",
        "bad credentials", "bad data", "bad url", "bad file", "bad value",
        "bad values", "bad input", "bad path", "bad host", "bad certificate", "bad block", "bad blocks", "bad checksum",
        "garbage collector", "garbage collection", "garbage collected", "garbage collect", "garbage in",
        "poor performance", "good case", "known good", "last good", "good faith", "as good as", "good enough",
        "too good",
        "nice to have", "nice value", "cool down", "cool off", "sad path", "happy path", "evil twin", "joke file",
        "sweet spot", "pain point", "pain points", "neat trick to", "like to thank you in advance",
        "a good amount", "a good deal of", "good practice", "good practices", "a good way", "a good idea to",
        "a good time to", "good to know", "a good place", "good news is that", "good luck with that",
        // Wishes and politeness.
        "would be nice", "would be good", "would be great", "would be cool", "would be awesome", "would be perfect",
        "would be lovely", "would be happy", "be nice to", "be good to", "be great to", "be cool to", "be nice if",
        "be great if", "be good if", "be cool if", "might be nice", "might be good", "thanks in advance",
        "no thanks", "thanks to the", "thank goodness it", "feel free", "sorry to bother",
        "in love with it if",
        "no worries", "not to worry", "don't worry", "do not worry", "never mind", "no sorry", "no apologies",
        "don't be sorry", "no hard feelings", "just kidding", "only kidding", "no shame", "better safe than sorry",
        "best regards", "kind regards", "i hate to say", "hell of a lot",
        "wäre schön", "wäre gut", "wäre super", "wäre toll", "wäre nett", "wäre klasse", "wäre prima", "keine sorge",
        "keine sorgen", "schon gut", "gut möglich", "so gut wie", "gut zu wissen", "danke im voraus",
        "vielen dank im voraus", "nicht schlecht", "gar nicht schlecht", "not bad", "not bad at all", "not too bad",
        "schön und gut", "im guten glauben", "nein danke", "super admin", "super user", "super class", "top level",
        "gut aus", "schlecht lesbar",
    ]

    /// Words whose tone is not cancelled by a question or a wish: people thank while they ask.
    static let gratitude = [
        "thanks", "thank you", "thank you very much", "thanks a lot", "many thanks", "thanks again", "big thanks",
        "thanks so much", "thx", "thanx", "tnx", "thks", "ty", "cheers", "kudos", "much appreciated", "appreciated",
        "appreciate it", "appreciate your", "appreciate the", "i appreciate", "we appreciate", "really appreciate",
        "highly appreciated", "grateful", "gratitude", "thankful", "props to", "hats off",
        "danke", "danke schön", "dankeschön", "danke dir", "danke euch", "danke ihnen", "vielen dank", "besten dank",
        "herzlichen dank", "tausend dank", "dank dir", "merci", "dankbar", "hut ab",
    ]

    /// Mildly pleased.
    static let pleased = [
        "good", "nice", "nicely", "neat", "cool", "sweet", "helpful", "elegant", "glad", "lgtm", "i like it", "i like",
        "we like", "like this", "like the idea", "like your", "hope this helps", "hope that helps", "hope it helps",
        "good luck", "welcome", "fun", "congrats", "with pleasure", "looks solid", "fine work", "haha", "lol", "rocks",
        "gut", "guter", "gute", "gutes", "schön", "schöne", "schöner", "hilfreich", "nett", "gerne wieder", "froh",
        "erleichtert", "sauber gelöst", "sieht gut aus", "schaut gut aus", "gut aussieht", "passt super",
    ]

    /// Clearly pleased.
    static let happy = [
        "great", "excellent", "awesome", "fantastic", "brilliant", "wonderful", "amazing", "perfect", "perfectly",
        "superb", "fabulous", "terrific", "beautiful", "beautifully", "gorgeous", "lovely", "impressive",
        "impressed", "delighted", "thrilled", "excited", "exciting", "pleased", "happy", "love", "loved", "loving",
        "enjoy", "enjoyed", "pleasure", "well done", "good job", "great job", "nice job", "good work", "great work",
        "nice work", "good stuff", "great stuff", "good catch", "nice catch", "great catch", "good find", "nice find",
        "good idea", "great idea", "nice idea", "good point", "good news", "great news", "very nice", "looks good",
        "looks great", "looking good", "looking great", "looks very good", "looks really good", "works great",
        "works perfectly", "works beautifully", "works like a charm", "worked like a charm", "like a charm",
        "congratulations", "yay", "hooray", "hurray", "woohoo", "woot", "yippee", "bravo", "wow", "nailed it",
        "my hero", "you rock", "super great", "super cool", "super nice", "works a treat",
        "super", "toll", "tolle", "tolles", "toller", "klasse", "prima", "spitze", "genial", "großartig", "perfekt",
        "hervorragend", "hervorragende", "ausgezeichnet", "wunderbar", "fantastisch", "begeistert", "glücklich",
        "freut mich", "freut uns", "freue mich", "freu mich", "freuen uns", "gefällt mir", "gefällt uns", "sehr gut",
        "sehr schön", "gut gemacht", "gute arbeit", "gute idee", "guter punkt", "guter hinweis", "top arbeit",
        "saubere arbeit", "starke arbeit", "läuft wie geschmiert", "endlich geschafft", "juhu", "hurra",
    ]

    /// Mildly annoyed, worried or sorry.
    static let uneasy = [
        "unfortunately", "unfortunatly", "unfortunatelly", "unfortunate", "sadly", "regrettably", "alas", "bad",
        "badly", "poor", "poorly", "afraid", "worry", "worries", "worrying", "worrisome", "concerned about",
        "i'm concerned", "i am concerned", "we are concerned", "uncomfortable", "confused", "confusing", "silly",
        "silly me", "foolish", "messy", "lame", "hacky", "nasty", "evil", "pointless", "tedious", "cumbersome",
        "clumsy",
        "sloppy", "careless", "overly complicated", "unfair", "oops", "ooops", "whoops", "ouch", "hmpf", "meh", "sigh",
        "doh", "d'oh", "bah", "my bad", "bad idea", "a bad idea", "bad design", "a bad design", "a bad sign",
        "a bad feeling", "a bad day", "my mistake", "i misread", "my fault", "mea culpa", "i screwed", "screwed up",
        "messed up",
        "i messed", "i blew it", "stupid me", "wasted", "a waste", "why bother", "not a fan", "give up", "giving up",
        "gave up", "desperate", "desperately", "can't believe", "cannot believe", "hard to believe", "seriously",
        "yet again", "once more for", "for the third time", "for the last time", "how many times", "how often do",
        "as i said before", "come on", "crazy", "insane", "hell", "struggling", "painfully", "stressful", "stressed",
        "overwhelmed", "exhausted", "unpleasant", "nobody answers", "nobody responds", "no one responds",
        "nobody cared",
        "leider", "bedauerlich", "bedauerlicherweise", "ungünstig", "mühsam", "umständlich", "schlecht", "schlechte",
        "schlechter", "schlechtes", "befürchte", "befürchten", "besorgt", "sorge", "sorgen", "bedenken", "verwirrend",
        "verwirrt", "ups", "uups", "hoppla", "oje", "ohje", "herrje", "seufz", "mein fehler", "meine schuld",
        "schon wieder", "zum wiederholten mal", "zum x ten mal", "zum dritten mal", "schlimm", "schlimmer", "unschön",
        "chaos", "chaotisch", "überfordert", "genug davon", "unbrauchbar", "gebe auf", "geben auf", "gefrickel",
    ]

    /// Clearly annoyed, worried or sorry.
    static let upset = [
        "sorry", "sry", "apologies", "apologize", "apologise", "apologizes", "apology", "my apologies", "i regret",
        "we regret", "disappointed", "disappointing", "disappointment", "frustrated", "frustrating", "frustration",
        "frustratingly", "annoyed", "annoying", "annoyingly", "annoyance", "annoys", "irritated", "irritating", "upset",
        "unhappy", "sad", "saddened", "depressed", "depressing", "worried", "scared", "scary", "embarrassed",
        "embarrassing", "ashamed", "guilty", "shame", "a shame", "pity", "a pity", "bummer", "dislike", "don't like",
        "do not like", "didn't like", "don't care", "terrible", "terribly", "awful", "awfully", "horrible", "horribly",
        "horrid", "horrendous", "hideous", "dreadful", "lousy", "atrocious", "abysmal", "appalling", "pathetic", "ugly",
        "useless", "worthless", "hopeless", "ridiculous", "ridiculously", "absurd", "nonsense", "rubbish", "garbage",
        "stupid", "stupidly", "stupidity", "dumb", "idiotic", "idiot", "idiots", "moron", "moronic", "braindead",
        "brain dead", "lazy excuse", "crap", "crappy", "suck", "sucks", "sucked", "damn", "dammit", "damned", "darn",
        "goddamn", "bloody", "freaking", "frigging", "heck", "what the heck", "the hell", "wtf", "ffs", "argh",
        "grumble",
        "arrgh", "aargh", "grr", "grrr", "grrrr", "ugh", "yuck", "gross", "nightmare", "horror", "a mess",
        "what a mess", "pain",
        "a pain", "painful", "pita", "waste of time", "waste my time", "wasting my time", "wasting our time",
        "wasted hours", "wasted days", "unacceptable", "intolerable", "inexcusable", "a joke", "not funny",
        "are you kidding", "kidding me", "are you serious", "you serious", "good grief", "for god's sake",
        "for heaven's sake", "for crying out loud", "for the love of god", "jesus christ", "why on earth",
        "what on earth", "where on earth", "how on earth", "who on earth", "why the hell", "what the hell",
        "how the hell",
        "who the hell",
        "why would anyone", "who thought", "what were you thinking", "what's the point", "what is the point",
        "tired of", "sick of", "sick and tired", "nobody cares", "no one cares", "no respect", "disrespectful", "rude",
        "insulting", "offensive", "insult", "cry", "crying", "tears", "heartbreaking", "miserable", "misery",
        "sorry state", "shitty", "no good", "very poor", "makes no sense at all", "screw this", "forget it",
        "tut mir leid", "tut mir sehr leid", "tut uns leid", "bitte um entschuldigung", "entschuldigung",
        "entschuldige", "entschuldigt", "verzeihung", "mist", "so ein mist", "verdammt", "verdammte", "verdammter",
        "verflixt", "verflucht", "nervt", "nerven", "nervig", "nervend", "genervt", "nervtötend", "ärgerlich",
        "ärgert", "ärger", "verärgert", "sauer", "enttäuscht", "enttäuschend", "enttäuschung", "frust", "frustriert",
        "frustrierend", "furchtbar", "schrecklich", "grauenhaft", "grauenvoll", "entsetzlich", "grässlich",
        "scheußlich", "hässlich", "katastrophe", "katastrophal", "unzumutbar", "inakzeptabel", "nicht akzeptabel",
        "lächerlich", "blöd", "blöde", "blöder", "blödes", "bescheuert", "dämlich", "dumm", "dumme", "idiotisch",
        "schwachsinn", "unsinn", "quatsch", "blödsinn", "unfug", "murks", "pfusch", "müll code", "schrott", "grottig",
        "mies", "miese", "mieser", "peinlich", "traurig", "schade", "bedauere", "bedaure", "unzufrieden",
        "unglücklich", "verzweifelt", "verzweifle", "zum verzweifeln", "zeitverschwendung", "was soll das",
        "was soll der", "was soll denn", "wie kann es sein", "wie kann das sein", "nicht wahr sein",
        "nicht euer ernst", "nicht dein ernst", "nicht ihr ernst", "euer ernst", "dein ernst", "ein witz",
        "keine lust", "nase voll", "es reicht jetzt", "jetzt reicht es", "mir reicht's", "mir reicht es", "ätzend",
        "zum heulen", "zum haare raufen", "unverschämt", "frechheit", "respektlos", "gefällt mir nicht",
        "gefällt mir gar nicht", "gefällt uns nicht", "wieso um alles in der welt", "warum um alles in der welt",
        "machen uns sorgen", "mache mir sorgen", "machen mir sorgen", "große sorgen",
    ]

    /// Angry, contemptuous or swearing.
    static let angry = [
        "angry", "furious", "infuriating", "outraged", "outrageous", "enraged", "mad at", "pissed", "pissed off",
        "rage",
        "hate", "hates", "hated", "hating", "despise", "detest", "loathe", "disgusting", "heinous", "disgusted",
        "disgrace",
        "disgraceful", "fed up", "lost patience", "losing patience", "out of patience", "fuck", "fucking", "fucked",
        "fucks", "fuckin", "fubar", "shit", "bullshit", "bitch", "bastard", "asshole", "piss off", "shut up",
        "total disaster", "complete disaster", "utter crap", "worst ever", "the worst",
        "wütend", "stinksauer", "hasse", "hassen", "habe es satt", "haben es satt", "hab es satt", "scheiße",
        "scheisse", "scheiß", "scheiss", "beschissen", "beschissene", "zum kotzen", "kotzt mich an", "verarschen",
        "verarscht", "arsch", "zum teufel", "saftladen", "unfassbar schlecht", "halt die klappe", "unter aller sau",
    ]
}
