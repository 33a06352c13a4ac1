#!/usr/bin/env bash
# Swift 6.3, Synchronization's Mutex: a function that is kept as `Mutex<((T) -> Void)?>` becomes slower with every look at it. Each
# `withLock`, also one that only reads, leaves it wrapped in one more layer.
#
# `withLock` hands its value over as `inout`. To the generic code of Mutex a function has another calling convention (its
# arguments by address) than to the code that calls it, so the compiler converts it on the way in, and back on the way out, by a
# small wrapper each time. What goes back is the wrapped function. A call then runs through as many wrappers as there were looks
# before, and the memory of each is kept. The same function as the property of a structure, `Mutex<Box?>`, is not converted, and
# stays as fast as at first.
#
# Whom it matters to: who keeps an observer, a callback or a hook in a Mutex and reads it often, such as after each commit. Nothing
# fails in tests; a service that has been up for a day spends its time there. Put the function into a structure or a class.
#
# Needs a Swift toolchain with the module Synchronization (6.0 or newer) on PATH. Ends with 0 when it still is as described.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
command -v swiftc >/dev/null || { echo "swiftc is not on PATH"; exit 2; }
swift --version 2>/dev/null | head -n 1

cat >main.swift <<'SWIFT'
import Synchronization

struct Box: Sendable { let notify: @Sendable (String) -> Void }
final class Bare: Sendable { let observer = Mutex<(@Sendable (String) -> Void)?>(nil) }
final class Boxed: Sendable { let observer = Mutex<Box?>(nil) }

let (bare, boxed, clock) = (Bare(), Boxed(), ContinuousClock())
bare.observer.withLock { $0 = { _ in } }
boxed.observer.withLock { $0 = Box(notify: { _ in }) }

/// The time of a thousand calls, without the looks.
func calls() -> (bare: Duration, boxed: Duration) {
    let (function, box) = (bare.observer.withLock { $0 }, boxed.observer.withLock { $0 })
    return (
        clock.measure { for _ in 0..<1000 { function?("tenant") } },
        clock.measure { for _ in 0..<1000 { box?.notify("tenant") } }
    )
}

_ = calls()
let first = calls()
for _ in 0..<2000 {
    _ = bare.observer.withLock { $0 == nil }
    _ = boxed.observer.withLock { $0 == nil }
}
let last = calls()
let (growth, steady) = (last.bare / first.bare, last.boxed / first.boxed)
print("after 2000 looks, a call takes so many times as long as before:")
print("    Mutex<((String) -> Void)?>  \(growth > 20 ? "more than 20" : "\(growth)")")
print("    Mutex<Box?>                 \(steady < 5 ? "less than 5" : "\(steady)")")
print(growth > 20 && steady < 5 ? "as described" : "changed")
SWIFT
echo "expected: a look at a function changes nothing, and a call takes as long as before"
echo "seen:"
swiftc -O -swift-version 6 -o probe main.swift
./probe | tee seen
grep -q '^as described$' seen
