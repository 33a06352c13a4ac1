extension [UInt8] {
    /// This JSON with U+FFFD (the replacement character) wherever a string holds U+0000. Databases end a text there, and
    /// what is stored must be what was read.
    var replacingNullCharacters: [UInt8] {
        let (backslash, zeros) = (UInt8(ascii: "\\"), Array("0000".utf8))
        var result = self
        var index = startIndex
        // In JSON a null character can only be written as an escape, and a backslash before one is itself escaped.
        while let escape = self[index...].firstIndex(of: backslash), escape + 1 < endIndex {
            if self[escape + 1] == UInt8(ascii: "u"), self[(escape + 2)...].starts(with: zeros) {
                result.replaceSubrange(escape + 2..<escape + 6, with: "fffd".utf8)
            }
            index = escape + 2
        }
        return result
    }
}
