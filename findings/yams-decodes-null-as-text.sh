#!/usr/bin/env bash
# Yams 6.2.2: null becomes the text that stands for it when the property is a String.
#
# "token: null" and "token: ~" say that there is no token. YAMLDecoder gives an optional property nil, as it should.
# But a String that is not optional is not refused: it becomes "null" or "~", and for a key with nothing after it "".
# In an array of strings it is the same. JSONDecoder throws valueNotFound for null, and YAMLDecoder itself throws for
# an Int, so the one type for which a missing value goes unnoticed is the one that names, passwords and addresses
# have.
#
# Whom it matters to: programs that decode a configuration into non-optional strings and expect a missing value to be
# an error. The cure is to decode an Optional and to check that it is there.
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
import Foundation
import Yams

struct Optionally<Value: Decodable>: Decodable { var value: Value? }
struct Required<Value: Decodable>: Decodable { var value: Value }

func show(_ what: String, _ decode: () throws -> Any) {
    let answer: String
    do {
        answer = "\(try decode())"
    } catch is DecodingError {
        answer = "DecodingError"
    } catch {
        answer = "\(error)"
    }
    print(what + String(repeating: " ", count: max(1, 28 - what.count)) + answer)
}

let decoder = YAMLDecoder()
for text in ["null", "~", ""] {
    let yaml = "value: \(text)"
    show("String?  \(yaml)") { try decoder.decode(Optionally<String>.self, from: yaml).value.debugDescription }
    show("String   \(yaml)") { try decoder.decode(Required<String>.self, from: yaml).value.debugDescription }
    show("Int      \(yaml)") { try decoder.decode(Required<Int>.self, from: yaml).value }
}
show("[String] [a, null]") { try decoder.decode([String].self, from: "[a, null]") }
show("String   {\"value\": null}") {
    try JSONDecoder().decode(Required<String>.self, from: Data(#"{"value": null}"#.utf8)).value
}
SWIFT

swift build --package-path "$folder" >"$folder/build.log" 2>&1 || { cat "$folder/build.log"; exit 2; }
seen=$("$(swift build --package-path "$folder" --show-bin-path)/Probe" | sed 's/ *$//')

expected='String?  value: null        nil
String   value: null        DecodingError
Int      value: null        DecodingError
String?  value: ~           nil
String   value: ~           DecodingError
Int      value: ~           DecodingError
String?  value:             nil
String   value:             DecodingError
Int      value:             DecodingError
[String] [a, null]          DecodingError
String   {"value": null}    DecodingError'
recorded='String?  value: null        nil
String   value: null        "null"
Int      value: null        DecodingError
String?  value: ~           nil
String   value: ~           "~"
Int      value: ~           DecodingError
String?  value:             nil
String   value:             ""
Int      value:             DecodingError
[String] [a, null]          ["a", "null"]
String   {"value": null}    DecodingError'

printf '== Yams\n%s\n' "$(sed -n 's/.*"version" : "\(.*\)".*/\1/p' "$folder/Package.resolved")"
printf '\n== expected\n%s\n\n== seen\n%s\n\n' "$expected" "$seen"
[ "$seen" = "$recorded" ] || { echo 'This is not what was recorded.'; exit 1; }
echo 'As recorded: a String takes null for text.'
