import Domain
import FinBERT
import Foundation

/// What `Benchmarks/finbert.py` measures of consilod's side; prints one JSON object a line.
///
///     finbert-bench FOLDER PRECISION THREADS rate                    texts a second, for each LENGTH:BATCH of its input
///     finbert-bench FOLDER PRECISION THREADS corpus FILE             texts a second, padding; FILE is one JSON text a line
///     finbert-bench FOLDER PRECISION THREADS probabilities FILE      the three probabilities of each text
///     finbert-bench FOLDER PRECISION THREADS company FILE            texts whose answer alone is not that among all
///     finbert-bench FOLDER PRECISION THREADS tokens FILE             the token ids of each text
@main
struct FinBERTBench {
    static func main() async throws {
        let arguments = CommandLine.arguments
        guard arguments.count >= 5, let precision = Precision(rawValue: arguments[2]), let threads = Int(arguments[3])
        else {
            print("usage: see the source")
            exit(2)
        }
        let folder = URL(fileURLWithPath: arguments[1])
        if arguments[4] == "tokens" {
            let tokenizer = try BertTokenizer(folder: folder)
            for text in try texts(arguments[5]) { emit(["ids": tokenizer.encode(text).map(Int.init)]) }
            return
        }
        let clock = ContinuousClock()
        let start = clock.now
        let model = try await SentimentModel(folder: folder, options: .init(precision: precision, threads: threads))
        _ = try await model.classify(["The first answer counts as well."])
        emit([
            "cold_start_s": seconds(clock.now - start), "rss_mb": memory("VmRSS"), "peak_mb": memory("VmHWM"),
            "model": model.modelID, "engine": model.details.engine, "threads": model.details.threads,
        ])
        switch arguments[4] {
        case "rate":
            // One `LENGTH:BATCH` a line, one answer a line: the other sides are measured in between.
            while let line = readLine() {
                let numbers = line.split(separator: ":").compactMap { Int($0) }
                let (length, batch) = (numbers[0], numbers[1])
                // `a` is one token in every BERT vocabulary; two more stand around the text.
                let text = Array(repeating: "a", count: length - 2).joined(separator: " ")
                let texts = Array(repeating: text, count: batch)
                _ = try await model.classify(texts)
                let began = clock.now
                var count = 0
                while clock.now - began < .seconds(3) || count < 2 * batch {
                    _ = try await model.classify(texts)
                    count += batch
                }
                emit(["length": length, "batch": batch, "texts_per_s": Double(count) / seconds(clock.now - began)])
            }
        case "corpus":
            let texts = try texts(arguments[5])
            let before = model.statistics
            let began = clock.now
            _ = try await model.classify(texts)
            let elapsed = seconds(clock.now - began)
            // The model's thread gives back what the next batch does not need.
            try await Task.sleep(for: .seconds(1))
            emit([
                "texts": texts.count, "seconds": elapsed, "texts_per_s": Double(texts.count) / elapsed,
                "windows": model.statistics.sequences - before.sequences, "padding": model.statistics.paddingShare,
                "rss_mb": memory("VmRSS"), "peak_mb": memory("VmHWM"),
            ])
        case "probabilities":
            for (text, probabilities) in zip(
                try texts(arguments[5]), try await model.probabilities(of: texts(arguments[5])))
            {
                let values = probabilities?.values ?? [:]
                emit([
                    "length": text.utf8.count, "positive": values[.positive] ?? 0, "negative": values[.negative] ?? 0,
                    "neutral": values[.neutral] ?? 0,
                ])
            }
        case "company":
            try await compareCompany(of: texts(arguments[5]), model)
        default:
            print("usage: see the source")
            exit(2)
        }
    }

    private static func compareCompany(of texts: [String], _ model: SentimentModel) async throws {
        let together = try await model.probabilities(of: texts)
        var (differing, differingReadings, largest) = (0, 0, 0.0)
        for (text, among) in zip(texts, together) {
            let alone = try await model.probabilities(of: [text])[0]
            differing += alone == among ? 0 : 1
            differingReadings += alone?.reading == among?.reading ? 0 : 1
            for (label, value) in alone?.values ?? [:] {
                largest = max(largest, abs(value - (among?.values[label] ?? 0)))
            }
        }
        emit([
            "texts": texts.count, "differing": differing, "differing_readings": differingReadings,
            "largest_difference": largest,
        ])
    }

    private static func texts(_ file: String) throws -> [String] {
        try String(contentsOfFile: file, encoding: .utf8).split(separator: "\n").map {
            try JSONDecoder().decode(String.self, from: Data($0.utf8))
        }
    }

    private static func emit(_ values: [String: Any]) {
        guard let data = try? JSONSerialization.data(withJSONObject: values, options: [.sortedKeys]) else { return }
        print(String(decoding: data, as: UTF8.self))
        fflush(nil)
    }

    private static func seconds(_ duration: Duration) -> Double { duration / .seconds(1) }

    /// A figure of /proc/self/status, in MB.
    private static func memory(_ name: String) -> Int {
        let status = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
        let line = status.split(separator: "\n").first { $0.hasPrefix(name) } ?? ""
        return (line.split(whereSeparator: \.isWhitespace).dropFirst().first.flatMap { Int($0) } ?? 0) / 1024
    }
}
