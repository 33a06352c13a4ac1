import CCurl
import Domain
import Foundation
import Glibc
import Synchronization

/// One connection to the relay through libcurl, which speaks SMTP, TLS and sign-in. It is kept from one mail to the next; what
/// it does blocks the thread.
final class SMTPTransfer {
    /// Why a mail was not taken.
    struct Failure: Error, Hashable {
        /// libcurl's error.
        var code: CURLcode.RawValue
        /// The last reply of the server (RFC 5321, 4.2); 0 where there was none.
        var reply: Int
        /// libcurl's fixed words for `code`: they name no host, no address and no password.
        var words: String
    }

    /// Nil once it is closed.
    private var handle: UnsafeMutableRawPointer?
    /// Mails sent.
    private(set) var count = 0

    /// libcurl asks for one initialisation per process, before everything else; a `static let` runs once.
    private static let initialised: CURLcode = consilod_curl_global_init()

    /// Connects with the first exchange.
    ///
    /// - Parameter certificateAuthorities: PEM file of those to trust; nil for the host's own.
    init(_ settings: MailSettings, _ limits: MailLimits, certificateAuthorities: String?) throws {
        try Self.check(Self.initialised)
        guard let handle = curl_easy_init() else { throw Self.failure(CURLE_FAILED_INIT) }
        self.handle = handle
        try configure(settings, limits, certificateAuthorities)
    }

    deinit { close() }

    /// Whether the last exchange went over a connection that had carried one before.
    var wasReused: Bool { count > 0 && handle.map { consilod_curl_new_connections($0) == 0 } ?? false }

    /// Sends `message`. Returns when the server has taken it over; throws ``Failure``, after which it must not be used again.
    func send(_ message: MailMessage, _ watch: SMTPWatch) throws {
        let handle = try open
        // libcurl keeps the addresses of the lists and of the body, not copies: they live until after the transfer.
        var lists: [UnsafeMutablePointer<curl_slist>?] = []
        let body = curl_mime_init(handle)
        defer {
            _ = consilod_curl_set_list(handle, CURLOPT_MAIL_RCPT, nil)
            _ = consilod_curl_set_list(handle, CURLOPT_HTTPHEADER, nil)
            _ = consilod_curl_set_mime(handle, nil)
            lists.forEach(curl_slist_free_all)
            curl_mime_free(body)
        }
        try set(CURLOPT_MAIL_FROM, "<\(message.sender.address)>")
        lists.append(try Self.list(["<\(message.recipient.address)>"]))
        try Self.check(consilod_curl_set_list(handle, CURLOPT_MAIL_RCPT, lists[0]))
        let type =
            message.picture == nil ? "multipart/alternative" : "multipart/related; type=\"multipart/alternative\""
        lists.append(try Self.list(message.headers + ["Content-Type: \(type)"]))
        try Self.check(consilod_curl_set_list(handle, CURLOPT_HTTPHEADER, lists[1]))
        if let picture = message.picture {
            // The two forms are the root, the picture is what one of them refers to (RFC 2387).
            let forms = curl_mime_init(handle)
            let root = curl_mime_addpart(body)
            // On success `forms` belongs to `body`.
            let code = curl_mime_subparts(root, forms)
            if code != CURLE_OK { curl_mime_free(forms) }
            try Self.check(code)
            try Self.check(curl_mime_type(root, "multipart/alternative"))
            try Self.add(message, to: forms)
            try Self.add(picture, to: body)
        } else {
            try Self.add(message, to: body)
        }
        try Self.check(consilod_curl_set_mime(handle, body))
        try perform(watch)
        count += 1
    }

    /// Connects, secures the connection and signs in as for a mail, and says no more than NOOP (RFC 5321, 4.1.1.9). Returns
    /// when the server has agreed to all of it; throws ``Failure``.
    func greet(_ watch: SMTPWatch) throws {
        try set(CURLOPT_CUSTOMREQUEST, "NOOP")
        try set(CURLOPT_NOBODY, 1)  // or libcurl would print the reply
        try perform(watch)
    }

    /// Ends the connection. After this it must not be used.
    ///
    /// libcurl says QUIT and waits for the answer for two minutes. Here the connection ends under it: after `limit`, or where
    /// that is zero before a word is said.
    func close(within limit: Duration = .zero) {
        guard let handle else { return }
        self.handle = nil
        // A twin still means this connection when libcurl has closed its own descriptor, whose number may be another's then.
        let twin = Mutex<Int32?>(dup(consilod_curl_socket(handle)))
        let end = DispatchWorkItem { twin.withLock { if let socket = $0 { _ = shutdown(socket, Int32(SHUT_RDWR)) } } }
        if limit > .zero {
            DispatchQueue.global().asyncAfter(
                deadline: .now() + .milliseconds(Int(limit / .milliseconds(1))), execute: end)
        } else {
            end.perform()
        }
        curl_easy_cleanup(handle)
        end.cancel()
        twin.withLock {
            if let socket = $0, socket >= 0 { _ = Glibc.close(socket) }
            $0 = nil
        }
    }

