#include <libpq-fe.h>
#include <sys/syscall.h>
#include <unistd.h>

/// Opens an empty file that is in memory alone and closed in child processes (MFD_CLOEXEC of memfd_create(2)); -1 when that
/// fails. In C, because Swift does not see the function.
static inline int consilod_memory_file(const char *name) { return (int)syscall(SYS_memfd_create, name, 1u); }
