// What stands within a line: code, links, pictures, addresses, names of files, struck-out and bold text.

extension MarkupReader {
    // MARK: Code and macros

    /// `{{code}}`: its words stay for a model.
    mutating func readMonospace() -> Bool {
        guard index + 1 < line.count, line[index + 1] == "{" else { return false }
        if purpose == .statements, let end = next("}", from: index + 2, within: 500), end + 1 < line.count,
            line[end + 1] == "}"
        {
            leaveOut(upTo: end + 2, withSpace: !isWord(end + 2))
        } else {
            index += 2
        }
        return true
    }

    mutating func skipMonospaceEnd() -> Bool {
        guard index + 1 < line.count, line[index + 1] == "}" else { return false }
        index += 2
        return true
    }

    /// Code between two marks.
    mutating func readCode(_ mark: Unicode.Scalar) -> Bool {
        guard let end = next(mark, from: index + 1, within: 300), end > index + 1 else { return false }
        leaveOut(upTo: end + 1)
        return true
    }

    /// `{color:red}`, `{panel}`: the tag goes, what is inside stays. `{*}` begins or ends bold text within a word. False
    /// for anything else in braces.
    mutating func skipMacro() -> Bool {
        guard let end = next("}", from: index + 1, within: 200) else { return false }
        let name = line[(index + 1)..<end].prefix { $0 != ":" }
        if name.count == 1, let mark = name.first, ["*", "_", "+", "-"].contains(mark) {
            index = end + 1
            return true
        }
        guard !name.isEmpty, name.allSatisfy({ ("a"..."z").contains($0) }) else { return false }
        index = end + 1
        append(" ")
        return true
    }

    // MARK: Links, pictures, addresses

    /// `[text|address]` leaves the text, `[~mention]`, `[^attachment]` and `[address]` nothing. A statement leaves out the
    /// text too where it is only the name of what it leads to.
    mutating func readLink() -> Bool {
        guard let end = next("]", from: index + 1, within: 500), end > index + 1 else { return false }
        let inside = line[(index + 1)..<end]
        let isReference = inside.first == "~" || inside.first == "^" || isAddress(inside)
        let bar = inside.firstIndex(of: "|")
        // Markdown: `[text](address)`.
        let isMarkdown = bar == nil && end + 1 < line.count && line[end + 1] == "(" && isAddress(line[(end + 2)...])
        guard isReference || bar != nil || isMarkdown else { return false }
        var after = end + 1
        if isMarkdown { after = (next(")", from: end + 2, within: 500) ?? end) + 1 }
        let text = inside[..<(bar ?? inside.endIndex)]
        if inside.first == "~" {
            index = after
        } else if isReference || purpose == .statements && isName(text, of: bar.map { inside[($0 + 1)...] }) {
            if purpose == .statements, let key = issueKey(inAddress: inside) {
                append(" ")
                for scalar in key { append(scalar) }
                index = after
            } else if purpose == .statements {
                leaveOut(upTo: after, withSpace: false)
            } else {
                index = after
            }
        } else {
            for scalar in text { append(scalar) }
            index = after
        }
        return true
    }

    /// Whether the text of a link is a name: of a file, of the page it leads to, or a title in the middle of a sentence.
    private func isName(_ text: ArraySlice<Unicode.Scalar>, of address: ArraySlice<Unicode.Scalar>?) -> Bool {
        if isFileName(text) || isAddress(text) { return true }
        if let address {
            let path = address.prefix { $0 != "?" && $0 != "#" && $0 != "|" }
            let page = path.split(separator: "/").last ?? path
            let letters = text.filter(\.properties.isAlphabetic).map(\.properties.lowercaseMapping)
            let name = page.filter(\.properties.isAlphabetic).map(\.properties.lowercaseMapping)
            if !letters.isEmpty, letters == name { return true }
        }
        let before = line[..<index].last { $0.value > 0x20 }
        guard let before, before.properties.isLowercase, let first = text.first else { return false }
        return first.properties.isUppercase
    }

    /// `!picture.png!`, `!picture.png|thumbnail!`.
    mutating func skipImage() -> Bool {
        guard let end = next("!", from: index + 1, within: 300), end > index + 1 else { return false }
        let inside = line[(index + 1)..<end]
        let name = inside.prefix { $0 != "|" }
        guard name.contains("."), !name.contains(" ") else { return false }
        leaveOut(upTo: end + 1, withSpace: false)
        return true
    }

    private static let schemes = ["http://", "https://", "ftp://", "file://", "mailto:", "www."].map {
        Array($0.unicodeScalars)
    }

    func isAddress(_ part: ArraySlice<Unicode.Scalar>) -> Bool {
        guard let first = part.first, "hfmw".unicodeScalars.contains(first) else { return false }
        return Self.schemes.contains { part.starts(with: $0) }
    }

    /// The key in `https://site.example/browse/PAY-1`.
    private func issueKey(inAddress part: ArraySlice<Unicode.Scalar>) -> ArraySlice<Unicode.Scalar>? {
        let mark = Array("/browse/".unicodeScalars)
        var start = part.startIndex
        while let slash = part[start...].firstIndex(of: "/") {
            if part[slash...].starts(with: mark) {
                let key = part[(slash + mark.count)...].prefix {
                    ("A"..."Z").contains($0) || isDigit($0) || $0 == "-" || $0 == "_"
                }
                return key.contains("-") ? key : nil
            }
            start = slash + 1
        }
        return nil
    }

