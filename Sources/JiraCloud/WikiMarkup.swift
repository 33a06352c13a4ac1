/// Writes a document in Jira's wiki markup, block by block, each on lines of its own.
///
/// What has no text (rules, pictures) leaves nothing. Not everything that can be marked up is: what is written is what
/// somebody who reads the text must know, as the words and as what is quoted, code, a list or a heading.
enum WikiMarkup {
    static func text(of document: ADFNode) -> String {
        blocks([document], Context()).joined(separator: "\n")
    }

    /// Where a block stands.
    private struct Context {
        /// Markup cannot quote within a quote: the second `{quote}` would end the first.
        var isQuoted = false
        /// The marks of the lists around, `*#` for the second level.
        var listMarks = ""
    }

    private static func blocks(_ nodes: [ADFNode], _ around: Context) -> [String] {
        var lines: [String] = []
        var line: [ADFNode] = []
        func endLine() {
            if !line.isEmpty { lines.append(inline(line)) }
            line = []
        }
        for node in nodes {
            if isInline(node) {
                line.append(node)
            } else {
                endLine()
                lines += block(node, around)
            }
        }
        endLine()
        return lines.filter { !$0.isEmpty }
    }

    private static func block(_ node: ADFNode, _ around: Context) -> [String] {
        switch node.type {
        case "paragraph": return [inline(node.content)]
        case "heading": return ["h\(min(max(node.level ?? 1, 1), 6)). " + inline(node.content)]
        case "codeBlock": return [code(node)]
        case "blockquote" where !around.isQuoted:
            let quoted = blocks(node.content, Context(isQuoted: true))
            return quoted.isEmpty ? [] : ["{quote}"] + quoted + ["{quote}"]
        case "bulletList", "taskList", "decisionList": return list(node, mark: "*", around)
        case "orderedList": return list(node, mark: "#", around)
        case "table": return node.content.map { row($0, around) }
        case "blockCard", "embedCard": return [card(node)]
        default: return blocks(node.content, around)
        }
    }

    private static func list(_ node: ADFNode, mark: String, _ around: Context) -> [String] {
        var inside = around
        inside.listMarks += mark
        return node.content.flatMap { item -> [String] in
            // A list directly within a list of tasks is not an item.
            guard !["bulletList", "orderedList", "taskList"].contains(item.type) else { return block(item, inside) }
            var lines = blocks(item.content, inside)
            // Jira has no markup for a ticked task; its sign for "done" says the same.
            if item.type == "taskItem", item.state == "DONE" { lines = lines.map { "(/) " + $0 } }
            guard let first = lines.first else { return [] }
            let isText = item.content.first.map { isInline($0) || $0.type == "paragraph" } ?? false
            if isText { lines[0] = inside.listMarks + " " + first }
            return lines
        }
    }

    private static func row(_ node: ADFNode, _ around: Context) -> String {
        guard !node.content.isEmpty else { return "" }
        var line = ""
        for cell in node.content {
            line += cell.type == "tableHeader" ? "||" : "|"
            line += blocks(cell.content, around).joined(separator: "\n")
        }
        return line + (node.content.last?.type == "tableHeader" ? "||" : "|")
    }

    private static func code(_ node: ADFNode) -> String {
        let text = node.content.compactMap(\.text).joined()
        // A tag inside would end the block.
        let tag = text.contains("{code") ? "noformat" : "code"
        let language = node.language.map { ":" + $0.filter { $0.isLetter || $0.isNumber || $0 == "-" } } ?? ""
        return "{\(tag)\(tag == "code" && language.count > 1 ? language : "")}\n\(text)\n{\(tag)}"
    }

    // MARK: Within a line

    private static func isInline(_ node: ADFNode) -> Bool {
        switch node.type {
        case "text", "mention", "emoji", "status", "inlineCard", "date", "hardBreak", "inlineExtension", "mediaInline",
            "placeholder":
            true
        default: false
        }
    }

    private static func inline(_ nodes: [ADFNode]) -> String {
        nodes.indices.map { index in
            let node = nodes[index]
            return switch node.type {
            case "text":
                marked(node, isWithinWord: isWordWithin(nodes, cutAt: index) || isWordWithin(nodes, cutAt: index + 1))
            case "mention": node.accountID.map { "[~accountid:\($0)]" } ?? node.label ?? ""
            case "emoji", "status": node.label ?? ""
            case "inlineCard": card(node)
            case "date": node.date ?? ""
            case "hardBreak": "\n"
            case "inlineExtension", "mediaInline", "placeholder": ""
            default: inline(node.content)
            }
        }
        .joined()
    }

    private static func card(_ node: ADFNode) -> String {
        node.label.map { "[\($0)|\($0)|smart-link]" } ?? ""
    }

    /// Whether a word goes on from the text before `index` into the text there.
    private static func isWordWithin(_ nodes: [ADFNode], cutAt index: Int) -> Bool {
        guard nodes.indices.contains(index - 1), nodes.indices.contains(index),
            let last = nodes[index - 1].text?.last, let first = nodes[index].text?.first
        else { return false }
        return (last.isLetter || last.isNumber) && (first.isLetter || first.isNumber)
    }

    private static let marks = ["strong": "*", "em": "_", "strike": "-", "underline": "+"]

    /// A text with its marks, which must touch it: spaces at its ends stay outside. Within a word, and around text that
    /// holds the sign, marks are in braces: `{*}block{*}ed`.
    private static func marked(_ node: ADFNode, isWithinWord: Bool) -> String {
        let text = node.text ?? ""
        guard !node.marks.isEmpty else { return text }
        let start = text.prefix { $0.isWhitespace }
        let rest = text.dropFirst(start.count)
        guard let last = rest.lastIndex(where: { !$0.isWhitespace }) else { return text }
        var core = String(rest[...last])
        if node.marks.contains(where: { $0.type == "code" }) { core = "{{\(core)}}" }
        for mark in node.marks.reversed() {
            if let sign = marks[mark.type] {
                let mark = isWithinWord || sign == "-" && core.contains("-") ? "{\(sign)}" : sign
                core = mark + core + mark
            }
            if mark.type == "link", let href = mark.href { core = link(core, to: href) }
        }
        return start + core + rest[rest.index(after: last)...]
    }

    private static func link(_ text: String, to address: String) -> String {
        if text == address { return "[\(address)]" }
        // A text with these signs cannot stand in a link.
        return text.contains { "|]\n".contains($0) } ? text : "[\(text)|\(address)]"
    }
}
