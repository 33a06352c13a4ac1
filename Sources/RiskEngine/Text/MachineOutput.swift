/// Lines that a program wrote: stack traces, thread dumps, logs, markup and data.
enum MachineOutput {
    static func isLine(_ line: Substring) -> Bool {
        let text = line.drop { $0 == " " || $0 == "\t" }
        guard let first = text.utf8.first else { return false }
        // Only digits, capitals and a few signs begin the rest; most lines of prose end here or at the exception's name.
        switch first {
        case UInt8(ascii: "a"): return isFrame(text)
        case UInt8(ascii: "<"): return text.hasSuffix(">")
        case UInt8(ascii: "{"): return text.hasPrefix("{\"") || text == "{"
        case UInt8(ascii: "\""): return isThread(text)
        case UInt8(ascii: "-"): return isMonitor(text)
        case UInt8(ascii: "."): return text.hasPrefix("... ") && text.hasSuffix(" more")
        case UInt8(ascii: "$"): return text.hasPrefix("$ ")
        default: break
        }
        if text.hasPrefix("Caused by: ") || text.hasPrefix("Exception in thread ") { return true }
        if text.hasPrefix("Traceback (most recent call last)") { return true }
        if text.hasPrefix("File \""), text.contains(", line ") { return true }
        return isExceptionName(text) || isLogLine(text)
    }

    /// Java, JavaScript, C#: `at org.example.Class.method(Class.java:42)`.
    private static func isFrame(_ text: Substring) -> Bool {
        guard text.hasPrefix("at ") else { return isExceptionName(text) }
        return text.contains("(") && (text.hasSuffix(")") || text.hasSuffix("]"))
    }

    /// `"pool-1-thread-1" prio=5 tid=0x1 waiting on condition`, of a thread dump.
    private static func isThread(_ text: Substring) -> Bool {
        text.contains("\" ") && (text.contains(" prio=") || text.contains(" tid=") || text.contains(" nid="))
            || text.contains("\":")
    }

    /// `- waiting on <0x1> (a java.lang.Object)`, `- parking to wait for <0x1>`, `- locked <0x1>`.
    private static func isMonitor(_ text: Substring) -> Bool {
        text.contains("<") && ["- waiting ", "- parking ", "- locked ", "- blocked "].contains(where: text.hasPrefix)
    }

    /// `org.example.SomeException: …`, with a dot in the name: a sentence may well begin with "Error:".
    private static func isExceptionName(_ text: Substring) -> Bool {
        let name = text.prefix { $0.isLetter || $0.isNumber || $0 == "." || $0 == "$" || $0 == "_" }
        guard name.contains("."), name.hasSuffix("Exception") || name.hasSuffix("Error") else { return false }
        return name.endIndex == text.endIndex || text[name.endIndex] == ":"
    }

    private static let levels = ["ERROR", "WARN", "WARNING", "INFO", "DEBUG", "TRACE", "FATAL", "SEVERE"]
    private static let bracketedLevels = levels.map { "[\($0)]" }
    private static let beginnings = levels.flatMap { ["\($0): ", "\($0) [", "\($0)  "] }
    private static let datedShapes = [
        "0000-00-00 00:00:00", "0000-00-00T00:00:00", "0000/00/00 00:00:00", "00/00/00 00:00:00", "00:00:00.",
        "00:00:00,",
    ]

    /// A line that begins with a date and a time of day, a time of day with fractions, or a level.
    private static func isLogLine(_ text: Substring) -> Bool {
        switch text.utf8.first ?? 0 {
        case UInt8(ascii: "["): return isBracketedLogLine(text)
        case 0x41...0x5A: return beginnings.contains(where: text.hasPrefix)
        case 0x30...0x39: break
        default: return false
        }
        let shape = shape(of: text)
        return datedShapes.contains(where: shape.hasPrefix)
            || shape.hasPrefix("00:00:00 ") && levels.contains { text.contains($0) }
    }

    private static func isBracketedLogLine(_ text: Substring) -> Bool {
        bracketedLevels.contains(where: text.hasPrefix) || shape(of: text.dropFirst()).hasPrefix("0000-00-00")
            || shape(of: text.dropFirst()).hasPrefix("00:00:00")
    }

    /// The first 19 bytes with `0` for each digit.
    private static func shape(of text: Substring) -> String {
        String(
            decoding: text.utf8.prefix(20).map { (0x30...0x39).contains($0) ? UInt8(ascii: "0") : $0 }, as: UTF8.self)
    }
}