    /// An address or, in a statement, the name of a file, a path or an identifier, if a word begins here.
    mutating func readChunk() -> Bool {
        guard index == 0 || !isWord(index - 1) && line[index - 1] != "." && line[index - 1] != "_" else { return false }
        let isAddress = isAddress(line[index...])
        guard isAddress || purpose == .statements else { return false }
        let ends: [Unicode.Scalar] = isAddress ? ["|", "]", ")"] : ["|", "]", ")", "(", ",", ";", "\"", "[", "{", "!"]
        var end = index
        // Only an address is taken whatever its length; looking for the end of a word again and again has a limit.
        let limit = isAddress ? line.count : min(line.count, index + 300)
        while end < limit, line[end].value > 0x20, !ends.contains(line[end]) { end += 1 }
        if isAddress {
            if purpose == .statements, let key = issueKey(inAddress: line[index..<end]) {
                append(" ")
                for scalar in key { append(scalar) }
                append(" ")
                index = end
            } else {
                leaveOut(upTo: end)
            }
            return true
        }
        while end > index, [".", ":", "?", "'", "*"].contains(line[end - 1]) { end -= 1 }
        guard end > index, isFileName(line[index..<end]) else { return false }
        leaveOut(upTo: end, withSpace: false)
        return true
    }

    private static let extensions: Set<String> = [
        "avro", "bak", "bat", "bin", "bmp", "c", "cfg", "class", "conf", "cpp", "cs", "css", "csv", "dll", "doc",
        "docx",
        "eml", "exe", "gif", "go", "gz", "h", "har", "hpp", "html", "ico", "ini", "ipynb", "jar", "java", "jpeg", "jpg",
        "js", "json", "jsp", "jsx", "key", "kt", "log", "lua", "md", "mov", "mp4", "msg", "ods", "odt", "parquet",
        "patch", "pdf", "pem", "php", "pl", "png", "ppt", "pptx", "properties", "ps1", "py", "rb", "rs", "rst", "scala",
        "sh", "sql", "svg", "swift", "tar", "tf", "tgz", "tiff", "toml", "ts", "tsx", "txt", "vue", "war", "xls",
        "xlsx",
        "xml", "xsd", "yaml", "yml", "zip",
    ]

    /// `blocked_users.csv`, `docs/on-hold/`, `C:\waiting`, `is_blocked`, `Lock::wait()`.
    private func isFileName(_ part: ArraySlice<Unicode.Scalar>) -> Bool {
        var slashes = 0
        for position in part.indices {
            switch part[position] {
            case " ": return false
            case "\\": return true
            case "/": slashes += 1
            case "_" where isWord(position - 1) && isWord(position + 1): return true
            case ":" where position + 1 < part.endIndex && part[position + 1] == ":": return true
            default: break
            }
        }
        if slashes >= 2 || slashes == 1 && (part.first == "/" || part.first == "." || part.last == "/") { return true }
        guard let dot = part.lastIndex(of: "."), dot > part.startIndex, part.endIndex - dot <= 11 else { return false }
        return Self.extensions.contains(String(String.UnicodeScalarView(part[(dot + 1)...])).lowercased())
    }

    // MARK: Struck-out and bold text

    /// `-struck out-`, `{-}struck{-}`, `~~struck out~~`: all of it goes.
    mutating func skipStruckOut() -> Bool {
        let mark: [Unicode.Scalar]
        switch line[index] {
        case "{": mark = ["{", "-", "}"]
        case "~": mark = ["~", "~"]
        default: mark = ["-"]
        }
        guard line[index...].starts(with: mark), !isBlank(index + mark.count) else { return false }
        if mark == ["-"] {
            guard !isWord(index - 1), index == 0 || line[index - 1] != "-", isWord(index + 1) else { return false }
        }
        var start = index + mark.count + 1
        while let end = next(mark[0], from: start, within: index + 300 - start) {
            if line[end...].starts(with: mark), !isBlank(end - 1) || mark.count > 1,
                mark.count > 1 || !isWord(end + 1) && line[end - 1] != "-" && !["-", ">"].contains(at(end + 1))
            {
                index = end + mark.count
                return true
            }
            start = end + 1
        }
        return false
    }

    private func at(_ position: Int) -> Unicode.Scalar? { line.indices.contains(position) ? line[position] : nil }

    /// Whether the asterisk here opens or closes bold text: one side is the edge of a word, or it cuts a word in two.
    func isEmphasis() -> Bool {
        func isEdge(_ position: Int) -> Bool {
            isBlank(position) || line[position].properties.isPatternSyntax
        }
        if isEdge(index - 1) != isEdge(index + 1) { return true }
        return isLetter(index - 1) && isLetter(index + 1)
    }

    private func isLetter(_ position: Int) -> Bool {
        line.indices.contains(position) && line[position].properties.isAlphabetic
    }
}
