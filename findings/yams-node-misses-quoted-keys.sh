#!/usr/bin/env bash
# Yams 6.2.2: from a Node, a quoted key that would be a number or a flag without its quotes is not found.
#
# OpenAPI wants response codes as strings, so documents write '200': with quotes. Decoded from text, both spellings
# work. Decoded from a Node, as one does who parses once with Yams.compose and then looks at parts or decodes several
# types, only the spelling without quotes does: node["200"] is nil, and YAMLDecoder throws keyNotFound for a key that
# its own container has just listed, also in a plain [String: String]. The same goes for 'no', 'true', '1.5' and
# '2026-11-28'.
#
# Why: the key that is looked for becomes a plain scalar, whose tag is then resolved to int or bool; that of a quoted
# key is str, and nodes with different tags differ. Decoding from text composes with a resolver that makes everything
# a string.
#
# Whom it matters to: programs that read OpenAPI documents, CI definitions ('on':) or country tables ('no':) from a
# Node. The cure is to decode from the text, or to walk the pairs of node.mapping and compare key.string.
#
# Needs swift (6.0 or newer) and git. Ends with 0 when it still is as described.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
mkdir -p "$folder/Sources/Probe"

cat >"$folder/Package.swift" <<'SWIFT'
// swift-tools-version: 6.0
import PackageDescription

let package = Package(
    name: "Probe",
    dependencies: [.package(url: "https://github.com/jpsim/Yams", exact: "6.2.2")],
    targets: [.executableTarget(name: "Probe", dependencies: [.product(name: "Yams", package: "Yams")])])
SWIFT

cat >"$folder/Sources/Probe/main.swift" <<'SWIFT'
import Yams

func padded(_ text: String, _ width: Int) -> String { text + String(repeating: " ", count: max(1, width - text.count)) }

func decoded(_ decode: () throws -> [String: String]) -> String {
    do {
        return try decode().values.joined()
    } catch DecodingError.keyNotFound {
        return "keyNotFound"
    } catch {
        return "\(error)"
    }
}

print("key     from text    from node    subscript")
for (key, name) in [("200", "200"), ("'200'", "200"), ("no", "no"), ("'no'", "no"), ("'ok'", "ok")] {
    let text = "\(key): found"
    guard let node = try Yams.compose(yaml: text) else { continue }
    let fromText = decoded { try YAMLDecoder().decode(from: text) }
    let fromNode = decoded { try YAMLDecoder().decode(from: node) }
    print(padded(key, 8) + padded(fromText, 13) + padded(fromNode, 13) + (node[name]?.string ?? "nil"))
}
SWIFT

swift build --package-path "$folder" >"$folder/build.log" 2>&1 || { cat "$folder/build.log"; exit 2; }
seen=$("$(swift build --package-path "$folder" --show-bin-path)/Probe")

expected="key     from text    from node    subscript
200     found        found        found
'200'   found        found        found
no      found        found        found
'no'    found        found        found
'ok'    found        found        found"
recorded="key     from text    from node    subscript
200     found        found        found
'200'   found        keyNotFound  nil
no      found        found        found
'no'    found        keyNotFound  nil
'ok'    found        found        found"

printf '== Yams\n%s\n' "$(sed -n 's/.*"version" : "\(.*\)".*/\1/p' "$folder/Package.resolved")"
printf '\n== expected\n%s\n\n== seen\n%s\n\n' "$expected" "$seen"
[ "$seen" = "$recorded" ] || { echo 'This is not what was recorded.'; exit 1; }
echo 'As recorded: quotes hide a key from a Node.'
