import CPostgres
import Domain
import Foundation
import Glibc

/// One connection to PostgreSQL through libpq, always in pipeline mode: statements are sent without waiting for the answer
/// of those before, and ``synchronize()`` reads all answers (postgresql.org/docs/current/libpq-pipeline-mode.html).
///
/// Not `Sendable`: it belongs to the one thread that uses it at a time. It blocks that thread, never longer than its limit.
final class PostgresSession {
    /// What a statement gave.
    struct Answer {
        var rows: [SQLRow] = []
        /// Rows it changed.
        var changed = 0
        /// As `COMMIT` or `INSERT 0 1`.
        var tag = ""
    }

    private struct Statement {
        var name: String
        var parameters: [PostgresParameter]
    }

    private let connection: OpaquePointer
    /// The PID of the backend, as notifications name it. `PQbackendPID` may have a pooler's own.
    private var backendID: Int?
    /// How long to wait for answers before the connection is given up.
    var answerSeconds: Int
    private var statements: [String: Statement] = [:]
    /// So that none has the name of another, also of one that could not be described.
    private var statementCount = 0
    /// Statements sent whose answers are not read yet.
    private var unanswered = 0
    /// Ends of pipelines that were sent and whose answers are not read yet.
    private var unansweredEnds = 0
    /// More are not sent before their answers are read, so that neither side's buffers grow.
    private let unansweredLimit = 512
    /// Statements that exist at the server at a time. Those of the store are far fewer.
    private let statementLimit = 1000

    /// Connects and sets the session up. Throws ``PostgresError``.
    init(_ settings: PostgresSettings) throws {
        let parameters = settings.parameters.sorted { $0.key < $1.key }
        let keywords = parameters.map { strdup($0.key) }
        let values = parameters.map { strdup($0.value) }
        defer { (keywords + values).forEach { free($0) } }
        let opened = (keywords.map { UnsafePointer($0) } + [nil]).withUnsafeBufferPointer { keywords in
            (values.map { UnsafePointer($0) } + [nil]).withUnsafeBufferPointer { values in
                PQconnectdbParams(keywords.baseAddress, values.baseAddress, 0)
            }
        }
        guard let opened else {
            throw PostgresError(sqlState: nil, message: "out of memory for a connection", endsConnection: true)
        }
        connection = opened
        answerSeconds = settings.answerSeconds
        guard PQstatus(connection) == CONNECTION_OK else { throw Self.broken(connection) }
        // The default prints the server's notices to standard error.
        PQsetNoticeProcessor(connection, { _, _ in }, nil)
        guard PQsetnonblocking(connection, 1) == 0, PQenterPipelineMode(connection) == 1 else {
            throw Self.broken(connection)
        }
        try setUp(settings)
    }

    deinit { PQfinish(connection) }

    /// As 150018 for 15.18.
    var serverVersion: Int32 { PQserverVersion(connection) }

    var socket: Int32 { PQsocket(connection) }

    private func setUp(_ settings: PostgresSettings) throws {
        guard serverVersion >= 130_000 else {
            throw PostgresError(
                sqlState: nil, message: "the server is older than PostgreSQL 13", endsConnection: true)
        }
        let milliseconds = settings.statementSeconds * 1000
        for setting in [
            "SET TIME ZONE 'UTC'", "SET standard_conforming_strings = on",
            "SET default_transaction_isolation = 'read committed'",
            "SET statement_timeout = \(milliseconds)",
            // Long enough for another node's commit, short enough for Jira, which hangs up after 20 seconds.
            "SET lock_timeout = \(min(milliseconds, 10_000))",
            "SET idle_in_transaction_session_timeout = \(milliseconds * 2)",
            // P1: whatever the server's default, an answered webhook is on disk. Stricter settings stay.
            """
            SELECT set_config('synchronous_commit', 'on', false)
            WHERE current_setting('synchronous_commit') = 'off'
            """,
            "SELECT pg_backend_pid(), (current_setting('transaction_read_only') = 'on')::int",
        ] { try sendOnce(setting) }
        guard let row = try synchronize().last?.rows.first else { return }
        backendID = try row.integer()
        if try row.integer(1) == 1 {
            throw PostgresError(
                sqlState: nil,
                message: "the server does not accept writes: it is a standby, or read-only by configuration",
                endsConnection: true)
        }
    }

