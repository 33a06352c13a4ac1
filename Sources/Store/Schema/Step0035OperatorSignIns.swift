extension Migrations {
    /// The host's owner, signed in to the dashboard. Not with the tenants' sessions: no query of those can take one for the other.
    static let operatorSignIns = Step(
        name: "0035-operator-sign-ins",
        statements: [
            """
            CREATE TABLE operator_sign_ins (
                token_hash {key} PRIMARY KEY,
                kind TEXT NOT NULL,
                admin_mark TEXT NOT NULL,
                created_at {timestamp} NOT NULL,
                ends_at {timestamp} NOT NULL
            )
            """
        ])
}
