import Foundation
import Glibc

/// What the kernel says of this process (proc(5)).
enum ProcessFigures {
    static func add(to exposition: inout Exposition, startedAt: Double) {
        exposition.add("process_start_time_seconds", [], startedAt)
        // In microseconds on every system that follows POSIX; -1 where it is not known.
        let time = clock()
        if time >= 0 { exposition.add("process_cpu_seconds_total", [], Double(time) / 1e6) }
        // Counts of pages: all addresses, then those in memory.
        let pages = (FileManager.default.contents(atPath: "/proc/self/statm") ?? Data())
            .split(separator: UInt8(ascii: " ")).compactMap { Int(String(decoding: $0, as: UTF8.self)) }
        if pages.count > 1 {
            let pageBytes = sysconf(Int32(_SC_PAGESIZE))
            exposition.add("process_virtual_memory_bytes", [], pages[0] * pageBytes)
            exposition.add("process_resident_memory_bytes", [], pages[1] * pageBytes)
        }
        // A metric that cannot be told is left out; the look itself opens one descriptor.
        if let open = try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd") {
            exposition.add("process_open_fds", [], open.count - 1)
        }
        var limit = rlimit()
        if getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 {
            exposition.add("process_max_fds", [], Double(limit.rlim_cur))
        }
    }
}
