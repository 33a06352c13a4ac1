/// Takes the text out of one line of markup, from left to right.
struct MarkupReader {
    enum Purpose {
        /// For a model of language: code keeps its words.
        case model
        /// For statements: what is no sentence is ``object``.
        case statements
    }

    /// Stands for what is no sentence.
    static let object: Unicode.Scalar = "\u{FFFC}"

    let line: [Unicode.Scalar]
    let purpose: Purpose
    var index = 0
    /// Whether the line was a heading, an item of a list or of a table.
    private(set) var beganWithMark = false
    private var result = String.UnicodeScalarView()
    private var spaceIsDue = false

    init(_ line: Substring, purpose: Purpose) {
        self.line = Array(line.unicodeScalars)
        self.purpose = purpose
    }

    /// The text of the line; empty where nothing of it is prose.
    mutating func read() -> String {
        skipLineMarks()
        if skipTaskMark(), purpose == .statements { return "" }
        while index < line.count {
            let scalar = line[index]
            switch scalar {
            case "{" where readMonospace() || skipStruckOut() || skipMacro(): break
            case "}" where skipMonospaceEnd(): break
            case "`" where purpose == .statements && readCode("`"): break
            case "[" where readLink(): break
            case "!" where skipImage(): break
            case "-", "~": if !skipStruckOut() { take() }
            case "*" where isEmphasis(): index += 1
            case "|":
                endCell()
                index += 1
            default:
                if !readChunk() { take() }
            }
        }
        return String(result)
    }

    // MARK: Writing

    /// A cell of a table is a statement of its own.
    private mutating func endCell() {
        if purpose == .statements, let last = result.last, last != ";" { result.append(";") }
        spaceIsDue = true
    }

    mutating func take() {
        append(line[index])
        index += 1
    }

    mutating func append(_ scalar: Unicode.Scalar) {
        if scalar.value <= 0x20 || scalar.value == 0xA0 {
            spaceIsDue = true
            return
        }
        if spaceIsDue, !result.isEmpty { result.append(" ") }
        spaceIsDue = false
        result.append(scalar)
    }

    /// Leaves out what ends before `end`.
    mutating func leaveOut(upTo end: Int, withSpace: Bool = true) {
        if purpose == .statements {
            spaceIsDue = true
            append(Self.object)
        }
        if withSpace { spaceIsDue = true }
        index = end
    }

    // MARK: Looking around

    /// The first place of `scalar` within `limit` scalars from `start`.
    func next(_ scalar: Unicode.Scalar, from start: Int, within limit: Int) -> Int? {
        guard start < line.count else { return nil }
        return line[start..<min(line.count, start + limit)].firstIndex(of: scalar)
    }

    func isWord(_ position: Int) -> Bool {
        line.indices.contains(position) && (line[position].properties.isAlphabetic || isDigit(line[position]))
    }

    func isBlank(_ position: Int) -> Bool { !line.indices.contains(position) || line[position].value <= 0x20 }

    func isDigit(_ scalar: Unicode.Scalar) -> Bool { ("0"..."9").contains(scalar) }

    // MARK: Marks of lines

    /// `h2. `, and the bullets `*`, `-`, `#` and their nestings.
    private mutating func skipLineMarks() {
        while index < line.count, line[index] == " " || line[index] == "\t" { index += 1 }
        if index < line.count, line[index] == "|" { beganWithMark = true }
        if index + 2 < line.count, line[index] == "h", ("1"..."6").contains(line[index + 1]), line[index + 2] == "." {
            index += 3
            beganWithMark = true
            return
        }
        var end = index
        while end < line.count, line[end] == "*" || line[end] == "-" || line[end] == "#" { end += 1 }
        if end > index, end - index <= 4, end == line.count || line[end] == " " {
            index = end
            beganWithMark = true
        }
    }

    private static let openTasks = ["[ ]", "(x)", "☐"].map { Array($0.unicodeScalars) }
    private static let doneTasks = ["[x]", "[X]", "(/)", "☑", "✅", "✔"].map { Array($0.unicodeScalars) }

    /// Skips the mark of a task, and tells whether it is ticked.
    private mutating func skipTaskMark() -> Bool {
        var start = index
        while start < line.count, line[start] == " " { start += 1 }
        guard start < line.count, "[(☐☑✅✔".unicodeScalars.contains(line[start]) else { return false }
        for (marks, isDone) in [(Self.openTasks, false), (Self.doneTasks, true)] {
            for mark in marks where line[start...].starts(with: mark) {
                index = start + mark.count
                beganWithMark = true
                return isDone
            }
        }
        return false
    }
}