    // MARK: Statements

    /// Sends a statement that is not worth preparing, without arguments.
    func sendOnce(_ sql: String) throws {
        guard PQsendQueryParams(connection, sql, 0, nil, nil, nil, nil, 1) == 1 else { throw Self.broken(connection) }
        unanswered += 1
    }

    /// Sends a statement with `?` placeholders, prepared at its first use. Its failure shows when its answer is read.
    func send(_ sql: String, _ arguments: [SQLValue]) throws {
        if unanswered >= unansweredLimit { try synchronize() }
        let statement = try prepared(sql, arguments: arguments.count)
        try send(statement, zip(statement.parameters, arguments).map { try $0.encode($1) })
    }

    /// Sends several statements and waits for their answers together.
    func answers(to queries: [SQLQuery]) throws -> [Answer] {
        // First, because to prepare a statement is to wait for all answers.
        let statements = try queries.map { try prepared($0.sql, arguments: $0.arguments.count) }
        if unanswered + queries.count > unansweredLimit { try synchronize() }
        for (statement, query) in zip(statements, queries) {
            try send(statement, zip(statement.parameters, query.arguments).map { try $0.encode($1) })
        }
        return try synchronize().suffix(queries.count)
    }

    /// As ``send(_:_:)``, for a statement whose arguments are arrays: of what `rows` have in the first place, in the second,
    /// and so on.
    func sendArrays(_ sql: String, _ rows: ArraySlice<[SQLValue]>) throws {
        if unanswered >= unansweredLimit { try synchronize() }
        let statement = try prepared(sql, arguments: rows.first?.count ?? 0)
        try send(
            statement,
            statement.parameters.enumerated().map { place, parameter in
                try parameter.encode(rows.lazy.map { $0[place] })
            })
    }

    private func send(_ statement: Statement, _ arguments: [[UInt8]?]) throws {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(arguments.reduce(1) { $0 + ($1?.count ?? 0) })
        var ranges: [Range<Int>?] = []
        for argument in arguments {
            guard let argument else {
                ranges.append(nil)
                continue
            }
            ranges.append(bytes.count..<bytes.count + argument.count)
            bytes += argument
        }
        // A terminator, so that there is an address even of no bytes.
        bytes.append(0)
        let sent = bytes.withUnsafeBytes { buffer in
            let pointers = ranges.map { range in
                range.flatMap { buffer.baseAddress?.advanced(by: $0.lowerBound).assumingMemoryBound(to: CChar.self) }
            }
            return PQsendQueryPrepared(
                connection, statement.name, Int32(arguments.count), pointers, ranges.map { Int32($0?.count ?? 0) },
                Array(repeating: 1, count: arguments.count), 1)
        }
        guard sent == 1 else { throw Self.broken(connection) }
        unanswered += 1
    }

    private func prepared(_ sql: String, arguments: Int) throws -> Statement {
        let statement = try prepared(sql)
        guard statement.parameters.count == arguments else {
            throw StorageError(.corrupt, "a statement has \(statement.parameters.count) placeholders, not \(arguments)")
        }
        return statement
    }

