import Glibc

/// A checkpoint's file, mapped once, and behind it the constants of a graph: one contiguous block, as the engine requires.
final class WeightBlock {
    let file: MappedFile
    /// Bytes in use: the file, and the constants so far.
    private(set) var size: Int
    /// Whether a constant did not fit. Then the graph that needs it cannot be used.
    private(set) var isFull = false

    /// - Parameter file: mapped with room behind it.
    init(_ file: MappedFile) {
        self.file = file
        size = MappedFile.pageRounded(file.size)
    }

    /// Adds a constant, which begins at a whole cache line, because the engine reads it with vector loads.
    ///
    /// - Returns: where it begins, in bytes from the beginning of the block.
    func append(_ constant: UnsafeRawBufferPointer) -> Int {
        let offset = (size + 63) & ~63
        guard constant.count <= file.memory.count - offset else {
            isFull = true
            return 0
        }
        let place = UnsafeMutableRawBufferPointer(rebasing: file.memory[offset..<offset + constant.count])
        place.copyMemory(from: constant)
        size = offset + constant.count
        return offset
    }

    /// Releases the pages of the file; those needed later are read from the file again.
    func releasePages() { _ = madvise(file.memory.baseAddress, file.size, MADV_DONTNEED) }
}
