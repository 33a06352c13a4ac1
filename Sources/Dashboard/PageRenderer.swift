import Domain
import Foundation
import HTTPTypes
import Hummingbird
import Mustache
import NIOCore

/// Renders the templates that are part of the program. Mustache escapes every value (`{{…}}`); what is inserted as it is
/// (`{{{…}}}`) is the rendered content of a page, and charts that are made of numbers.
struct PageRenderer: Sendable {
    /// What every page has.
    struct Frame: Sendable {
        var title: String
        /// The company of who is signed in; nil for none.
        var company: String?
        var formToken: String?
        /// The page of the person's own account; nil where no person is signed in.
        var account: String?
        /// Which entry of the navigation the page belongs to.
        var section: Section?
        /// Which of the section's own pages it is; nil in a section that has one.
        var tab: AlertTab?
        /// The only script that the page may run; nil for none.
        var script: Asset?
        /// What who is signed in may do: templates leave out what they may not.
        var permissions: Set<Permission> = []
        /// Which state of the data the page shows; nil where it does not follow changes.
        var change: String?
        /// Whether the page leads to files.
        var hasFiles = true
        /// What the page says first; nil for nothing.
        var notice: String?

        /// The pages that the navigation leads to, in its order. The raw value names the text.
        enum Section: String, Sendable, CaseIterable {
            case overview, issues, projects, sprints, forecast, alerts, setup, keys, members, plan, audit

            /// What somebody must be able to do who is led there.
            var permission: Permission {
                switch self {
                case .keys, .members, .plan, .audit: .administer
                default: .read
                }
            }

            var path: String { self == .overview ? "/dashboard" : "/dashboard/\(rawValue)" }
        }

        /// The pages of the host's owner, as ``Section``.
        enum OwnersSection: String, Sendable, CaseIterable {
            case host, tenants, work, usage, mails, audit

            var path: String { self == .host ? "/dashboard/operator" : "/dashboard/operator/\(rawValue)" }
        }

        /// Which entry of the owner's navigation the page belongs to; nil for all other pages.
        var ownersSection: OwnersSection?

        /// A page of the host's owner.
        static func ofOperator(_ visit: OperatorVisit, _ section: OwnersSection) -> Frame {
            Frame(
                title: PageTexts.english("operator", section.rawValue),
                company: PageTexts.english("operator", "company"), formToken: visit.formToken, ownersSection: section)
        }

        static func signedOut(_ title: String) -> Frame { Frame(title: title) }

        /// A page of a person's own, which shows no tenant.
        static func ofPerson(_ visit: PersonVisit, _ title: String) -> Frame {
            let membership = visit.person.membership
            return Frame(
                title: title, company: membership?.tenant.companyName ?? visit.person.user.shownName,
                formToken: visit.formToken, account: AccountController.path,
                permissions: membership?.role.permissions ?? [])
        }

        static func signedIn(_ visit: Visit, _ title: String, _ section: Section) -> Frame {
            Frame(
                title: title, company: visit.tenant.companyName, formToken: visit.formToken,
                account: visit.principal.userID == nil ? nil : AccountController.path, section: section,
                script: visit.change == nil ? nil : .live, permissions: visit.principal.permissions,
                change: visit.change, hasFiles: visit.hasFiles, notice: visit.notice)
        }

        /// A page of the section of alerts.
        static func alerts(_ visit: Visit, _ tab: AlertTab, title: String? = nil) -> Frame {
            var frame = signedIn(visit, title ?? tab.title, .alerts)
            frame.tab = tab
            return frame
        }
    }

    private struct Entry: Sendable {
        var path: String
        var title: String
        var isCurrent: Bool
    }

    private struct Layout: Sendable {
        var title: String
        /// The first page of who is signed in.
        var home: String
        var company: String?
        var formToken: String?
        var account: String?
        var navigation: [Entry]
        var tabs: [Entry]
        var hasTabs: Bool
        var stylesheet: String
        var script: String?
        var change: String?
        var notice: String?
        var version: String
        var content: String
    }

