import Foundation

/// Reading the small files of a model's folder.
enum ModelFiles {
    /// No configuration or vocabulary is larger than this, in bytes; more is a mistake or an attack.
    private static let sizeLimit = 64 << 20

    /// The content of a file; nil if it does not exist. Throws ``ModelError`` for a file that cannot be read or is
    /// larger than ``sizeLimit``.
    static func read(_ name: String, in folder: URL) throws -> Data? {
        let path = folder.appendingPathComponent(name).path
        guard FileManager.default.fileExists(atPath: path) else { return nil }
        do {
            let handle = try FileHandle(forReadingFrom: URL(fileURLWithPath: path))
            defer { handle.closeFile() }
            let data = try handle.read(upToCount: sizeLimit + 1) ?? Data()
            guard data.count <= sizeLimit else { throw ModelError(.malformed, "\(path) is larger than 64 MB") }
            return data
        } catch let error as ModelError {
            throw error
        } catch {
            throw ModelError(.missing, "cannot read \(path): \(error.localizedDescription)")
        }
    }

    /// Decodes JSON. Throws ``ModelError`` that names the file and the place in it.
    static func decode<Value: Decodable>(_ type: Value.Type, from data: Data, name: String) throws -> Value {
        do {
            return try JSONDecoder().decode(type, from: data)
        } catch let error as DecodingError {
            let (path, detail): ([any CodingKey], String) =
                switch error {
                case .keyNotFound(let key, let context): (context.codingPath + [key], "is missing")
                case .typeMismatch(_, let context): (context.codingPath, "has the wrong type")
                case .valueNotFound(_, let context): (context.codingPath, "is null")
                case .dataCorrupted(let context): (context.codingPath, "is not valid JSON")
                @unknown default: ([], "cannot be read")
                }
            let place = path.isEmpty ? "it" : path.map(\.stringValue).joined(separator: ".")
            throw ModelError(.malformed, "\(name): \(place) \(detail)")
        }
    }
}
