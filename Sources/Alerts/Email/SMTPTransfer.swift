import CCurl
import Domain

/// One mail through libcurl, which speaks SMTP, TLS and sign-in. ``perform(_:)`` blocks.
struct SMTPTransfer: Sendable {
    /// Why a mail was not taken.
    struct Failure: Error, Hashable {
        /// libcurl's error.
        var code: CURLcode.RawValue
        /// The last reply of the server (RFC 5321, 4.2); 0 where there was none.
        var reply: Int
        /// libcurl's fixed words for `code`: they name no host, no address and no password.
        var words: String
    }

    var settings: MailSettings
    /// The longest the whole transfer may take.
    var timeoutSeconds: Int
    /// PEM file of the certificate authorities to trust; nil for the host's own.
    var certificateAuthorities: String?

    /// libcurl asks for one initialisation per process, before everything else; a `static let` runs once.
    private static let initialised: CURLcode = consilod_curl_global_init()

    /// Sends `message`. Returns when the server has taken it over; throws ``Failure``.
    func perform(_ message: MailMessage) throws {
        try check(Self.initialised)
        guard let handle = curl_easy_init() else { throw failure(CURLE_FAILED_INIT) }
        defer { curl_easy_cleanup(handle) }
        try configure(handle)

        // libcurl keeps the addresses of the lists and of the body, not copies: they live until after the transfer.
        var lists: [UnsafeMutablePointer<curl_slist>?] = []
        defer { lists.forEach(curl_slist_free_all) }
        let body = curl_mime_init(handle)
        defer { curl_mime_free(body) }

        try set(handle, CURLOPT_MAIL_FROM, "<\(message.sender.address)>")
        lists.append(try list(message.recipients.map { "<\($0.address)>" }))
        try check(consilod_curl_set_list(handle, CURLOPT_MAIL_RCPT, lists[0]))
        lists.append(try list(message.headers + ["Content-Type: multipart/alternative"]))
        try check(consilod_curl_set_list(handle, CURLOPT_HTTPHEADER, lists[1]))
        // The plainest form first, the one to prefer last (RFC 2046, 5.1.4).
        try add(message.text, type: "text/plain; charset=utf-8", to: body)
        try add(message.html, type: "text/html; charset=utf-8", to: body)
        try check(consilod_curl_set_mime(handle, body))

        try check(curl_easy_perform(handle), reply: { consilod_curl_response_code(handle) })
    }

    /// Connects, secures the connection and signs in as for a mail, and says no more than NOOP (RFC 5321, 4.1.1.9). Returns
    /// when the server has agreed to all of it; throws ``Failure``.
    func greet() throws {
        try check(Self.initialised)
        guard let handle = curl_easy_init() else { throw failure(CURLE_FAILED_INIT) }
        defer { curl_easy_cleanup(handle) }
        try configure(handle)
        try set(handle, CURLOPT_CUSTOMREQUEST, "NOOP")
        try set(handle, CURLOPT_NOBODY, 1)  // or libcurl would print the reply
        try check(curl_easy_perform(handle), reply: { consilod_curl_response_code(handle) })
    }

    private func configure(_ handle: UnsafeMutableRawPointer) throws {
        let scheme = settings.security == .tls ? "smtps" : "smtp"
        let host = settings.host.contains(":") ? "[\(settings.host)]" : settings.host
        try set(handle, CURLOPT_URL, "\(scheme)://\(host):\(settings.port)")
        try set(handle, CURLOPT_PROTOCOLS_STR, scheme)
        try set(handle, CURLOPT_NOPROXY, "*")  // a proxy meant for the web, found in the environment, takes no mail
        // Not CURLUSESSL_TRY, which would go on in clear where TLS is not offered.
        try set(
            handle, CURLOPT_USE_SSL, settings.security == .none ? CURLUSESSL_NONE.rawValue : CURLUSESSL_ALL.rawValue)
        if let certificateAuthorities { try set(handle, CURLOPT_CAINFO, certificateAuthorities) }
        if let username = settings.username {
            try set(handle, CURLOPT_USERNAME, username)
            try set(handle, CURLOPT_PASSWORD, settings.password?.revealed ?? "")
        }
        try set(handle, CURLOPT_CONNECTTIMEOUT, UInt32(min(10, timeoutSeconds)))
        try set(handle, CURLOPT_TIMEOUT, UInt32(timeoutSeconds))
        try set(handle, CURLOPT_NOSIGNAL, 1)  // signals and threads do not mix
    }

    private func add(_ text: String, type: String, to body: OpaquePointer?) throws {
        let part = curl_mime_addpart(body)
        // The encoder makes line ends of CRLF only (RFC 2045, 6.7).
        let text = text.replacing("\n", with: "\r\n")
        try check(curl_mime_data(part, text, text.utf8.count))
        try check(curl_mime_type(part, type))
        try check(curl_mime_encoder(part, "quoted-printable"))
    }

    private func list(_ entries: [String]) throws -> UnsafeMutablePointer<curl_slist>? {
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

    private func set(_ handle: UnsafeMutableRawPointer, _ option: CURLoption, _ value: String) throws {
        try check(consilod_curl_set_string(handle, option, value))
    }

    private func set(_ handle: UnsafeMutableRawPointer, _ option: CURLoption, _ value: UInt32) throws {
        try check(consilod_curl_set_long(handle, option, Int(value)))
    }

    private func check(_ code: CURLcode, reply: () -> Int = { 0 }) throws {
        guard code == CURLE_OK else { throw failure(code, reply: reply()) }
    }

    private func failure(_ code: CURLcode, reply: Int = 0) -> Failure {
        Failure(code: code.rawValue, reply: reply, words: String(cString: curl_easy_strerror(code)))
    }
}
