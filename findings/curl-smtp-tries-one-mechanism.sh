#!/usr/bin/env bash
# libcurl 7.88: signing in to an SMTP server fails if the first mechanism fails, although the next one would do.
#
# A server lists the ways to sign in, "AUTH CRAM-MD5 PLAIN LOGIN". libcurl takes the one it holds for the strongest,
# wherever it stands in the list, and when the server refuses that with 535 the transfer ends with CURLE_LOGIN_DENIED
# (67). It does not go on to PLAIN, as Python's smtplib does. A server that keeps passwords hashed can check PLAIN and
# LOGIN only, but may list more: Cyrus SASL offers every mechanism whose plug-in is installed unless mech_list names
# some, and saslauthd behind it takes plain passwords only. There the right user with the right password is denied,
# while other programs on the same host get in.
#
# Whom it matters to: programs that send mail through libcurl, and operators who read "Login denied" and look for a
# wrong password. Name the mechanism, as CURLOPT_LOGIN_OPTIONS "AUTH=PLAIN" (curl --login-options) does, or have the
# server list only what it can check.
#
# Needs Debian's or Ubuntu's apt and python3. Ends with 0 when it still is as described.
set -euo pipefail

folder=$(mktemp -d)
trap 'kill "${server:-}" 2>/dev/null || true; rm -rf "$folder"' EXIT
cd "$folder"

apt-get -qq download curl=7.88.1-10+deb12u15 libcurl4=7.88.1-10+deb12u15 >apt.log 2>&1 || { cat apt.log; exit 2; }
for package in ./*.deb; do dpkg-deb -x "$package" root; done
libraries=$(dirname "$(find "$folder/root" -name 'libcurl.so.4')")

# Checks what a server with hashed passwords can check. Writes down how each session tried to sign in.
cat >server.py <<'PY'
import base64
import socketserver
import sys

OFFER = {"PLAIN": b"\0user\0password", "LOGIN": b"password"}
CHALLENGES = {"CRAM-MD5": b"<1@relay.example>", "DIGEST-MD5": b'realm="relay",nonce="1",qop="auth",algorithm=md5-sess'}


class Session(socketserver.StreamRequestHandler):
    def say(self, line):
        self.wfile.write(line.encode() + b"\r\n")

    def hear(self):
        return self.rfile.readline().decode().strip()

    def ask(self, challenge):
        self.say("334 " + base64.b64encode(challenge).decode())
        return base64.b64decode(self.hear())

    def sign_in(self, mechanism, response):
        if mechanism in CHALLENGES:
            self.ask(CHALLENGES[mechanism])
            return False
        given = base64.b64decode(response[0]) if response else self.ask(b"Username:" if mechanism == "LOGIN" else b"")
        return (self.ask(b"Password:") if mechanism == "LOGIN" else given) == OFFER[mechanism]

    def handle(self):
        self.say("220 relay.example ESMTP")
        tried = []
        while words := self.hear().split():
            verb = words[0].upper()
            if verb == "EHLO":
                self.say("250-relay.example")
                self.say("250 AUTH " + self.server.mechanisms)
            elif verb == "AUTH":
                good = self.sign_in(words[1], words[2:])
                tried.append(f"{words[1]} {'accepted' if good else 'refused'}")
                self.say("235 Signed in" if good else "535 Refused")
            elif verb == "QUIT":
                self.say("221 Goodbye")
                break
            else:
                self.say("250 OK")
        print(", ".join(tried), flush=True)


server = socketserver.TCPServer(("127.0.0.1", 0), Session)
server.mechanisms = sys.argv[1]
print(server.server_address[1], file=sys.stderr, flush=True)
server.serve_forever()
PY

cat >smtp.py <<'PY'
import smtplib
import sys

with smtplib.SMTP("127.0.0.1", int(sys.argv[1])) as session:
    session.login("user", "password")
PY

by_curl() { # port, options
    LD_LIBRARY_PATH="$libraries" root/usr/bin/curl -s --noproxy '*' --user user:password "${@:2}" -X NOOP \
        --url "smtp://127.0.0.1:$1" >/dev/null || echo "curl $?" >result
}
by_smtplib() { python3 smtp.py "$1" 2>/dev/null || echo "python3 $?" >result; }
probe() { # mechanisms, by_curl or by_smtplib, options of curl
    : >port
    : >tries
    echo 'signed in' >result
    python3 server.py "$1" >tries 2>port &
    server=$!
    for _ in $(seq 100); do [ -s port ] && break; sleep 0.1; done
    "$2" "$(cat port)" "${@:3}"
    for _ in $(seq 100); do [ -s tries ] && break; sleep 0.1; done
    kill "$server"
    wait "$server" 2>/dev/null || true
    server=
    line "$1" "${*:2}" "$(cat result)" "$(cat tries)"
}
line() { printf '%-26s %-34s %-10s %s\n' "$@"; }

many='DIGEST-MD5 CRAM-MD5 PLAIN'
{
    probe 'PLAIN LOGIN' by_curl
    probe 'PLAIN CRAM-MD5' by_curl
    probe 'PLAIN CRAM-MD5' by_smtplib
    probe "$many" by_curl
    probe "$many" by_smtplib
    probe "$many" by_curl --login-options AUTH=PLAIN
} >seen
seen=$(cat seen)
answers() { # what curl does about CRAM-MD5, and about DIGEST-MD5
    line 'PLAIN LOGIN' by_curl 'signed in' 'PLAIN accepted'
    line 'PLAIN CRAM-MD5' by_curl "${@:1:2}"
    line 'PLAIN CRAM-MD5' by_smtplib 'signed in' 'CRAM-MD5 refused, PLAIN accepted'
    line "$many" by_curl "${@:3:2}"
    line "$many" by_smtplib 'signed in' 'CRAM-MD5 refused, PLAIN accepted'
    line "$many" 'by_curl --login-options AUTH=PLAIN' 'signed in' 'PLAIN accepted'
}
expected=$(answers 'signed in' 'CRAM-MD5 refused, PLAIN accepted' \
    'signed in' 'DIGEST-MD5 refused, CRAM-MD5 refused, PLAIN accepted')
recorded=$(answers 'curl 67' 'CRAM-MD5 refused' 'curl 67' 'DIGEST-MD5 refused')

heading=$(line 'the server offers' by result 'what was tried')
printf '== %s; %s\n' "$(LD_LIBRARY_PATH=$libraries root/usr/bin/curl --version | grep -o 'libcurl/[0-9.]*')" \
    "$(python3 --version)"
printf '\n== expected\n%s\n%s\n\n== seen\n%s\n%s\n\n' "$heading" "$expected" "$heading" "$seen"
[ "$seen" = "$recorded" ] || { echo 'This is not what was recorded.'; exit 1; }
echo 'As recorded: libcurl tries one mechanism.'
