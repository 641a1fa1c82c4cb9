/* Stands between the collector, or PostgreSQL, and the C library (LD_PRELOAD): a disk that fails and a clock that jumps, as a file of orders says.
 *
 * Of PostgreSQL's files those of its write-ahead log fail: on them rests every commit.
 *
 * It also keeps the list of what was written to the database and its write-ahead log and not yet synced. After a SIGKILL the harness destroys
 * just these bytes: that is what a power cut may leave. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#define MOST 8192
#define SERVER 3 /* many processes, which end each other at any moment: no lock for them, and no list */

struct orders { /* little endian; the harness reads and writes it at these places */
    int64_t clock;     /* 0: seconds added to the clock */
    int64_t call;      /* 8: which call fails: 1 sync, 2 write, 3 a write that stops halfway; 4: syncs say yes and do nothing */
    int64_t countdown; /* 16: at which call from now, 1 being the next */
    int64_t times;     /* 24: how often from then on */
    int64_t number;    /* 32: errno */
    int64_t failed;    /* 40: how often it has failed */
    int64_t lock;      /* 48 */
    int64_t count;     /* 56: regions; -1 if there were too many */
    struct { int64_t file, from, length; } region[MOST]; /* 64: file 1 is the database, 2 its log */
};

static struct orders *orders;

static void ready(void) {
    static int tried;
    if (__atomic_exchange_n(&tried, 1, __ATOMIC_SEQ_CST)) return;
    const char *path = getenv("HAAL_SHIM");
    int fd = path ? open(path, O_RDWR) : -1;
    if (fd < 0) return;
    void *place = mmap(NULL, sizeof *orders, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    close(fd);
    if (place != MAP_FAILED) orders = place;
}

static int which(int fd) {
    char link[64], name[512];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t n = readlink(link, name, sizeof name - 1);
    if (n < 0) return 0;
    name[n] = 0;
    const char *base = strrchr(name, '/');
    base = base ? base + 1 : name;
    return !strcmp(base, "collector.db") ? 1 : !strcmp(base, "collector.db-wal") ? 2 : strstr(name, "/pg_wal/") ? SERVER : 0;
}

static void take(int file) { while (file != SERVER && __atomic_exchange_n(&orders->lock, 1, __ATOMIC_ACQUIRE)) usleep(10); }
static void give(int file) { if (file != SERVER) __atomic_store_n(&orders->lock, 0, __ATOMIC_RELEASE); }

/* True if this call is to fail. */
static int fails(int64_t call) {
    if (orders->call != call && !(orders->call == 3 && call == 2)) return 0;
    if (orders->countdown > 0 && --orders->countdown > 0) return 0;
    if (orders->times <= 0) return 0;
    orders->times--;
    orders->failed++;
    errno = (int)orders->number;
    return 1;
}

static void wrote(int file, int64_t from, int64_t length) {
    if (length <= 0 || file == SERVER || orders->count < 0) return;
    if (orders->count == MOST) { orders->count = -1; return; }
    orders->region[orders->count].file = file;
    orders->region[orders->count].from = from;
    orders->region[orders->count].length = length;
    orders->count++;
}

static void synced(int file) {
    if (orders->count < 0) return; /* too many: the harness lets this round be a plain kill */
    int64_t kept = 0;
    for (int64_t i = 0; i < orders->count; i++)
        if (orders->region[i].file != file) orders->region[kept++] = orders->region[i];
    orders->count = kept;
}

static ssize_t put(int fd, const void *bytes, size_t length, int64_t from, int at) {
    static ssize_t (*real_write)(int, const void *, size_t);
    static ssize_t (*real_pwrite)(int, const void *, size_t, off64_t);
    if (!real_write) real_write = dlsym(RTLD_NEXT, "write");
    if (!real_pwrite) real_pwrite = dlsym(RTLD_NEXT, "pwrite64");
    ready();
    int file = orders ? which(fd) : 0;
    if (!file) return at ? real_pwrite(fd, bytes, length, from) : real_write(fd, bytes, length);
    take(file);
    if (!at) from = lseek64(fd, 0, SEEK_CUR);
    int64_t call = orders->call;
    int fail = fails(2);
    if (fail && (call != 3 || length < 2)) { give(file); return -1; }
    if (fail) length /= 2;
    ssize_t done = at ? real_pwrite(fd, bytes, length, from) : real_write(fd, bytes, length);
    wrote(file, from, done);
    give(file);
    return done;
}

ssize_t write(int fd, const void *bytes, size_t length) { return put(fd, bytes, length, 0, 0); }
ssize_t pwrite(int fd, const void *bytes, size_t length, off_t from) { return put(fd, bytes, length, from, 1); }
ssize_t pwrite64(int fd, const void *bytes, size_t length, off64_t from) { return put(fd, bytes, length, from, 1); }

static int sync_with(const char *name, int fd) {
    int (*real)(int) = (int (*)(int))dlsym(RTLD_NEXT, name);
    ready();
    int file = orders ? which(fd) : 0;
    if (!file) return real(fd);
    take(file);
    int lies = orders->call == 4, done = lies ? 0 : fails(1) ? -1 : real(fd);
    if (done == 0 && !lies) synced(file);
    give(file);
    return done;
}

int fsync(int fd) { return sync_with("fsync", fd); }
int fdatasync(int fd) { return sync_with("fdatasync", fd); }

int clock_gettime(clockid_t clock, struct timespec *time) {
    static int (*real)(clockid_t, struct timespec *);
    if (!real) real = dlsym(RTLD_NEXT, "clock_gettime");
    int done = real(clock, time);
    if (done == 0 && clock == CLOCK_REALTIME) {
        ready();
        if (orders) time->tv_sec += orders->clock;
    }
    return done;
}
