#!/usr/bin/env bash
# libfaketime 0.9.10 (Debian 12): told to leave the monotonic clock alone (`FAKETIME_DONT_FAKE_MONOTONIC=1`), it moves the timers of
# that clock all the same. `clock_gettime(CLOCK_MONOTONIC)` gives the true value, and so a program computes a true instant for its
# timer; `timerfd_settime` then shifts an absolute instant by what the wall clock is off, whichever clock the timer is of.
#
# With the wall clock 400 days behind, a timer that should end in a second ends in 400 days. With the wall clock ahead of the true time
# by more than the host's uptime, the call is refused with EINVAL, since the instant would be before the clock's beginning. Timers that
# are set relative to now, and `nanosleep`, are right, so small trials pass.
#
# Whom it matters to: who tests a service on a wrong wall clock. Event loops that keep one absolute timer for what is due next
# (libdispatch on Linux and with it Swift's `Task.sleep`, systemd's sd-event) do not wake until something else wakes them, and
# the test blames the service. A library that is preloaded before libfaketime and passes `timerfd_settime` to the kernel as it is
# keeps the timers right.
#
# Needs a C compiler, apt-get and dpkg (Debian 12, amd64 or arm64). Ends with 0 when it still is as described.
set -euo pipefail

version=0.9.10-2.1
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
compiler=$(command -v cc || command -v gcc || command -v clang) || { echo "no C compiler is on PATH"; exit 2; }
apt-get download "libfaketime=$version" >download.log 2>&1 ||
    { tail -n 3 download.log; echo "libfaketime $version cannot be fetched"; exit 2; }
dpkg -x libfaketime_*.deb library
library=$(find library -name libfaketimeMT.so.1)
echo "libfaketime $version"

cat >timer.c <<'C'
#define _GNU_SOURCE
#include <stdio.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

/* Sets a timer to the monotonic instant of a second from now, and prints in how many seconds the kernel will end it. */
int main(void) {
    int timer = timerfd_create(CLOCK_MONOTONIC, 0);
    struct timespec asked, kernel;
    clock_gettime(CLOCK_MONOTONIC, &asked);
    syscall(SYS_clock_gettime, CLOCK_MONOTONIC, &kernel);
    struct itimerspec value = {.it_value = {asked.tv_sec + 1, asked.tv_nsec}}, left;
    if (timerfd_settime(timer, TFD_TIMER_ABSTIME, &value, NULL)) return 1;
    syscall(SYS_timerfd_gettime, timer, &left);
    printf("%ld %lld\n", (long)(kernel.tv_sec - asked.tv_sec), (long long)(left.it_value.tv_sec + (left.it_value.tv_nsec > 500000000)));
}
C
"$compiler" -o timer timer.c

days=400
read -r _ plain < <(./timer)
read -r clock moved < <(
    LD_PRELOAD=$folder/$library FAKETIME="-${days}d" FAKETIME_DONT_FAKE_MONOTONIC=1 ./timer)
echo "expected: the monotonic clock and its timer are left alone: off by 0 s, ends in 1 s"
echo "seen without libfaketime: ends in $plain s"
echo "seen with the wall clock $days days behind: the clock is off by $clock s, the timer ends in $((moved / 86400)) days"
[ "$plain" = 1 ] && [ "$clock" = 0 ] && [ $((moved / 86400)) = $days ] || { echo "this has changed"; exit 1; }
