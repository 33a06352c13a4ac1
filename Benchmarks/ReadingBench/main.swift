// Reads comments as the daemon does: NDJSON {"id", "text"} in, {"id", "blocker", "sentence", "rule"} out, in order.
// `Benchmarks/quality.py` compares the answers with labels.

import Foundation
import RiskEngine

private struct Text: Decodable {
    var id: String
    var text: String
}

private struct Answer: Encodable {
    var id: String
    var blocker: BlockerReader.Reading.State
    var sentence: String
    var rule: String
}

private let reader = BlockerReader(.default)
private let encoder = JSONEncoder()
encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
private var spent = Duration.zero
private var count = 0
while let line = readLine() {
    let text = try JSONDecoder().decode(Text.self, from: Data(line.utf8))
    let start = ContinuousClock.now
    let reading = reader.read(text.text)
    spent += ContinuousClock.now - start
    count += 1
    let answer = Answer(id: text.id, blocker: reading.state, sentence: reading.sentence, rule: reading.rule)
    print(String(decoding: try encoder.encode(answer), as: UTF8.self))
}
FileHandle.standardError.write(Data("read \(count) texts in \(spent)\n".utf8))
