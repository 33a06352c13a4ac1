import Domain
import Foundation
import NIOHTTP1
import TestSupport
import Testing

@testable import DaemonTestSupport

/// The Nu Html Checker, as `script/test` installs it.
private enum PageChecker {
    static let jar = Repository.folder.appendingPathComponent(".engine/vnu/vnu.jar")
    static let isInstalled = FileManager.default.fileExists(atPath: jar.path)
    static let isMissing = "The Nu Html Checker is not installed (script/lib/browser.sh)"

    /// What it finds wrong in the pages of a folder, a line each.
    static func errors(in folder: URL) throws -> String {
        try run(
            [
                "java", "-jar", jar.path, "--exit-zero-always", "--stdout", "--errors-only", "--format", "gnu",
                "--skip-non-html", folder.path,
            ])
    }
}

/// The pages are valid HTML, by the checker of the people who write the standard.
@Suite(.alone, .enabled(if: PageChecker.isInstalled, "\(PageChecker.isMissing)"))
struct PageValidityTests {
    /// More than there are; pages that links lead to without end would be a fault of their own.
    private static let most = 400

    @Test func everyPageThatLinksLeadToIsValid() async throws {
        let story = try await PageStory.started()
        let visitor = try await Visitor.signedIn(at: story.daemon, key: story.tenant.api_key)
        try await eventually("a worker makes the figures") {
            try await visitor.get("/dashboard").text.contains("Risk over time")
        }
        let folder = story.daemon.folder.appendingPathComponent("pages")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let stranger = Visitor(story.daemon)
        let owner = try await stranger.signed(
            in: "/dashboard/sign-in", ["api_key": DaemonProcess.adminToken, "next": "/dashboard/operator"])
        let pages =
            try await save(from: ["/dashboard", "/dashboard/issues/NONE-1"], visitor, "tenant", in: folder)
            + save(from: ["/dashboard/operator"], owner, "owner", in: folder)
            + save(from: ["/docs", "/dashboard/sign-in", "/dashboard/links/unknown"], stranger, "stranger", in: folder)
        for path in [
            "/dashboard", "/dashboard/issues/PAY-1", "/dashboard/sprints/7", "/dashboard/rules/new", "/dashboard/setup",
            "/dashboard/operator/work", "/docs",
        ] {
            #expect(pages.contains(path))
        }
        #expect(pages.count < Self.most)
        #expect(try PageChecker.errors(in: folder) == "")
    }

    /// Saves these pages and those that their links lead to; their paths.
    private func save(
        from first: [String], _ visitor: Visitor, _ name: String, in folder: URL
    ) async throws -> [String] {
        var (waiting, saved) = (first, [String]())
        var seen = Set(first)
        while let path = waiting.popLast(), saved.count < Self.most {
            let page = try await visitor.get(path)
            guard page.headers.first(name: "content-type")?.hasPrefix("text/html") == true else { continue }
            try Data(page.text.utf8).write(to: folder.appendingPathComponent("\(name)-\(saved.count).html"))
            saved.append(path)
            for match in page.text.matches(of: /href="(\/(?:dashboard|docs)[^"#]*)/) {
                let link = String(match.output.1).replacing("&amp;", with: "&")
                // One page of each list is enough, whatever its order, and the reference is the same for all.
                let place = link.prefix { $0 != "?" }
                if visitor.cookie != nil, place.hasPrefix("/docs") { continue }
                if seen.insert(String(place)).inserted { waiting.append(link) }
            }
        }
        return saved
    }
}
