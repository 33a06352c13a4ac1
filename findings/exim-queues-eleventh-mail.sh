#!/usr/bin/env bash
# Exim 4.96: of the mails that come over one SMTP session, the eleventh and all later ones are accepted like the others,
# but not delivered before the queue runner's next round.
#
# A session kept open is supposed to be the fast way to hand mails to a relay. Exim starts a delivery for each of the
# first ten of a session (smtp_accept_queue_per_connection), so that a client with thousands cannot start thousands of
# processes; the rest go to the queue. The reply is "250 OK id=…" for all of them. Debian's packaged configuration
# leaves the limit at ten and has a queue runner every 30 minutes, so the eleventh mail comes up to half an hour after
# the tenth, which came in the same second. The same mails over two sessions are all delivered at once. Only
# Exim's log tells: "no immediate delivery: more than 10 messages received in one connection".
#
# Whom it matters to: programs that send alerts over a kept session, and operators who look for the minutes that some took.
# End a session after ten mails, or set smtp_accept_queue_per_connection = 0 on a relay whose clients are known.
#
# Needs Debian's or Ubuntu's apt and python3. Ends with 0 when it still is as described.
set -euo pipefail

folder=$(mktemp -d)
trap 'kill "${daemon:-}" 2>/dev/null || true; rm -rf "$folder"' EXIT
cd "$folder"

# Exim and what it is linked with, unpacked and not installed.
apt-get -qq download exim4-daemon-light=4.96-15+deb12u11 libidn12 libgnutls-dane0 libnss-wrapper >apt.log 2>&1 ||
    { cat apt.log; exit 2; }
for package in ./*.deb; do dpkg-deb -x "$package" root; done
exim="$folder/root/usr/sbin/exim4"
chmod u-s "$exim"
libraries=$(dirname "$(find "$folder/root" -name 'libidn.so.12')")

# Not as root. Exim wants its user to exist: here it is the one that runs it.
user=$(id -u)
if [ "$user" -eq 0 ]; then user=$(id -u nobody); fi
printf 'Debian-exim:x:%s:%s::/:/bin/sh\n' "$user" "$user" >passwd
printf 'Debian-exim:x:%s:\nmail:x:8:\n' "$user" >group
variables=(LD_LIBRARY_PATH="$libraries" LD_PRELOAD="$libraries/libnss_wrapper.so" NSS_WRAPPER_PASSWD="$folder/passwd"
    NSS_WRAPPER_GROUP="$folder/group")
unprivileged() {
    if [ "$(id -u)" -eq 0 ]; then exec setpriv --reuid "$user" --regid "$user" --clear-groups "$@"; else exec "$@"; fi
}
chmod 755 .

cat >send.py <<'PY'
import smtplib
import sys
import time

port, sessions, mails = map(int, sys.argv[1:])
for attempt in range(100):
    try:
        smtplib.SMTP("127.0.0.1", port).quit()
        break
    except OSError:
        time.sleep(0.1)
for session in range(sessions):
    with smtplib.SMTP("127.0.0.1", port) as relay:
        for mail in range(mails):
            relay.sendmail("from@sender.example", "to@recipient.example", f"Subject: {session} {mail}\n\nText\n")
PY

probe() { # what is sent, sessions, mails in each, a further setting
    local port spool=$folder/spool-$2-$3-${4:+set}
    port=$(python3 -c 'import socket; s = socket.create_server(("127.0.0.1", 0)); print(s.getsockname()[1])')
    mkdir "$spool"
    if [ "$(id -u)" -eq 0 ]; then chown "$user:$user" "$spool"; fi
    cat >"$spool.conf" <<CONFIGURATION
${4:-}
primary_hostname = relay.example
local_interfaces = 127.0.0.1.$port
spool_directory = $spool
log_file_path = $spool/%slog
pid_file_path = $spool/pid
exim_path = $exim
keep_environment = ^LD_ : ^NSS_WRAPPER_
acl_smtp_rcpt = accept
deliver_drop_privilege = true
begin acl
begin routers
all:
  driver = redirect
  data = :blackhole:
CONFIGURATION
    (unprivileged env "${variables[@]}" "$exim" -C "$spool.conf" -bdf) &
    daemon=$!
    python3 send.py "$port" "$2" "$3" || exit 2
    # No delivery takes long; wait until nothing has happened for a while.
    local lines=-1
    while [ "$(wc -l <"$spool/mainlog")" -ne "$lines" ]; do
        lines=$(wc -l <"$spool/mainlog")
        sleep 2
    done
    kill "$daemon"
    wait "$daemon" || true
    daemon=
    printf '%-46s accepted %2d, delivered %2d, left to the queue runner %d\n' "$1" \
        "$(grep -c ' <= ' "$spool/mainlog")" "$(grep -c ' Completed$' "$spool/mainlog")" \
        "$(grep -c 'no immediate delivery: more than 10 messages' "$spool/mainlog" || true)"
}
one='12 mails over one session'
two='6 mails over each of two sessions'
unlimited='12 over one, the limit set to 0'
probe "$one" 1 12 >seen
probe "$two" 2 6 >>seen
probe "$unlimited" 1 12 'smtp_accept_queue_per_connection = 0' >>seen
seen=$(cat seen)

line() { printf '%-46s accepted 12, delivered %2d, left to the queue runner %d\n' "$@"; }
expected=$(line "$one" 12 0; line "$two" 12 0; line "$unlimited" 12 0)
recorded=$(line "$one" 10 2; line "$two" 12 0; line "$unlimited" 12 0)

printf '== Exim %s\n' "$(dpkg-deb -f exim4-daemon-light_*.deb Version)"
printf '\n== expected\n%s\n\n== seen\n%s\n\n' "$expected" "$seen"
[ "$seen" = "$recorded" ] || { echo 'This is not what was recorded.'; exit 1; }
echo 'As recorded: from the eleventh mail on, a session only fills the queue.'
