import Foundation
import Glibc

/// A file mapped read-only. Every access is checked against its end.
final class MappedFile {
    let path: String
    let size: Int
    let bytes: UnsafeRawBufferPointer

    /// Throws ``ModelError(.missing)``.
    init(path: String) throws {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            throw ModelError(.missing, "cannot open \(path): \(String(cString: strerror(errno)))")
        }
        defer { close(descriptor) }
        // Fails for what has no end, as a pipe; a folder cannot be mapped.
        let size = lseek(descriptor, 0, SEEK_END)
        guard size >= 0 else { throw ModelError(.missing, "\(path) is not a regular file") }
        guard size > 0 else { throw ModelError(.malformed, "\(path) is empty") }
        guard let base = mmap(nil, size, PROT_READ, MAP_PRIVATE, descriptor, 0), base != MAP_FAILED else {
            throw ModelError(.missing, "cannot map \(path): \(String(cString: strerror(errno)))")
        }
        self.path = path
        self.size = size
        bytes = UnsafeRawBufferPointer(start: base, count: size)
    }

    deinit { munmap(UnsafeMutableRawPointer(mutating: bytes.baseAddress), size) }

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
