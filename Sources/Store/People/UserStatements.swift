import Domain
import Foundation

/// A person's row, as `u`.
enum UserColumn: Int, SQLColumns {
    case id, issuer, subject, clerkUserID, email, isEmailVerified, fullName, createdAt, lastSignInAt
    static let list = columnList()

    var sql: String { "u.\(columnName)" }
}

extension SQLRecord<UserColumn> {
    var user: User {
        get throws {
            User(
                id: UserID(try uuid(.id)),
                identity: PersonIdentity(
                    issuer: try text(.issuer), subject: try text(.subject), clerkUserID: try optionalText(.clerkUserID),
                    email: try optionalText(.email), isEmailVerified: try flag(.isEmailVerified),
                    fullName: try optionalText(.fullName)),
                createdAt: try timestamp(.createdAt), lastSignInAt: try timestamp(.lastSignInAt))
        }
    }
}

extension SQLValue {
    static func user(_ id: UserID) -> SQLValue { .uuid(id.uuid) }
}

/// The statements on people that several transactions share.
enum UserStatements {
    static func find(_ identity: PersonIdentity, in connection: any SQLConnection) throws -> User? {
        try connection.selectFirst(
            UserColumn.self, "FROM users AS u WHERE u.issuer = ? AND u.subject = ?",
            [.text(identity.issuer), .text(identity.subject)])?.user
    }

    static func find(_ id: UserID, in connection: any SQLConnection) throws -> User? {
        try connection.selectFirst(UserColumn.self, "FROM users AS u WHERE u.id = ?", [.user(id)])?.user
    }

    /// Adds a person, or notes what the provider says now.
    static func save(_ identity: PersonIdentity, now: Timestamp, in connection: any SQLConnection) throws -> User? {
        try connection.run(
            """
            INSERT INTO users (id, issuer, subject, clerk_user_id, email, is_email_verified, full_name, created_at,
                updated_at, last_sign_in_at)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (issuer, subject) DO UPDATE SET
                clerk_user_id = COALESCE(excluded.clerk_user_id, users.clerk_user_id), email = excluded.email,
                is_email_verified = excluded.is_email_verified, full_name = excluded.full_name,
                updated_at = excluded.updated_at, last_sign_in_at = excluded.last_sign_in_at
            """,
            [
                .uuid(UUID()), .text(identity.issuer), .text(identity.subject), .text(identity.clerkUserID),
                .text(identity.email), .flag(identity.isEmailVerified), .text(identity.fullName), .timestamp(now),
                .timestamp(now), .timestamp(now),
            ])
        return try find(identity, in: connection)
    }

    /// The person of a session that has not ended; no tenant need be chosen.
    static func ofSession(_ tokenHash: String, now: Timestamp, in connection: any SQLConnection) throws -> Session? {
        try connection.first(
            "SELECT user_id, source FROM sign_ins WHERE token_hash = ? AND kind = 'session' AND ends_at > ? "
                + "AND user_id IS NOT NULL",
            [.text(tokenHash), .timestamp(now)]
        ).map { Session(userID: UserID(try $0.uuid(0)), source: try $0.text(1)) }
    }

    struct Session {
        var userID: UserID
        var source: String
    }
}
