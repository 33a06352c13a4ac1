import Foundation

/// A mail server that misbehaves at one stage of a session, as its script says, and keeps what it takes.
public enum ScriptedRelay {
    /// Where in a session.
    public enum Stage: String, CaseIterable, Sendable {
        case banner, ehlo = "EHLO", starttls = "STARTTLS", auth = "AUTH", mail = "MAIL", rcpt = "RCPT", data = "DATA"
        case dot, quit = "QUIT"
        /// At the second mail of a session, before the reply to MAIL.
        case again
        /// Behind the reply that takes a mail.
        case after
        case never
    }

    /// What it does there.
    public enum Conduct: String, Sendable {
        /// Says nothing more.
        case hang
        /// A character from time to time, never a line.
        case trickle
        /// Lines of a reply without an end.
        case flood
        case close
        /// 421, and closes.
        case busy
    }

    static let script = #"""
        import os, socket, sys, threading, time
        folder, stage, conduct, limit = sys.argv[1:5]
        lock, taken = threading.Lock(), 0
        def note(name, text):
            with lock, open(os.path.join(folder, name), "a") as file: file.write(text + "\n")
        def misbehave(connection):
            if conduct == "hang": threading.Event().wait()
            if conduct == "busy": connection.sendall(b"421 4.3.2 closing\r\n")
            while conduct == "trickle":
                connection.sendall(b"2")
                time.sleep(0.1)
            while conduct == "flood": connection.sendall(b"250-more\r\n" * 1000)
            connection.shutdown(socket.SHUT_RDWR)
            raise OSError
        def serve(connection, number):
            global taken
            mails, recipient = 0, ""
            def reply(at, text, takes=None):
                note("stages", f"{number} {at}")
                if at == stage and number <= int(limit): misbehave(connection)
                # Before the client can know of it, so that who has the reply finds the note.
                if takes: note("taken", takes)
                connection.sendall(text)
            try:
                lines = connection.makefile("rb")
                reply("banner", b"220 relay.test ESMTP\r\n")
                while True:
                    line = lines.readline()
                    if not line: return
                    words = line.decode().split()
                    command = words[0].upper() if words else ""
                    if command == "EHLO":
                        note("names", words[1])
                        more = {"STARTTLS": b"250-STARTTLS\r\n", "AUTH": b"250-AUTH PLAIN\r\n"}.get(stage, b"")
                        reply("EHLO", b"250-relay.test\r\n" + more + b"250 8BITMIME\r\n")
                    elif command == "AUTH":
                        reply("AUTH", b"235 OK\r\n")
                    elif command == "MAIL":
                        if mails: reply("again", b"")
                        reply("MAIL", b"250 OK\r\n")
                    elif command == "RCPT":
                        recipient = words[1]
                        if "unknown" in recipient: connection.sendall(b"550 5.1.1 no such user\r\n")
                        else: reply("RCPT", b"250 OK\r\n")
                    elif command == "DATA":
                        reply("DATA", b"354 go on\r\n")
                        while lines.readline() not in (b".\r\n", b""): pass
                        reply("dot", b"250 OK\r\n", takes=f"{number} {recipient}")
                        mails += 1
                        reply("after", b"")
                    elif command == "QUIT":
                        reply("QUIT", b"221 bye\r\n")
                        return
                    else: reply(command, b"250 OK\r\n")
            except OSError: pass
            finally: connection.close()
        server = socket.create_server(("127.0.0.1", 0), backlog=128)
        print(server.getsockname()[1], flush=True)
        number = 0
        while True:
            connection, _ = server.accept()
            number += 1
            threading.Thread(target=serve, args=(connection, number), daemon=True).start()
        """#

    /// Runs `body` beside a server.
    ///
    /// - Parameter sessions: in how many, from the first on, it misbehaves.
    public static func running<Result>(
        _ stage: Stage, _ conduct: Conduct = .hang, sessions: Int = 1_000_000,
        body: (ChildServer) async throws -> Result
    ) async throws -> Result {
        try await ChildServer.running(
            script, [stage.rawValue, conduct.rawValue, "\(sessions)"], body: body)
    }
}

extension ChildServer {
    /// Lines of a file that the script writes: `stages` and `taken` name the session first, `names` are what EHLO said.
    public func lines(_ name: String) throws -> [String] {
        let file = folder.appendingPathComponent(name)
        guard FileManager.default.fileExists(atPath: file.path) else { return [] }
        return try String(contentsOf: file, encoding: .utf8).split(separator: "\n").map(String.init)
    }
}
