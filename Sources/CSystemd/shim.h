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
