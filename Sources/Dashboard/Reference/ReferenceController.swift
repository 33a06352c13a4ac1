import HTTPTypes
import Hummingbird
import Synchronization

/// The reference of the API as pages: an index, a page for each group of operations, and one for each schema.
struct ReferenceController: Sendable {
    private let source: String
    private let site: String
    private let pages: PageRenderer
    private let made = Made()

    /// What has been read and rendered, by the first who asked for it: it is the same for everybody.
    private final class Made: Sendable {
        let reference = Mutex<APIReference?>(nil)
        /// By path; of those that exist alone.
        let answers = Mutex<[String: Response]>([:])
    }

    private struct Index: Sendable {
        var description: [ProsePart]
        var schemes: [APIReference.Scheme]
        var groups: [APIReference.Group]
        var schemasPath: String
    }

    private struct GroupPage: Sendable {
        var name: String
        var intro: String
        var operations: [APIReference.Operation]
    }

    private struct SchemasPage: Sendable {
        var schemas: [APIReference.Schema]
    }

    /// - Parameters:
    ///   - source: the description as YAML.
    ///   - publicURL: the address of this host, for commands; nil where it is not known.
    init(source: String, publicURL: String?, pages: PageRenderer) {
        self.source = source
        site = publicURL ?? "$CONSILOD_URL"
        self.pages = pages
    }

    func addRoutes(to group: RouterGroup<some RequestContext>) {
        group.get("/docs") { _, _ in try answer("") }
        group.get("/docs/{page}") { _, context in try answer(context.parameters.get("page") ?? "") }
        // Named, for the paths below it leave it no parameter.
        group.get("/docs/schemas") { _, _ in try answer("schemas") }
        group.get("/docs/schemas/{name}") { _, context in
            try answer("schemas/\(context.parameters.get("name") ?? "")")
        }
    }

    private func answer(_ slug: String) throws -> Response {
        if let known = made.answers.withLock({ $0[slug] }) { return known }
        let reference = try made.reference.withLock { known in
            let reference = try known ?? APIReference(yaml: source, site: site)
            known = reference
            return reference
        }
        guard let answer = render(slug, of: reference) else { throw PageError.notFound }
        made.answers.withLock { $0[slug] = answer }
        return answer
    }

    private func render(_ slug: String, of reference: APIReference) -> Response? {
        let title = PageTexts.english("reference", "title")
        switch slug {
        case "":
            return pages.page(
                "reference",
                Index(
                    description: reference.description, schemes: reference.schemes, groups: reference.groups,
                    schemasPath: APISchemas.path), in: .signedOut(title))
        case "schemas":
            return pages.page(
                "reference-schemas", SchemasPage(schemas: reference.schemas),
                in: .signedOut("\(PageTexts.english("reference", "schemas")) – \(title)"))
        case let path where path.hasPrefix("schemas/"):
            guard let schema = reference.schemas.first(where: { "schemas/\($0.name)" == path }) else { return nil }
            return pages.page("reference-schema", schema, in: .signedOut("\(schema.name) – \(title)"))
        default:
            guard let group = reference.groups.first(where: { $0.slug == slug }) else { return nil }
            return pages.page(
                "reference-group",
                GroupPage(name: group.name, intro: group.description, operations: group.operations),
                in: Frame(title: "\(group.name) – \(title)", script: .reference))
        }
    }

    private typealias Frame = PageRenderer.Frame
}
