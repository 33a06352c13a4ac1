#!/usr/bin/env bash
# GRDB 7.10.0: a DatabasePool lowers PRAGMA synchronous after prepareDatabase has raised it.
#
# Configuration.prepareDatabase is the place to set PRAGMAs on each connection. But when a DatabasePool opens its
# writer it first runs prepareDatabase, then switches to WAL and sets synchronous to NORMAL. So "PRAGMA synchronous =
# FULL" given there holds for an instant only: every later commit is written without a sync of the log. Only the
# pool's readers keep FULL, which they have no use for, and a DatabaseQueue of the same configuration keeps it as
# well, so a test that uses a queue in memory, or reads the setting back in a reader, sees nothing.
#
# Whom it matters to: programs that acknowledge data once a write has returned, and promise that it survives a power
# failure. The cure is to set synchronous in a write, after the pool is open.
#
# Needs swift (6.0 or newer), git and the headers of SQLite. Ends with 0 when it still is as described.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
mkdir -p "$folder/Sources/Probe"

cat >"$folder/Package.swift" <<'SWIFT'
// swift-tools-version: 6.0
import PackageDescription

let package = Package(
    name: "Probe",
    dependencies: [.package(url: "https://github.com/groue/GRDB.swift", exact: "7.10.0")],
    targets: [
        .executableTarget(name: "Probe", dependencies: [.product(name: "GRDB", package: "GRDB.swift")])
    ])
SWIFT

cat >"$folder/Sources/Probe/main.swift" <<'SWIFT'
import Foundation
import GRDB

let names = [0: "OFF", 1: "NORMAL", 2: "FULL", 3: "EXTRA"]

func synchronous(_ db: Database) throws -> String {
    names[try Int.fetchOne(db, sql: "PRAGMA synchronous") ?? -1] ?? "?"
}

var configuration = Configuration()
configuration.prepareDatabase { db in
    try db.execute(sql: "PRAGMA synchronous = FULL")
    let seen = try synchronous(db)
    if !db.configuration.readonly { print("prepareDatabase   \(seen)") }
}

let folder = CommandLine.arguments[1]

print("DatabaseQueue")
let queue = try DatabaseQueue(path: folder + "/queue.sqlite", configuration: configuration)
print("write             \(try queue.write(synchronous))")

print("DatabasePool")
let pool = try DatabasePool(path: folder + "/pool.sqlite", configuration: configuration)
print("write             \(try pool.write(synchronous))")
print("read              \(try pool.read(synchronous))")

print("DatabasePool, FULL set once it is open")
try pool.writeWithoutTransaction { try $0.execute(sql: "PRAGMA synchronous = FULL") }
print("write             \(try pool.write(synchronous))")
SWIFT

swift build --package-path "$folder" >"$folder/build.log" 2>&1 || { cat "$folder/build.log"; exit 2; }

expected='DatabaseQueue
prepareDatabase   FULL
write             FULL
DatabasePool
prepareDatabase   FULL
write             FULL
read              FULL
DatabasePool, FULL set once it is open
write             FULL'
recorded='DatabaseQueue
prepareDatabase   FULL
write             FULL
DatabasePool
prepareDatabase   FULL
write             NORMAL
read              FULL
DatabasePool, FULL set once it is open
write             FULL'
seen=$("$(swift build --package-path "$folder" --show-bin-path)/Probe" "$folder")

printf '== GRDB\n%s\n' "$(sed -n 's/.*"version" : "\(.*\)".*/\1/p' "$folder/Package.resolved")"
printf '\n== expected\n%s\n\n== seen\n%s\n\n' "$expected" "$seen"
[ "$seen" = "$recorded" ] || { echo 'This is not what was recorded.'; exit 1; }
echo 'As recorded: the pool writes with NORMAL.'
