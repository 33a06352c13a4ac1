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
        /// Which entry of the navigation the page belongs to.
        var section: Section?

        enum Section: String, Sendable { case overview, issues, alerts }

        static func signedOut(_ title: String) -> Frame { Frame(title: title) }

        static func signedIn(_ visit: Visit, _ title: String, _ section: Section) -> Frame {
            Frame(title: title, company: visit.tenant.companyName, formToken: visit.formToken, section: section)
        }
    }

    private struct Layout {
        var title: String
        var company: String?
        var formToken: String?
        var isOverview: Bool
        var isIssues: Bool
        var isAlerts: Bool
        var stylesheet: String
        var version: String
        var content: String
    }

    private let library: MustacheLibrary
    private let version: String

    /// Throws where a template cannot be read.
    init(version: String) throws {
        self.version = version
        let templates = [
            "page": PackageResources.page_mustache, "sign-in": PackageResources.sign_in_mustache,
            "link": PackageResources.link_mustache, "overview": PackageResources.overview_mustache,
            "issues": PackageResources.issues_mustache, "issue": PackageResources.issue_mustache,
            "alerts": PackageResources.alerts_mustache, "error": PackageResources.error_mustache,
        ]
        library = MustacheLibrary(
            templates: try templates.mapValues { try MustacheTemplate(string: String(decoding: $0, as: UTF8.self)) })
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
        let layout = Layout(
            title: frame.title, company: frame.company, formToken: frame.formToken,
            isOverview: frame.section == .overview, isIssues: frame.section == .issues,
            isAlerts: frame.section == .alerts, stylesheet: StylesheetController.path, version: version,
            content: library.render(content, withTemplate: template) ?? "")
        var fields = headers
        fields[.contentType] = "text/html; charset=utf-8"
        fields[.contentSecurityPolicy] =
            "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
        fields[.cacheControl] = "no-store"
        if let name = HTTPField.Name("Referrer-Policy") { fields[name] = "same-origin" }
        let html = library.render(layout, withTemplate: "page") ?? ""
        return Response(status: status, headers: fields, body: ResponseBody(byteBuffer: ByteBuffer(string: html)))
    }
}

/// The stylesheet, under a path that changes with it, so that browsers may keep it indefinitely.
struct StylesheetController: Sendable {
    private static let bytes = PackageResources.dashboard_css
    static let path = "/dashboard/assets/\(SessionToken(String(decoding: bytes, as: UTF8.self)).hash.prefix(16)).css"

    func addRoutes(to group: RouterGroup<some RequestContext>) {
        group.get(RouterPath(Self.path)) { _, _ in
            Response(
                status: .ok,
                headers: [
                    .contentType: "text/css; charset=utf-8", .cacheControl: "public, max-age=31536000, immutable",
                ],
                body: ResponseBody(byteBuffer: ByteBuffer(bytes: Self.bytes)))
        }
    }
}

extension Response {
    /// To another page, by GET (303).
    static func see(_ path: String, headers: HTTPFields = [:]) -> Response {
        var headers = headers
        headers[.location] = path
        return Response(status: .seeOther, headers: headers)
    }
}