    private func perform(_ watch: SMTPWatch) throws {
        let handle = try open
        try withExtendedLifetime(watch) {
            for code in watch.attach(to: handle) { try Self.check(code) }
            try Self.check(curl_easy_perform(handle), reply: { consilod_curl_response_code(handle) })
        }
    }

    private var open: UnsafeMutableRawPointer {
        get throws {
            guard let handle else { throw Self.failure(CURLE_FAILED_INIT) }
            return handle
        }
    }

    private func configure(_ settings: MailSettings, _ limits: MailLimits, _ certificateAuthorities: String?) throws {
        let scheme = settings.security == .tls ? "smtps" : "smtp"
        let host = settings.host.contains(":") ? "[\(settings.host)]" : settings.host
        // What stands behind the host is what EHLO says.
        let name = settings.helo.addingPercentEncoding(withAllowedCharacters: .urlHostAllowed) ?? ""
        try set(CURLOPT_URL, "\(scheme)://\(host):\(settings.port)/\(name)")
        try set(CURLOPT_PROTOCOLS_STR, scheme)
        try set(CURLOPT_NOPROXY, "*")  // a proxy meant for the web, found in the environment, takes no mail
        // Not CURLUSESSL_TRY, which would go on in clear where TLS is not offered.
        try set(CURLOPT_USE_SSL, settings.security == .none ? CURLUSESSL_NONE.rawValue : CURLUSESSL_ALL.rawValue)
        if let certificateAuthorities { try set(CURLOPT_CAINFO, certificateAuthorities) }
        if let username = settings.username {
            try set(CURLOPT_USERNAME, username)
            try set(CURLOPT_PASSWORD, settings.password?.revealed ?? "")
            // libcurl takes the strongest mechanism on offer, and does not go on to the next where it fails
            // (`findings/curl-smtp-tries-one-mechanism.sh`).
            if settings.authentication != .auto {
                try set(CURLOPT_LOGIN_OPTIONS, "AUTH=\(settings.authentication.rawValue.uppercased())")
            }
        }
        // The watch ends what takes too long; these are for the case that libcurl does not ask it.
        try set(CURLOPT_CONNECTTIMEOUT_MS, UInt32(limits.exchange / .milliseconds(1)))
        try set(CURLOPT_SERVER_RESPONSE_TIMEOUT, UInt32((limits.acceptance / .seconds(1)).rounded(.up)))
        try set(CURLOPT_QUICK_EXIT, 1)  // a name server that does not answer is not waited for
        try set(CURLOPT_MAXCONNECTS, 1)
        try set(CURLOPT_NOSIGNAL, 1)  // signals and threads do not mix
    }

    /// The plainest form first, the one to prefer last (RFC 2046, 5.1.4).
    private static func add(_ message: MailMessage, to body: OpaquePointer?) throws {
        try add(message.text, type: "text/plain; charset=utf-8", to: body)
        try add(message.html, type: "text/html; charset=utf-8", to: body)
    }

    private static func add(_ picture: MailMessage.Picture, to body: OpaquePointer?) throws {
        let part = curl_mime_addpart(body)
        try picture.data.withUnsafeBytes { bytes in
            try check(curl_mime_data(part, bytes.baseAddress?.assumingMemoryBound(to: CChar.self), bytes.count))
        }
        try check(curl_mime_type(part, "image/png"))
        try check(curl_mime_encoder(part, "base64"))
        let headers = try list([
            "Content-ID: <\(picture.contentID)>", "Content-Disposition: inline; filename=chart.png",
        ])
        let code = curl_mime_headers(part, headers, 1)
        // On success they belong to the part.
        if code != CURLE_OK { curl_slist_free_all(headers) }
        try check(code)
    }

    private static func add(_ text: String, type: String, to body: OpaquePointer?) throws {
        let part = curl_mime_addpart(body)
        // The encoder makes line ends of CRLF only (RFC 2045, 6.7).
        let text = text.replacing("\n", with: "\r\n")
        try check(curl_mime_data(part, text, text.utf8.count))
        try check(curl_mime_type(part, type))
        try check(curl_mime_encoder(part, "quoted-printable"))
    }

    private static func list(_ entries: [String]) throws -> UnsafeMutablePointer<curl_slist>? {
        var list: UnsafeMutablePointer<curl_slist>?
        for entry in entries {
            guard let longer = curl_slist_append(list, entry) else {
                curl_slist_free_all(list)
                throw failure(CURLE_OUT_OF_MEMORY)
            }
            list = longer
        }
        return list
    }

    private func set(_ option: CURLoption, _ value: String) throws {
        try Self.check(consilod_curl_set_string(try open, option, value))
    }

    private func set(_ option: CURLoption, _ value: UInt32) throws {
        try Self.check(consilod_curl_set_long(try open, option, Int(value)))
    }

    private static func check(_ code: CURLcode, reply: () -> Int = { 0 }) throws {
        guard code == CURLE_OK else { throw failure(code, reply: reply()) }
    }

    private static func failure(_ code: CURLcode, reply: Int = 0) -> Failure {
        Failure(code: code.rawValue, reply: reply, words: String(cString: curl_easy_strerror(code)))
    }
}