    private func prepared(_ sql: String) throws -> Statement {
        if let statement = statements[sql] { return statement }
        if unanswered > 0 { try synchronize() }
        if statements.count >= statementLimit {
            try sendOnce("DEALLOCATE ALL")
            try synchronize()
            statements = [:]
        }
        let name = "s\(statementCount)"
        statementCount += 1
        guard PQsendPrepare(connection, name, Self.numbered(sql), 0, nil) == 1,
            PQsendDescribePrepared(connection, name) == 1
        else { throw Self.broken(connection) }
        unanswered += 2
        var parameters: [PostgresParameter] = []
        try readAnswers { result in
            parameters = try (0..<PQnparams(result)).map { index in
                let oid = PQparamtype(result, index)
                guard let parameter = PostgresParameter(oid: oid) else {
                    throw StorageError(.corrupt, "a statement has an argument of PostgreSQL's type \(oid)")
                }
                return parameter
            }
        }
        let statement = Statement(name: name, parameters: parameters)
        statements[sql] = statement
        return statement
    }

    /// `?` placeholders as PostgreSQL's `$1`, `$2` …; those within quotes are text.
    static func numbered(_ sql: String) -> String {
        var (result, count, quote) = ("", 0, Character?.none)
        for character in sql {
            if character == quote {
                quote = nil
            } else if quote == nil, character == "'" || character == "\"" {
                quote = character
            }
            if quote == nil, character == "?" {
                count += 1
                result += "$\(count)"
            } else {
                result.append(character)
            }
        }
        return result
    }

    // MARK: Answers

    /// Waits for the answers to all that was sent since the last call. Throws the first failure, after which none of the
    /// statements behind it was run.
    @discardableResult
    func synchronize() throws -> [Answer] {
        var answers: [Answer] = []
        try readAnswers { answers.append(try Self.answer(from: $0)) }
        return answers
    }

    /// Whether the session was within a transaction, in which nothing had failed, when the last answers were read.
    var isInTransaction: Bool { unanswered == 0 && PQtransactionStatus(connection) == PQTRANS_INTRANS }

    /// Ends a transaction that only read, without waiting for the answer: there is nothing that it could say of what was read. It is
    /// read, and passed over, before the answers of the next transaction; a connection that broke meanwhile shows then.
    func endReading() throws {
        try sendOnce("COMMIT")
        guard PQpipelineSync(connection) == 1 else { throw Self.broken(connection) }
        (unanswered, unansweredEnds) = (0, unansweredEnds + 1)
        try flush(until: .now + .seconds(answerSeconds))
    }

    private func readAnswers(_ read: (OpaquePointer) throws -> Void) throws {
        guard PQpipelineSync(connection) == 1 else { throw Self.broken(connection) }
        // Answers before the last of these are of transactions that have ended.
        var ends = unansweredEnds + 1
        (unanswered, unansweredEnds) = (0, 0)
        let deadline = ContinuousClock.now + .seconds(answerSeconds)
        try flush(until: deadline)
        var failure: (any Error)?
        while true {
            guard let result = try nextResult(until: deadline) else { continue }
            defer { PQclear(result) }
            switch PQresultStatus(result) {
            case PGRES_PIPELINE_SYNC:
                ends -= 1
                guard ends == 0 else { continue }
                if let failure { throw failure }
                return
            // What stands behind a failed statement; the failure itself came before.
            case PGRES_PIPELINE_ABORTED: continue
            case PGRES_COMMAND_OK, PGRES_TUPLES_OK:
                guard ends == 1 else { continue }
                do { try read(result) } catch { failure = failure ?? error }
            default:
                let error = Self.error(of: result, connection)
                guard PQstatus(connection) == CONNECTION_OK else { throw error }
                failure = failure ?? error
            }
        }
    }

    private static func answer(from result: OpaquePointer) throws -> Answer {
        let tag = PQcmdStatus(result).map { String(cString: $0) } ?? ""
        let columns = PQnfields(result)
        guard columns > 0 else {
            return Answer(changed: PQcmdTuples(result).flatMap { Int(String(cString: $0)) } ?? 0, tag: tag)
        }
        let types = try (0..<columns).map { column in
            let oid = PQftype(result, column)
            guard let type = PostgresType(rawValue: oid) else {
                throw StorageError(.corrupt, "a column of a result has PostgreSQL's type \(oid)")
            }
            return type
        }
        let rows = try (0..<PQntuples(result)).map { row in
            SQLRow(
                values: try types.enumerated().map { column, type in
                    let column = Int32(column)
                    guard PQgetisnull(result, row, column) == 0, let start = PQgetvalue(result, row, column) else {
                        return .null
                    }
                    let length = Int(PQgetlength(result, row, column))
                    return try type.decode(UnsafeRawBufferPointer(start: start, count: length))
                })
        }
        return Answer(rows: rows, changed: rows.count, tag: tag)
    }

