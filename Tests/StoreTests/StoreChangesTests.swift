import Domain
import Foundation
import Synchronization
import Testing

@testable import Store

/// Who is told of committed changes.
@Suite struct StoreChangesTests {
    @Test func theObserverIsCalledAsDirectlyAfterManyCommitsAsAfterTheFirst() {
        let (changes, changed, tenant) = (StoreChanges(), ChangedTenants(), TenantID(UUID()))
        changed.insert(tenant)
        let calls = Mutex<[(TenantID, frames: Int)]>([])
        changes.observe { id in
            let frames = Thread.callStackReturnAddresses.count
            calls.withLock { $0.append((id, frames)) }
        }
        for _ in 0..<500 { changes.committed(changed) }
        let seen = calls.withLock { $0 }
        #expect(seen.count == 500 && seen.allSatisfy { $0.0 == tenant })
        #expect(Set(seen.map(\.frames)).count == 1)
    }

    @Test func atATransactionWithoutChangesAndWithoutAnObserverNothingIsCalled() {
        let (changes, changed) = (StoreChanges(), ChangedTenants())
        changes.committed(changed)
        changed.insert(TenantID(UUID()))
        changes.committed(changed)
        let count = Mutex(0)
        changes.observe { _ in count.withLock { $0 += 1 } }
        changes.committed(ChangedTenants())
        #expect(count.withLock { $0 } == 0)
    }
}
