/// The pieces of a WordPiece tokenizer, for greedy longest-match lookup.
///
/// Two tries over UTF-8 bytes: pieces that start a word, and pieces that continue one (without their prefix
/// `##`). A piece is whole scalars, so a match never ends inside one.
struct Vocabulary: Sendable {
    /// One more than the largest id.
    private(set) var count = 0
    /// Child of a node by byte: `node << 8 | byte`.
    private var children: [UInt64: Int32] = [:]
    /// The piece that ends at a node, -1 if no piece does. Nodes 0 and 1 are the roots of the two tries.
    private var pieceAt: [Int32] = [-1, -1]

    /// - Parameter pieces: each with its id; if one occurs twice the last wins, as in Hugging Face's reader.
    init(pieces: [(String, Int32)], continuationPrefix: String) {
        // Bytes throughout: Swift's comparison treats texts as equal that BERT distinguishes.
        let prefix = Array(continuationPrefix.utf8)
        children.reserveCapacity(pieces.count * 4)
        for (piece, id) in pieces {
            insert(piece.utf8, at: 0, id: id)
            if piece.utf8.starts(with: prefix) { insert(piece.utf8.dropFirst(prefix.count), at: 1, id: id) }
            count = max(count, Int(id) + 1)
        }
    }

    /// The id of a whole piece.
    subscript(piece: String) -> Int32? {
        let bytes = Array(piece.utf8)
        guard let found = longestPiece(in: bytes, from: 0), found.end == bytes.count else { return nil }
        return found.id
    }

    private mutating func insert(_ bytes: some Sequence<UInt8>, at root: Int, id: Int32) {
        var node = root
        for byte in bytes {
            let edge = UInt64(node) << 8 | UInt64(byte)
            if let child = children[edge] {
                node = Int(child)
            } else {
                node = pieceAt.count
                pieceAt.append(-1)
                children[edge] = Int32(node)
            }
        }
        if node > 1 { pieceAt[node] = id }
    }

    /// The longest piece at `start` of `word`; nil if there is no piece.
    func longestPiece(in word: [UInt8], from start: Int) -> (id: Int32, end: Int)? {
        var node = start == 0 ? 0 : 1
        var found: (id: Int32, end: Int)?
        var index = start
        while index < word.count, let child = children[UInt64(node) << 8 | UInt64(word[index])] {
            node = Int(child)
            index += 1
            if pieceAt[node] >= 0 { found = (pieceAt[node], index) }
        }
        return found
    }
}
