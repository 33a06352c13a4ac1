import Foundation
import Glibc

/// A checkpoint's file, mapped, and behind it the constants of the graph: one contiguous block, as the engine requires.
final class WeightBlock {
    let bytes: UnsafeMutableRawBufferPointer
    private let fileBytes: Int

    /// Throws ``ModelError`` if the memory cannot be mapped.
    init(file: MappedFile, constants: [UInt8]) throws {
        fileBytes = Self.pageRounded(file.size)
        let size = fileBytes + Self.pageRounded(max(constants.count, 1))
        let descriptor = open(file.path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw ModelError(.missing, "cannot open \(file.path)") }
        defer { close(descriptor) }
        guard let base = mmap(nil, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0), base != MAP_FAILED
        else { throw ModelError(.engine, "not enough memory for the model's weights: \(size) bytes") }
        guard mmap(base, file.size, PROT_READ, MAP_PRIVATE | MAP_FIXED, descriptor, 0) == base else {
            munmap(base, size)
            throw ModelError(.missing, "cannot map \(file.path)")
        }
        bytes = UnsafeMutableRawBufferPointer(start: base, count: size)
        UnsafeMutableRawBufferPointer(rebasing: bytes[fileBytes...]).copyBytes(from: constants)
    }

    deinit { munmap(bytes.baseAddress, bytes.count) }

    /// Releases the pages of the file; those needed later are read from the file again.
    func releasePages() { _ = madvise(bytes.baseAddress, fileBytes, MADV_DONTNEED) }

    static func pageRounded(_ size: Int) -> Int { (size + 4095) & ~4095 }
}
