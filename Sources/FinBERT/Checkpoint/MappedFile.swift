import Foundation
import Glibc

/// A file mapped read-only. Every access is checked against its end.
final class MappedFile {
    let path: String
    let size: Int
    let bytes: UnsafeRawBufferPointer
    /// The whole mapping: the file, which must not be written to, and from the next page on the room behind it.
    let memory: UnsafeMutableRawBufferPointer

    /// Throws ``ModelError``.
    ///
    /// - Parameter hasRoom: whether as much room again is behind the file, and 64 MB: writable, zero, and taken from the
    ///   system only where it is written to.
    init(path: String, hasRoom: Bool = false) throws {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            throw ModelError(.missing, "cannot open \(path): \(String(cString: strerror(errno)))")
        }
        defer { close(descriptor) }
        // Fails for what has no end, as a pipe; a folder cannot be mapped.
        let size = lseek(descriptor, 0, SEEK_END)
        guard size >= 0 else { throw ModelError(.missing, "\(path) is not a regular file") }
        guard size > 0 else { throw ModelError(.malformed, "\(path) is empty") }
        let whole = Self.pageRounded(size) + (hasRoom ? Self.pageRounded(size) + (64 << 20) : 0)
        guard
            let base = mmap(
                nil, whole, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0),
            base != MAP_FAILED
        else { throw ModelError(.engine, "not enough memory to map \(path): \(whole) bytes") }
        guard mmap(base, size, PROT_READ, MAP_PRIVATE | MAP_FIXED, descriptor, 0) == base else {
            let reason = String(cString: strerror(errno))
            munmap(base, whole)
            throw ModelError(.missing, "cannot map \(path): \(reason)")
        }
        self.path = path
        self.size = size
        bytes = UnsafeRawBufferPointer(start: base, count: size)
        memory = UnsafeMutableRawBufferPointer(start: base, count: whole)
    }

    deinit { munmap(memory.baseAddress, memory.count) }

    /// The next multiple of a page's size.
    static func pageRounded(_ size: Int) -> Int { (size + 4095) & ~4095 }

    var name: String { URL(fileURLWithPath: path).lastPathComponent }

    func malformed(_ text: String) -> ModelError { ModelError(.malformed, "\(name): \(text)") }

    /// A little-endian integer. Throws ``ModelError(.malformed)`` past the end.
    func integer<Value: FixedWidthInteger>(_ type: Value.Type, at offset: Int) throws -> Value {
        let range = try self.range(at: offset, count: MemoryLayout<Value>.size)
        return Value(littleEndian: bytes.loadUnaligned(fromByteOffset: range.lowerBound, as: type))
    }

    func text(at offset: Int, count: Int) throws -> String {
        String(decoding: bytes[try range(at: offset, count: count)], as: UTF8.self)
    }

    /// The bytes from `offset` on. Throws ``ModelError(.malformed)`` when they are not all there.
    func range(at offset: Int, count: Int) throws -> Range<Int> {
        guard offset >= 0, count >= 0, offset <= size, count <= size - offset else {
            throw malformed("it is truncated: \(count) bytes at \(offset) are expected, the file has \(size)")
        }
        return offset..<offset + count
    }
}
