import Foundation
import Glibc
import TestSupport
import Testing

@testable import DaemonTestSupport

/// What the image is made and run with: Debian's packages, which `script/test` unpacks where the system lacks some of them.
private enum ImageTools {

    static let areThere: Bool = {
        guard geteuid() == 0 else { return false }
        let unpacked = Repository.folder.appendingPathComponent(".engine/containers/complete").path
        let installed = "command -v mmdebstrap && command -v umoci && command -v podman && command -v crun"
        return FileManager.default.fileExists(atPath: unpacked) || (try? run(["sh", "-c", installed])) != nil
    }()
    static let areMissing =
        "this is not root, or mmdebstrap, umoci, podman and crun are not unpacked in .engine/containers"
}

/// The container image, made and run without a container engine.
@Suite(.alone, .enabled(if: ImageTools.areThere, .init(rawValue: ImageTools.areMissing)))
struct ImageTests {
    /// With a root file system that is read-only, as a user without rights, configured by variables alone. The script prints
    /// whether podman ran it or, where it runs no containers, namespaces did.
    @Test func theImageOfThisBuildStartsStopsAndKeepsItsState() throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("image-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let said = try run(
            [
                "script/image", "--program", DaemonProcess.program.path, "--output",
                folder.appendingPathComponent("image.tar").path, "--check",
            ], in: Repository.folder)
        print(said)
        for held in [
            "it says READY=1", "its health check succeeds", "it knows what it knew", "it ends with 0 on SIGTERM",
        ] {
            #expect(said.contains(held), "\(said)")
        }
    }
}
