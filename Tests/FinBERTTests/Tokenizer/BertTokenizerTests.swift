import Foundation
import TestSupport
import Testing

@testable import FinBERT

@Suite struct BertTokenizerTests {
    @Test(arguments: ["tiny", "tiny-torch"])
    func givesTheIdsOfHuggingFace(folder: String) throws {
        let tokenizer = try BertTokenizer(folder: TestModel.fixtures.appendingPathComponent(folder))
        for expected in try Expected.all() {
            #expect(tokenizer.encode(expected.text, limit: .max) == expected.ids, "\(expected.text.debugDescription)")
        }
    }

    @Test func cutsLongTextsBeforeTheEndToken() throws {
        let tokenizer = try BertTokenizer(folder: TestModel.folder)
        let text = String(repeating: "late again ", count: 600)
        let ids = tokenizer.encode(text)
        #expect(ids.count == 512)
        #expect(ids.first == tokenizer.start)
        #expect(ids.last == tokenizer.end)
        #expect(ids.dropLast() == tokenizer.encode(text, limit: 5000).prefix(511))
    }

    @Test func readsVocabulariesFromOtherSystems() throws {
        let copy = try ModelCopy()
        let text = String(decoding: try copy.read("vocab.txt"), as: UTF8.self)
        try copy.write(Data(text.replacingOccurrences(of: "\n", with: "\r\n").utf8), to: "vocab.txt")
        let (other, own) = (try BertTokenizer(folder: copy.folder), try BertTokenizer(folder: TestModel.folder))
        for expected in try Expected.all() { #expect(other.encode(expected.text) == own.encode(expected.text)) }
    }

    @Test func keepsCapitalsAndAccentsWhereTheModelDoes() throws {
        var options = BertTokenizer.Options()
        options.steps.lowercases = false
        options.steps.stripsAccents = false
        let pieces = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "Größe", "größe", "grosse"].enumerated()
        let tokenizer = try BertTokenizer(pieces: pieces.map { ($1, Int32($0)) }, options: options)
        #expect(tokenizer.ids(of: "Größe größe GRÖSSE") == [4, 5, 1])
    }

    @Test(arguments: [
        ("[PAD]\n[UNK]\n[CLS]\n", "vocab.txt: the vocabulary has no [SEP]"),
        ("", "vocab.txt: the vocabulary has no [PAD]"),
        ("\u{FFFF}", "vocab.txt: the vocabulary has no [PAD]"),
    ])
    func saysWhatTheVocabularyLacks(text: String, message: String) throws {
        let copy = try ModelCopy()
        try copy.write(Data(text.utf8), to: "vocab.txt")
        let error = try #require(throws: ModelError.self) { try BertTokenizer(folder: copy.folder) }
        #expect(error.description == message)
    }

    @Test func refusesTokenizersOfOtherKindsByName() throws {
        let copy = try ModelCopy(of: "tiny-torch")
        try copy.change("tokenizer.json", ["pre_tokenizer": ["type": "Whitespace"]])
        let error = try #require(throws: ModelError.self) { try BertTokenizer(folder: copy.folder) }
        #expect(error.description == "tokenizer.json: the pre_tokenizer is Whitespace; consilod reads BertPreTokenizer")
        try copy.write(Data("{\"model\": {\"vocab\": {\"a\": \"b\"}}}".utf8), to: "tokenizer.json")
        #expect(throws: ModelError.self) { try BertTokenizer(folder: copy.folder) }
        try copy.remove("tokenizer.json")
        let missing = try #require(throws: ModelError.self) { try BertTokenizer(folder: copy.folder) }
        #expect(missing.description.hasSuffix("has neither tokenizer.json nor vocab.txt"))
    }
}
