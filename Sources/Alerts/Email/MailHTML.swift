import Domain

/// The HTML form of an alert's mail: inline styles only, nothing loaded from elsewhere, every value escaped.
enum MailHTML {
    static func render(_ words: AlertText, band: RiskBand, _ links: MessageLinks = MessageLinks()) -> String {
        let facts = words.facts.map {
            """
            <tr><td style="padding:2px 16px 2px 0;color:#5f6b7a">\(HTMLText.escaped($0.label))</td>\
            <td style="padding:2px 0">\(HTMLText.escaped($0.value))</td></tr>
            """
        }
        let sections = words.sections.map { section in
            """
            <h2 style="font-size:15px;margin:20px 0 6px">\(HTMLText.escaped(section.title))</h2>
            <ul style="margin:0;padding-left:20px">
            \(section.items.map { "<li style=\"margin:4px 0\">\(item($0))</li>" }.joined(separator: "\n"))
            </ul>
            """
        }
        return """
            <!DOCTYPE html>
            <html lang="en"><head><meta charset="utf-8"><title>\(HTMLText.escaped(words.subject))</title></head>
            <body style="margin:0;padding:16px;font:14px/1.5 sans-serif;color:#1d2733;background:#ffffff">
            <div style="max-width:640px;border-left:4px solid \(color(of: band));padding-left:16px">
            <h1 style="font-size:18px;margin:0 0 8px">\(HTMLText.escaped(words.headline))</h1>
            <p style="margin:0 0 12px">\(link(words.subject, to: words.url))</p>
            <table style="border-collapse:collapse;font-size:14px">
            \(facts.joined(separator: "\n"))
            </table>
            \(sections.joined(separator: "\n"))\(actions(links))
            <p style="margin:20px 0 0;font-size:12px;color:#5f6b7a">\(HTMLText.escaped(words.origin))\(end(links))</p>
            </div>
            </body></html>

            """
    }

    private static func actions(_ links: MessageLinks) -> String {
        guard !links.actions.isEmpty else { return "" }
        let items = links.actions.map { link($0.title, to: $0.url) }.joined(separator: " · ")
        return "\n<p style=\"margin:20px 0 0\">\(items)</p>"
    }

    private static func end(_ links: MessageLinks) -> String {
        links.unsubscribe.map { "<br>\(link("No more alerts to this address", to: $0))" } ?? ""
    }

    private static func color(of band: RiskBand) -> String {
        switch band {
        case .high: "#c62828"
        case .medium: "#e09b00"
        case .low: "#2e7d32"
        }
    }

    private static func item(_ item: AlertText.Item) -> String {
        item.url.map { link(item.text, to: $0) } ?? HTMLText.escaped(item.text)
    }

    static func link(_ words: String, to url: String) -> String {
        guard url.hasPrefix("https://") || url.hasPrefix("http://") else { return HTMLText.escaped(words) }
        return "<a href=\"\(HTMLText.escaped(url))\" style=\"color:#0b57d0\">\(HTMLText.escaped(words))</a>"
    }
}
