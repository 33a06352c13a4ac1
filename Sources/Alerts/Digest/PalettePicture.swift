import CZlib

/// A picture of a few colours, drawn in rectangles and written as PNG (third edition, 2025): what a mail can show without
/// loading anything.
struct PalettePicture: Sendable, Hashable {
    /// A colour with its opacity, each 0 to 255.
    struct Color: Sendable, Hashable {
        var red: UInt8
        var green: UInt8
        var blue: UInt8
        var alpha: UInt8 = 255
    }

    let width: Int
    let height: Int
    /// At most 256; the first is the background.
    let palette: [Color]
    /// The place of each pixel's colour in the palette, row by row from the top.
    private(set) var pixels: [UInt8]

    init(width: Int, height: Int, palette: [Color]) {
        self.width = width
        self.height = height
        self.palette = palette
        pixels = Array(repeating: 0, count: width * height)
    }

    /// Fills a rectangle; what lies outside of the picture is left out.
    mutating func fill(x: Range<Int>, y: Range<Int>, with color: UInt8) {
        let (columns, rows) = (x.clamped(to: 0..<width), y.clamped(to: 0..<height))
        for row in rows {
            for column in columns { pixels[row * width + column] = color }
        }
    }

    /// The file; nil where zlib fails, as without memory.
    func png() -> [UInt8]? {
        var rows: [UInt8] = []
        rows.reserveCapacity((width + 1) * height)
        for row in 0..<height {
            rows.append(0)  // not filtered (9.2): of no use for a palette
            rows += pixels[row * width..<(row + 1) * width]
        }
        guard let data = Self.compressed(rows) else { return nil }
        // 8 bits, a palette, deflate, no adaptive filter, not interlaced (11.2.1)
        let header = Self.bigEndian(width) + Self.bigEndian(height) + [8, 3, 0, 0, 0]
        return [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]
            + Self.chunk("IHDR", header)
            + Self.chunk("PLTE", palette.flatMap { [$0.red, $0.green, $0.blue] })
            + Self.chunk("tRNS", palette.map(\.alpha))
            + Self.chunk("IDAT", data)
            + Self.chunk("IEND", [])
    }

    private static func chunk(_ type: String, _ data: [UInt8]) -> [UInt8] {
        let body = Array(type.utf8) + data
        let sum = crc32(0, body, uInt(body.count))
        return bigEndian(data.count) + body + bigEndian(Int(sum))
    }

    private static func bigEndian(_ number: Int) -> [UInt8] {
        [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: number >> $0) }
    }

    private static func compressed(_ bytes: [UInt8]) -> [UInt8]? {
        var length = compressBound(uLong(bytes.count))
        var output = [UInt8](repeating: 0, count: Int(length))
        guard compress2(&output, &length, bytes, uLong(bytes.count), Z_BEST_COMPRESSION) == Z_OK else { return nil }
        return Array(output.prefix(Int(length)))
    }
}
