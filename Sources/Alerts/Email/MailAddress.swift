/// An address of RFC 5321 in its everyday ASCII form: no quoted local parts, no comments, no domain literals.
struct MailAddress: Sendable, Hashable {
    /// Shown beside the address; nil for none.
    var name: String?
    /// `local@domain`.
    var address: String

    /// The part after the `@`.
    var domain: Substring { address.drop { $0 != "@" }.dropFirst() }

    /// Reads `a@example.com` or `A name <a@example.com>`; nil for anything else.
    init?(_ text: String) {
        let text = text.trimmingSpaces
        guard !text.contains(where: \.isNewline) else { return nil }
        guard text.last == ">", let open = text.lastIndex(of: "<") else {
            self.init(name: nil, address: text)
            return
        }
        let name = String(text[..<open]).trimmingSpaces.trimmingQuotes
        self.init(name: name.isEmpty ? nil : name, address: String(text[text.index(after: open)...].dropLast()))
    }

    private init?(name: String?, address: String) {
        let parts = address.split(separator: "@", omittingEmptySubsequences: false)
        guard parts.count == 2, address.utf8.count <= 254, Self.isDotAtom(parts[0]), Self.isDotAtom(parts[1])
        else { return nil }
        self.name = name
        self.address = address
    }

    /// RFC 5322, 3.2.3: words of the characters that need no quoting, joined by single dots.
    private static func isDotAtom(_ text: Substring) -> Bool {
        text.split(separator: ".", omittingEmptySubsequences: false).allSatisfy { word in
            !word.isEmpty && word.utf8.allSatisfy { HeaderText.atomBytes.contains($0) }
        }
    }

    /// The addresses of a list separated by commas; parts that are no address are left out.
    static func list(_ text: String) -> [MailAddress] {
        text.split(separator: ",").compactMap { MailAddress(String($0)) }
    }

    /// For a `From` or `To` header.
    var header: String {
        guard let name else { return address }
        return "\(HeaderText.phrase(name)) <\(address)>"
    }
}

extension String {
    fileprivate var trimmingSpaces: String {
        String(drop(while: \.isWhitespace).reversed().drop(while: \.isWhitespace).reversed())
    }

    fileprivate var trimmingQuotes: String {
        count >= 2 && first == "\"" && last == "\"" ? String(dropFirst().dropLast()) : self
    }
}