    private let library: MustacheLibrary
    private let version: String

    /// Throws where a template cannot be read.
    init(version: String) throws {
        self.version = version
        MustacheContentTypes.register(PageHTML(), named: "PAGE")
        library = MustacheLibrary(
            templates: try PageTemplates.all.mapValues {
                try MustacheTemplate(
                    string: "{{% CONTENT_TYPE:PAGE}}{{#page}}\(String(decoding: $0, as: UTF8.self)){{/page}}")
            })
    }

    /// A template reads what it shows, to which names refer first, the texts (`t`), and what its reader may do (`may`), by the
    /// name of the permission; `files` is whether it may have files.
    private func render(_ template: String, _ content: some Sendable, in frame: Frame) -> String {
        var may = Dictionary(uniqueKeysWithValues: frame.permissions.map { ($0.rawValue, true) })
        may["files"] = frame.hasFiles
        let scope: [String: Any] = [
            "t": PageTexts.english.sections, "may": may, "page": PageFields.of(content) ?? content,
        ]
        return library.render(scope, withTemplate: template) ?? ""
    }

    private static func navigation(of frame: Frame) -> [Entry] {
        guard let section = frame.ownersSection else {
            return Frame.Section.allCases.filter { frame.permissions.contains($0.permission) }.map {
                Entry(
                    path: $0.path, title: PageTexts.english("navigation", $0.rawValue), isCurrent: $0 == frame.section)
            }
        }
        return Frame.OwnersSection.allCases.map {
            Entry(path: $0.path, title: PageTexts.english("operator", $0.rawValue), isCurrent: $0 == section)
        }
    }

    /// A page.
    ///
    /// - Parameters:
    ///   - template: the name of a template.
    ///   - content: what it reads.
    func page(
        _ template: String, _ content: some Sendable, in frame: Frame, status: HTTPResponse.Status = .ok,
        headers: HTTPFields = [:]
    ) -> Response {
        let tabs = frame.tab.map { current in
            AlertTab.allCases.map { Entry(path: $0.path, title: $0.title, isCurrent: $0 == current) }
        }
        let layout = Layout(
            title: frame.title, home: frame.ownersSection == nil ? "/dashboard" : "/dashboard/operator",
            company: frame.company, formToken: frame.formToken, account: frame.account,
            navigation: Self.navigation(of: frame),
            tabs: tabs ?? [], hasTabs: tabs != nil, stylesheet: Asset.stylesheet.path, script: frame.script?.path,
            change: frame.change, notice: frame.notice, version: version,
            content: render(template, content, in: frame))
        var fields = headers
        fields[.contentType] = "text/html; charset=utf-8"
        let scripts = frame.script == nil ? "" : "script-src 'self'; connect-src 'self'; "
        fields[.contentSecurityPolicy] =
            "default-src 'none'; style-src 'self'; img-src 'self'; \(scripts)form-action 'self'; frame-ancestors 'none'; "
            + "base-uri 'none'"
        fields[.cacheControl] = "no-store"
        fields[.xContentTypeOptions] = "nosniff"
        if let name = HTTPField.Name("Referrer-Policy") { fields[name] = "same-origin" }
        let html = render("page", layout, in: frame)
        return Response(
            status: status, headers: fields, body: ResponseBody(byteBuffer: ByteBuffer(string: html)))
    }
}

/// Escapes what templates insert. Mustache's own goes by characters, and lets `"` pass with a mark that combines with it.
private struct PageHTML: MustacheContentType {
    func escapeText(_ text: String) -> String { HTMLText.escaped(text) }
}

extension Response {
    /// To another page, by GET (303).
    static func see(_ path: String, headers: HTTPFields = [:]) -> Response {
        var headers = headers
        headers[.location] = path
        return Response(status: .seeOther, headers: headers)
    }
}
