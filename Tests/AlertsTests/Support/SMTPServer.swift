import Foundation
import TestSupport

/// A local SMTP server (aiosmtpd) that keeps what it takes, read by Python's own mail parser.
enum SMTPServer {
    enum Mode: String {
        /// Takes everything.
        case plain
        /// Requires STARTTLS, and then the sign-in `relay` / `open sesame`.
        case starttls
        /// As `starttls`, and offers CRAM-MD5, which no password passes.
        case hashedPasswords
        /// Speaks TLS from the first byte.
        case tls
        /// 550 for a recipient.
        case refusing
        /// 451 after the mail.
        case busy
        /// 530 for who has not signed in.
        case signInRequired
        /// Accepts connections and says nothing.
        case silent
    }

    /// A mail as the server took it.
    struct Mail: Decodable {
        var sender: String
        var recipients: [String]
        /// Values by lower-case name, decoded.
        var headers: [String: [String]]
        var contentTypes: [String]
        var text: String
        var html: String
        /// The bytes that came over the wire, one character each.
        var raw: String
        var defects: [String]

        func header(_ name: String) -> String? {
            let values = headers[name] ?? []
            return values.count == 1 ? values[0] : nil
        }
    }

    static let script = #"""
        import asyncio, email, email.policy, json, os, ssl, subprocess, sys
        from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword
        folder, mode = sys.argv[1:3]
        class Handler:
            if mode == "hashedPasswords":
                async def auth_CRAM__MD5(self, server, arguments):
                    await server.challenge_auth(b"<1@relay.test>")
                    return AuthResult(success=False, handled=False)
            count = 0
            async def handle_RCPT(self, server, session, envelope, address, options):
                if mode == "refusing": return "550 5.1.1 no such user " + address
                envelope.rcpt_tos.append(address)
                return "250 OK"
            async def handle_DATA(self, server, session, envelope):
                if mode == "busy": return "451 4.3.0 try again later"
                mail = email.message_from_bytes(envelope.content, policy=email.policy.default)
                headers = {}
                for name, value in mail.items(): headers.setdefault(name.lower(), []).append(str(value))
                parts = list(mail.walk())
                content = lambda kind: mail.get_body((kind,)).get_content().replace("\r\n", "\n")
                record = {
                    "sender": envelope.mail_from, "recipients": envelope.rcpt_tos, "headers": headers,
                    "contentTypes": [part.get_content_type() for part in parts],
                    "text": content("plain"), "html": content("html"),
                    "raw": envelope.content.decode("latin-1"),
                    "defects": [repr(defect) for part in parts for defect in part.defects]
                        + [repr(defect) for part in parts for value in part.values() for defect in value.defects],
                }
                self.count += 1
                with open(os.path.join(folder, f"{self.count:04}.json"), "w") as file: json.dump(record, file)
                return "250 OK"
        def authenticate(server, session, envelope, mechanism, data):
            return AuthResult(success=data == LoginPassword(b"relay", b"open sesame"), handled=False)
        async def main():
            context, options = None, {}
            if mode in ("starttls", "tls", "hashedPasswords"):
                key, certificate = os.path.join(folder, "key.pem"), os.path.join(folder, "certificate.pem")
                subprocess.run(
                    ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                     "-days", "2", "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1",
                     "-keyout", key, "-out", certificate], check=True, capture_output=True)
                context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
                context.load_cert_chain(certificate, key)
            if mode in ("starttls", "hashedPasswords"):
                options = {"tls_context": context, "require_starttls": True, "auth_required": True,
                           "authenticator": authenticate}
            if mode == "signInRequired":
                options = {"auth_required": True, "auth_require_tls": False, "authenticator": authenticate}
            handler = Handler()
            factory = asyncio.Protocol if mode == "silent" else lambda: SMTP(handler, hostname="relay.test", **options)
            server = await asyncio.get_running_loop().create_server(
                factory, "127.0.0.1", 0, ssl=context if mode == "tls" else None)
            print(server.sockets[0].getsockname()[1], flush=True)
            await server.serve_forever()
        asyncio.run(main())
        """#

    static func running(_ mode: Mode, body: (ChildServer) async throws -> Void) async throws {
        try await ChildServer.running(script, [mode.rawValue], body: body)
    }
}

extension ChildServer {
    /// The mails taken so far, oldest first.
    func mails() throws -> [SMTPServer.Mail] {
        try files(".json").map { try JSONDecoder().decode(SMTPServer.Mail.self, from: $0) }
    }
}
