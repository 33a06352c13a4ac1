import CZlib
import Glibc

/// Reads a text file, gzipped or not, line by line (zlib reads a plain file as it is).
struct LineReader: ~Copyable {
    struct Failure: Error, CustomStringConvertible {
        var description: String
    }

    private let file: gzFile
    private var buffer = [UInt8](repeating: 0, count: 1 << 16)
    private var filled = 0
    private var position = 0

    /// Opens the file. Throws ``Failure`` when it cannot be read.
    init(path: String) throws(Failure) {
        guard let file = gzopen(path, "rb") else {
            throw Failure(description: "cannot read \(path): \(String(cString: strerror(errno)))")
        }
        self.file = file
    }

    deinit { gzclose_r(file) }

    /// The next line without its end, nil at the end of the file. Throws ``Failure`` when the data is damaged.
    mutating func next() throws(Failure) -> [UInt8]? {
        var line: [UInt8] = []
        while true {
            if position == filled {
                let count = gzread(file, &buffer, UInt32(buffer.count))
                guard count >= 0 else { throw Failure(description: "the compressed data is damaged") }
                (filled, position) = (Int(count), 0)
                if count == 0 {
                    // A file that was cut off reads like one that ends, but for this.
                    var code: Int32 = 0
                    _ = gzerror(file, &code)
                    guard code == Z_OK else { throw Failure(description: "the compressed data is truncated") }
                    return line.isEmpty ? nil : line
                }
            }
            if let end = buffer[position..<filled].firstIndex(of: UInt8(ascii: "\n")) {
                line += buffer[position..<end]
                position = end + 1
                return line
            }
            line += buffer[position..<filled]
            position = filled
        }
    }
}
