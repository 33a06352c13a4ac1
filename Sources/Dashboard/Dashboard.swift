public import Domain
import Foundation
import HTTPServer
import HTTPTypes
public import Hummingbird
public import Logging
import NIOCore
public import Queries

/// The pages for people: rendered here, without a script, and behind a session that begins with the tenant's API key or with a
/// link that signs in once.
public struct Dashboard: Sendable {
    /// How the dashboard behaves on this host.
    public struct Options: Sendable {
        /// The address under which people reach this host, without a trailing slash; nil where it is not known. A session's
        /// cookie goes over https alone where this begins with `https:`, or the proxy says so (`X-Forwarded-Proto`).
        public var publicURL: String?
        /// The daemon's version.
        public var version: String

        public init(publicURL: String?, version: String) {
            self.publicURL = publicURL
            self.version = version
        }
    }

    /// How long a session lasts.
    static let sessionSeconds = 7 * 86_400

    private let store: any DashboardStore
    private let analyses: IssueAnalyses
    private let options: Options
    private let now: @Sendable () -> Timestamp
    private let onRetry: @Sendable () -> Void
    private let logger: Logger

    /// - Parameters:
    ///   - analyses: makes the analysis that the page of an issue shows.
    ///   - onRetry: wakes the deliverer.
    public init(
        store: any DashboardStore, analyses: IssueAnalyses, options: Options,
        now: @escaping @Sendable () -> Timestamp, onRetry: @escaping @Sendable () -> Void, logger: Logger
    ) {
        self.store = store
        self.analyses = analyses
        self.options = options
        self.now = now
        self.onRetry = onRetry
        self.logger = logger
    }

    /// Adds the routes, all under `/dashboard`. Throws where a template of the program cannot be read.
    public func addRoutes<Context: RequestContext>(to router: Router<Context>) throws {
        let pages = try PageRenderer(version: options.version)
        let group = router.group(context: DashboardContext<Context>.self)
            .add(middleware: PageErrors(pages: pages, logger: logger))
        StylesheetController().addRoutes(to: group)
        SignInController(
            store: store, pages: pages, publicURL: options.publicURL, now: now, log: BoundedLog(logger, now: { .now })
        ).addRoutes(to: group)
        let signedIn = group.group().add(middleware: SignedInOnly(store: store, now: now))
        OverviewController(store: store, pages: pages, now: now).addRoutes(to: signedIn)
        IssuesController(store: store, pages: pages, now: now).addRoutes(to: signedIn)
        IssuePageController(store: store, analyses: analyses, pages: pages, now: now).addRoutes(to: signedIn)
        AlertsController(store: store, pages: pages, now: now, onRetry: onRetry).addRoutes(to: signedIn)
    }
}
