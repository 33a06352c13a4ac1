extension RiskConfiguration {
    static let defaultResolvingPhrases = [
        // English
        "resolved", "unblocked", "no longer blocked", "not blocked anymore", "not blocked any more", "not blocked",
        "no longer waiting", "not waiting anymore", "not waiting any more", "no longer stuck", "not stuck anymore",
        "fixed", "solved", "sorted out", "cleared", "blocker is gone", "blockers are gone", "no more blockers",
        "no blockers", "no blocker", "good to go", "can proceed", "can continue", "back on track",
        // German
        "entblockt", "nicht mehr blockiert", "nicht blockiert", "kein blocker mehr", "keine blocker mehr",
        "keine blocker", "kein blocker", "nicht länger blockiert", "behoben", "gelöst", "erledigt", "geklärt",
        "freigegeben", "blocker ist weg", "kann weitergehen", "können weitermachen", "kann weitermachen",
        "geht weiter", "geht es weiter",
    ]

    static let defaultNegations = [
        "not", "no", "never", "without", "neither", "nor", "cannot", "can't", "isn't", "aren't", "wasn't", "weren't",
        "hasn't", "haven't", "hadn't", "don't", "doesn't", "didn't", "won't", "couldn't", "shouldn't", "wouldn't",
        "nothing", "nobody", "none", "hardly",
        "nicht", "kein", "keine", "keinen", "keinem", "keiner", "nie", "niemals", "ohne", "nichts", "niemand",
    ]

    static let defaultHypotheticals = [
        "if", "when", "once", "until", "unless", "could", "might", "may", "would", "should", "must", "will", "be",
        "get", "needs", "avoid", "whether", "whenever", "unresolved", "can", "shall",
        "wenn", "falls", "sobald", "bis", "könnte", "könnten", "würde", "würden", "sofern", "sollte", "sollten", "muss",
        "müssen", "wird", "werden", "ob",
    ]

    static let defaultCategoryPhrases: [String: [String]] = [
        "technical_debt": [
            "refactor", "refactors", "refactoring", "refactored", "technical debt", "tech debt", "legacy code",
            "deprecated", "technische schulden", "altlast", "altlasten", "veraltet",
        ],
        "dependency": [
            "waiting on", "waiting for", "waits for", "waits on", "blocked by", "blocked on", "depends on",
            "dependency", "dependencies", "warte auf", "warten auf", "wartet auf", "blockiert durch",
            "blockiert von", "hängt an", "abhängig von", "abhängigkeit", "abhängigkeiten",
        ],
        "resource": [
            "need help", "needs help", "need resource", "need resources", "understaffed", "capacity",
            "no capacity", "brauche hilfe", "brauchen hilfe", "unterbesetzt", "kapazität", "keine kapazität",
        ],
        "external": [
            "vendor", "vendors", "third party", "external team", "partner", "partners", "supplier", "lieferant",
            "lieferanten", "dienstleister", "drittanbieter", "externes team",
        ],
        "requirements": [
            "unclear requirements", "requirements are unclear", "missing spec", "missing specs",
            "missing specification", "need clarification", "needs clarification", "clarification",
            "unklare anforderungen", "anforderungen unklar", "anforderungen sind unklar", "spezifikation fehlt",
            "klärung nötig", "klärungsbedarf",
        ],
        "testing": [
            "test failure", "test failures", "failing tests", "failing test", "qa blocker", "test environment",
            "test system", "testumgebung", "testsystem", "fehlschlagende tests",
        ],
        "deployment": [
            "deploy", "deploys", "deployed", "deploying", "deployment", "release", "rollout", "environment issue",
            "environment issues", "environment is down", "server is down", "infrastructure", "infrastruktur",
            "umgebung ist down", "umgebung steht nicht", "auslieferung",
        ],
    ]

    /// The original product's table of day rates.
    static let defaultRoleRates: [String: Double] = [
        "Senior Engineer": 5000, "Staff Engineer": 6000, "Principal Engineer": 7000, "Mid Engineer": 3000,
        "Junior Engineer": 2000, "Engineering Manager": 6500, "Tech Lead": 5500,
        "Senior PM": 5000, "PM": 4000, "Associate PM": 2500,
        "Senior Designer": 4500, "Designer": 3500, "Junior Designer": 2000,
        "Senior QA Engineer": 4000, "QA Engineer": 3000, "DevOps Engineer": 4500, "SRE": 5000, "Data Engineer": 4500,
        "Data Scientist": 5000, "Analytics Engineer": 3500, "Contractor": 3500, "Intern": 1000, "Consultant": 5000,
    ]

    /// From the particular to the general: `Senior QA` before `QA`, `Data Engineer` before `Engineer`.
    static let defaultRolePatterns: [RolePattern] = [
        RolePattern("principal", "Principal Engineer"),
        RolePattern("staff engineer", "Staff Engineer"), RolePattern("staff developer", "Staff Engineer"),
        RolePattern("engineering manager", "Engineering Manager"),
        RolePattern("tech lead", "Tech Lead"), RolePattern("technical lead", "Tech Lead"),
        RolePattern("team lead", "Tech Lead"),
        RolePattern("senior pm", "Senior PM"), RolePattern("sr pm", "Senior PM"),
        RolePattern("senior product manager", "Senior PM"), RolePattern("sr product manager", "Senior PM"),
        RolePattern("senior project manager", "Senior PM"),
        RolePattern("associate pm", "Associate PM"), RolePattern("associate product manager", "Associate PM"),
        RolePattern("pm", "PM"), RolePattern("product manager", "PM"), RolePattern("project manager", "PM"),
        RolePattern("senior designer", "Senior Designer"), RolePattern("sr designer", "Senior Designer"),
        RolePattern("junior designer", "Junior Designer"), RolePattern("jr designer", "Junior Designer"),
        RolePattern("designer", "Designer"),
        RolePattern("senior qa", "Senior QA Engineer"), RolePattern("sr qa", "Senior QA Engineer"),
        RolePattern("qa", "QA Engineer"), RolePattern("tester", "QA Engineer"),
        RolePattern("devops", "DevOps Engineer"), RolePattern("sre", "SRE"), RolePattern("site reliability", "SRE"),
        RolePattern("data engineer", "Data Engineer"), RolePattern("data scientist", "Data Scientist"),
        RolePattern("analytics", "Analytics Engineer"), RolePattern("analyst", "Analytics Engineer"),
        RolePattern("contractor", "Contractor"), RolePattern("freelancer", "Contractor"),
        RolePattern("intern", "Intern"), RolePattern("consultant", "Consultant"),
        RolePattern("senior", "Senior Engineer"), RolePattern("sr", "Senior Engineer"),
        RolePattern("junior", "Junior Engineer"), RolePattern("jr", "Junior Engineer"),
        RolePattern("engineer", "Mid Engineer"), RolePattern("developer", "Mid Engineer"),
        RolePattern("dev", "Mid Engineer"),
    ]
}
