extension Migrations {
    /// What the store remembers of itself, in one row, which is inserted when there is something to remember: the instants
    /// at which it was in use, and a value that only the right encryption key opens.
    static let storeState = Step(
        name: "0022-store-state",
        statements: [
            """
            CREATE TABLE store_state (
                name {key} PRIMARY KEY,
                trusted_at {timestamp},
                doubted_at {timestamp},
                is_counting {flag} NOT NULL DEFAULT FALSE,
                confirmed_at {timestamp},
                sealed_canary TEXT
            )
            """
        ])
}
