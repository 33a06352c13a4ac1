#include <malloc.h>
#include <systemd/sd-daemon.h>
#include <systemd/sd-journal.h>
#include <sys/prctl.h>
#include <sys/stat.h>

/// Which file a descriptor is open on, as JOURNAL_STREAM names it (systemd.exec(5)); 0, or -1 when it is not open.
/// In C, because Swift cannot tell which of several modules that include <sys/stat.h> defines `struct stat`.
static inline int consilod_file_of_descriptor(int descriptor, unsigned long long *device, unsigned long long *inode) {
    struct stat status;
    if (fstat(descriptor, &status) != 0) return -1;
    *device = status.st_dev;
    *inode = status.st_ino;
    return 0;
}

/// Has the kernel write no core dump of this process and let no process of the same user trace it or read its memory
/// (PR_SET_DUMPABLE of prctl(2)); 0, or -1. In C, because prctl takes a variable number of arguments.
static inline int consilod_forbid_dumps(void) { return prctl(PR_SET_DUMPABLE, 0, 0, 0, 0); }

/// Has freed blocks of 256 KiB and more given back to the kernel at once (mallopt(3)); 1, or 0 when it failed. The threshold
/// otherwise rises with each larger block that is freed, up to 32 MiB, and freed bodies stay with the process. In C, because
/// Swift does not see the constant.
static inline int consilod_return_large_blocks(void) { return mallopt(M_MMAP_THRESHOLD, 256 * 1024); }
