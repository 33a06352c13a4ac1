/* A disk that loses, when the power is cut, what was not synced. Preloaded into a program by Benchmarks/crash.py.
 *
 * POWER_CUT_FOLDER is the folder of the store; POWER_CUT_DISK, on the same file system, is what would be on its disk:
 *
 *   INODE       the file's bytes as of its last fsync or fdatasync; a file that was never synced has none
 *   names       the folder's entries as of its last fsync, one "INODE NAME" a line
 *   gone-INODE  a file that was removed or replaced, which the disk may still have under its name
 *   lock        taken during a sync
 *
 * Writes need no care: whatever differs between a file and its bytes here was not synced, however it was written (write,
 * ftruncate, mmap, copy_file_range). After the kill crash.py makes the folder what the disk has, and of the rest none or any
 * part, in sectors of 512 bytes.
 *
 * A process killed during a sync leaves a part of it here, as a disk would. POWER_CUT_SYNC_MICROSECONDS is how long a
 * sync takes. POWER_CUT_IGNORES is a part of a name ("-wal"): the syncs of such files do nothing, as those of a drive that
 * acknowledges what its cache has. crash.py --weaken shows with it that losses are noticed.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PAGE = 4096 };

static const char *folder, *disk, *ignored;
static useconds_t duration;

__attribute__((constructor)) static void begin(void) {
    const char *asked = getenv("POWER_CUT_SYNC_MICROSECONDS");
    folder = getenv("POWER_CUT_FOLDER");
    disk = getenv("POWER_CUT_DISK");
    ignored = getenv("POWER_CUT_IGNORES");
    duration = asked ? (useconds_t)atoi(asked) : 0;
}

static void *real(const char *name) { return dlsym(RTLD_NEXT, name); }

/* A layer that cannot keep its account must not let the run go on. */
static void must(int holds, const char *what) {
    if (!holds) {
        perror(what);
        abort();
    }
}

/* Whether the path is an entry of the folder, or the folder itself. */
static int is_tracked(const char *path) {
    size_t length = folder ? strlen(folder) : 0;
    if (!length || strncmp(path, folder, length)) return 0;
    return path[length] == 0 || (path[length] == '/' && !strchr(path + length + 1, '/'));
}

static void write_names(void) {
    char new[PATH_MAX], old[PATH_MAX];
    snprintf(new, sizeof new, "%s/names.new-%d", disk, gettid());
    snprintf(old, sizeof old, "%s/names", disk);
    FILE *file = fopen(new, "w");
    DIR *entries = opendir(folder);
    must(file && entries, "power_cut: names");
    for (struct dirent *entry; (entry = readdir(entries));)
        if (entry->d_type == DT_REG) fprintf(file, "%lu %s\n", (unsigned long)entry->d_ino, entry->d_name);
    closedir(entries);
    must(fclose(file) == 0, "power_cut: names");
    must(((int (*)(const char *, const char *))real("rename"))(new, old) == 0, "power_cut: names");
}

/* Carries what has changed in the file over to its bytes on the disk, page by page. */
static void carry_over(int file, const struct stat *about) {
    char path[PATH_MAX];
    snprintf(path, sizeof path, "%s/%lu", disk, (unsigned long)about->st_ino);
    int image = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    must(image >= 0 && ftruncate(image, about->st_size) == 0, "power_cut: size");
    if (about->st_size > 0) {
        size_t size = (size_t)about->st_size;
        unsigned char *kept = mmap(NULL, size, PROT_READ, MAP_SHARED, image, 0);
        must(kept != MAP_FAILED, "power_cut: mmap");
        unsigned char pages[64 * PAGE];
        for (size_t at = 0; at < size;) {
            /* The file may become shorter meanwhile: then the rest is not there to be carried over. */
            ssize_t got = pread(file, pages, sizeof pages, (off_t)at);
            if (got <= 0) break;
            size_t end = at + (size_t)got < size ? (size_t)got : size - at;
            for (size_t page = 0; page < end; page += PAGE) {
                size_t length = end - page < PAGE ? end - page : PAGE;
                if (memcmp(kept + at + page, pages + page, length))
                    must(pwrite(image, pages + page, length, (off_t)(at + page)) == (ssize_t)length, "power_cut: pwrite");
            }
            at += (size_t)got;
        }
        munmap(kept, size);
    }
    close(image);
}

static int sync_to_disk(int file, const char *name) {
    char link[64], path[PATH_MAX];
    struct stat about;
    snprintf(link, sizeof link, "/proc/self/fd/%d", file);
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (length < 0) return ((int (*)(int))real(name))(file);
    path[length] = 0;
    if (!is_tracked(path)) return ((int (*)(int))real(name))(file);
    if (duration) usleep(duration);
    if (ignored && strstr(path, ignored)) return 0;
    /* One sync at a time, of all processes; the lock ends with its process. */
    snprintf(path, sizeof path, "%s/lock", disk);
    int lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    must(lock >= 0 && flock(lock, LOCK_EX) == 0, "power_cut: flock");
    must(fstat(file, &about) == 0, "power_cut: fstat");
    if (S_ISDIR(about.st_mode))
        write_names();
    else
        carry_over(file, &about);
    close(lock);
    return 0;
}

int fsync(int file) { return sync_to_disk(file, "fsync"); }
int fdatasync(int file) { return sync_to_disk(file, "fdatasync"); }

/* Keeps a file that is about to lose its name, and with it its inode's number from being given to another file. */
static void keep(const char *path) {
    struct stat about;
    char kept[PATH_MAX];
    if (!is_tracked(path) || lstat(path, &about) || !S_ISREG(about.st_mode)) return;
    snprintf(kept, sizeof kept, "%s/gone-%lu", disk, (unsigned long)about.st_ino);
    must(link(path, kept) == 0 || errno == EEXIST || errno == ENOENT, "power_cut: link");
}

int unlink(const char *path) {
    keep(path);
    return ((int (*)(const char *))real("unlink"))(path);
}

int unlinkat(int directory, const char *path, int flags) {
    if (!(flags & AT_REMOVEDIR)) keep(path);
    return ((int (*)(int, const char *, int))real("unlinkat"))(directory, path, flags);
}

int remove(const char *path) {
    keep(path);
    return ((int (*)(const char *))real("remove"))(path);
}

int rename(const char *from, const char *to) {
    keep(to);
    return ((int (*)(const char *, const char *))real("rename"))(from, to);
}

int renameat2(int from_directory, const char *from, int to_directory, const char *to, unsigned flags) {
    keep(to);
    return ((int (*)(int, const char *, int, const char *, unsigned))real("renameat2"))(
        from_directory, from, to_directory, to, flags);
}