    private func flush(until deadline: ContinuousClock.Instant) throws {
        while true {
            switch PQflush(connection) {
            case 0: return
            // The server may have to get rid of answers before it takes more.
            case 1: if try wait(for: POLLIN | POLLOUT, until: deadline) { try consumeInput() }
            default: throw Self.broken(connection)
            }
        }
    }

    private func nextResult(until deadline: ContinuousClock.Instant) throws -> OpaquePointer? {
        while PQisBusy(connection) == 1 {
            _ = try wait(for: POLLIN, until: deadline)
            try consumeInput()
        }
        guard let result = PQgetResult(connection) else {
            // Between the answers of two statements there is nothing; on a broken connection nothing will come.
            guard PQstatus(connection) == CONNECTION_OK else { throw Self.broken(connection) }
            return nil
        }
        return result
    }

    private func consumeInput() throws {
        guard PQconsumeInput(connection) == 1 else { throw Self.broken(connection) }
    }

    /// Whether there is something to read. Throws when nothing happens until the deadline.
    private func wait(for events: Int32, until deadline: ContinuousClock.Instant) throws -> Bool {
        var descriptor = pollfd(fd: socket, events: Int16(events), revents: 0)
        while true {
            let left = max(.zero, deadline - .now)
            switch poll(&descriptor, 1, Int32(left.components.seconds * 1000) + 1) {
            case 0: throw PostgresError(sqlState: nil, message: "the server does not answer", endsConnection: true)
            case 1...: return descriptor.revents & Int16(POLLIN | POLLERR | POLLHUP) != 0
            default: guard errno == EINTR else { throw Self.broken(connection) }
            }
        }
    }

    // MARK: Notifications

    /// The payloads that other sessions sent to the channels this one listens to and that have arrived by now.
    func notifications() throws -> [String] {
        try consumeInput()
        var payloads: [String] = []
        while let notification = PQnotifies(connection) {
            defer { PQfreemem(notification) }
            guard Int(notification.pointee.be_pid) != backendID else { continue }
            payloads.append(String(cString: notification.pointee.extra))
        }
        return payloads
    }

    // MARK: Failures

    private static func broken(_ connection: OpaquePointer) -> PostgresError {
        let lines = String(cString: PQerrorMessage(connection)).split(whereSeparator: \.isNewline)
            .map { $0.trimmingCharacters(in: .whitespaces) }
        return PostgresError(
            sqlState: nil, message: lines.isEmpty ? "the connection is lost" : lines.joined(separator: "; "),
            endsConnection: true)
    }

    private static func error(of result: OpaquePointer, _ connection: OpaquePointer) -> PostgresError {
        func field(_ code: Character) -> String? {
            PQresultErrorField(result, Int32(code.asciiValue ?? 0)).map { String(cString: $0) }
        }
        // PG_DIAG_SQLSTATE, PG_DIAG_MESSAGE_PRIMARY.
        let (state, message) = (field("C"), field("M"))
        let isLost = PQstatus(connection) != CONNECTION_OK
        // The text of a data exception shows the value.
        let isSafe = state.map { !$0.hasPrefix("22") } ?? true
        return PostgresError(
            sqlState: state,
            message: (isSafe ? message : nil) ?? state.map { "SQLSTATE \($0)" } ?? broken(connection).message,
            // A server that takes no writes has been demoted: another one does by now.
            endsConnection: isLost || state == "25006" || state?.hasPrefix("57P") == true)
    }
}
