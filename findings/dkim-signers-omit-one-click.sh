#!/usr/bin/env bash
# OpenDKIM 2.11, Exim 4.96 and dkimpy 1.1: a DKIM signature covers List-Unsubscribe, but not List-Unsubscribe-Post, so
# no one-click unsubscription is offered for the mail.
#
# RFC 8058 has a sender add the two headers, and a receiver offer the one click only if a valid DKIM signature covers
# both. The signers that Debian has choose what they sign from the list of RFC 6376, of 2011: it names every List-
# header of that time, and List-Unsubscribe-Post is of 2017. So the mail is signed, both headers are there, and the
# click may not be offered. No log tells, nor do the Authentication-Results of a mail that has arrived; one has to read
# the h= of its signature. The program that writes the mail can do nothing about it.
#
# Whom it matters to: senders of digests and newsletters through a relay that signs. Add the header to what is signed:
# "SignHeaders *,+List-Unsubscribe-Post" in opendkim.conf, include_headers in dkimpy, and in Exim's transport
# "dkim_sign_headers = _DKIM_SIGN_HEADERS:List-Unsubscribe-Post". Then look at the h= of a mail that has arrived.
#
# Needs Debian's or Ubuntu's apt, python3 and openssl. Ends with 0 when it still is as described.
set -euo pipefail

folder=$(mktemp -d)
trap 'kill "${opendkim:-}" "${relay:-}" 2>/dev/null || true; rm -rf "$folder"' EXIT
cd "$folder"

# The three signers and what they are linked with, unpacked and not installed.
apt-get -qq download opendkim=2.11.0~beta2-8+deb12u1 miltertest=2.11.0~beta2-8+deb12u1 libopendkim11 libmilter1.0.1 \
    libopendbx1 libmemcached11 libhashkit2 liblua5.3-0 libvbr2 librbl1 libbsd0 libdb5.3 libldap-2.5-0 libunbound8 \
    exim4-daemon-light=4.96-15+deb12u11 libidn12 libgnutls-dane0 libnss-wrapper \
    python3-dkim=1.1.4-1 >apt.log 2>&1 || { cat apt.log; exit 2; }
for package in ./*.deb; do dpkg-deb -x "$package" root; done
libraries=$folder/root/usr/lib/$(dpkg --print-architecture | sed 's/amd64/x86_64/; s/arm64/aarch64/')-linux-gnu
libraries+=:$folder/root/usr/lib
openssl genrsa -out key.pem 2048 2>openssl.log || { cat openssl.log; exit 2; }

# Headers as they are sent; the body does not matter.
cat >mail <<'MAIL'
From: consilod@sender.example
To: reader@recipient.example
Date: Sun, 29 Nov 2026 12:00:00 +0000
Message-ID: <1@sender.example>
Subject: Digest
List-Unsubscribe: <https://sender.example/unsubscribe/1>
List-Unsubscribe-Post: List-Unsubscribe=One-Click

Text
MAIL

with_opendkim() { # further setting
    cat >opendkim.conf <<CONFIGURATION
Domain sender.example
Selector probe
KeyFile $folder/key.pem
Mode s
Socket local:$folder/milter
InternalHosts 127.0.0.1
RequireSafeKeys no
Syslog no
${1:-}
CONFIGURATION
    # The part of the mail server that talks to it.
    {
        echo "connection = mt.connect('local:$folder/milter')"
        echo "mt.conninfo(connection, 'localhost', '127.0.0.1')"
        echo "mt.mailfrom(connection, '<consilod@sender.example>')"
        echo "mt.rcptto(connection, '<reader@recipient.example>')"
        sed -n "s/^\([A-Za-z-]*\): \(.*\)/mt.header(connection, '\1', '\2')/p" mail
        echo "mt.eoh(connection)"
        printf '%s\n' "mt.bodystring(connection, 'Text\r\n')"
        echo "mt.eom(connection)"
        echo "mt.echo(mt.getheader(connection, 'DKIM-Signature', 0))"
    } >milter.lua
    rm -f milter
    LD_LIBRARY_PATH="$libraries" root/usr/sbin/opendkim -f -x opendkim.conf >opendkim.log 2>&1 &
    opendkim=$!
    for _ in $(seq 100); do [ -S milter ] && break; sleep 0.1; done
    LD_LIBRARY_PATH="$libraries" root/usr/bin/miltertest -s milter.lua >signed 2>>opendkim.log ||
        { cat opendkim.log >&2; exit 2; }
    kill "$opendkim"
    wait "$opendkim" || true
    opendkim=
}

# Not as root. Exim wants its user to exist: here it is the one that runs it.
user=$(id -u)
as_user=()
if [ "$user" -eq 0 ]; then
    user=$(id -u nobody)
    as_user=(setpriv --reuid "$user" --regid "$user" --clear-groups)
fi
printf 'Debian-exim:x:%s:%s::/:/bin/sh\n' "$user" "$user" >passwd
printf 'Debian-exim:x:%s:\nmail:x:8:\n' "$user" >group
mkdir spool
install -m 644 key.pem spool/key.pem
if [ "$(id -u)" -eq 0 ]; then chown -R "$user:$user" spool; fi
chmod 755 .
chmod u-s root/usr/sbin/exim4
cat >relay.py <<'PY'
import socketserver
import sys


class Session(socketserver.StreamRequestHandler):
    def handle(self):
        self.wfile.write(b"220 relay.example\r\n")
        while line := self.rfile.readline():
            if line.upper().startswith(b"DATA"):
                self.wfile.write(b"354 Go on\r\n")
                with open("signed", "wb") as file:
                    while (line := self.rfile.readline()) not in (b".\r\n", b""):
                        file.write(line)
            self.wfile.write(b"250 OK\r\n")


server = socketserver.TCPServer(("127.0.0.1", 0), Session)
print(server.server_address[1], flush=True)
server.serve_forever()
PY
python3 relay.py >port 2>relay.log &
relay=$!
for _ in $(seq 100); do [ -s port ] && break; sleep 0.1; done

with_exim() { # further setting of the transport
    cat >exim.conf <<CONFIGURATION
primary_hostname = mail.sender.example
spool_directory = $folder/spool
log_file_path = $folder/spool/%slog
exim_path = $folder/root/usr/sbin/exim4
keep_environment = ^LD_ : ^NSS_WRAPPER_
deliver_drop_privilege = true
begin routers
all:
  driver = manualroute
  route_list = * 127.0.0.1
  self = send
  transport = signing
begin transports
signing:
  driver = smtp
  port = $(cat port)
  allow_localhost
  dkim_domain = sender.example
  dkim_selector = probe
  dkim_private_key = $folder/spool/key.pem
  ${1:-}
CONFIGURATION
    "${as_user[@]}" env LD_LIBRARY_PATH="$libraries" LD_PRELOAD="$(find "$folder/root" -name libnss_wrapper.so)" \
        NSS_WRAPPER_PASSWD="$folder/passwd" NSS_WRAPPER_GROUP="$folder/group" "$folder/root/usr/sbin/exim4" \
        -C "$folder/exim.conf" -odf -f consilod@sender.example reader@recipient.example <mail || exit 2
    [ -s signed ] || { cat spool/mainlog >&2; exit 2; }
}

with_dkimpy() { # further headers
    PYTHONPATH=root/usr/lib/python3/dist-packages python3 - "$@" <<'PY' >signed || exit 2
import sys

import dkim

with open("mail", "rb") as mail, open("key.pem", "rb") as key:
    text = mail.read().replace(b"\n", b"\r\n")
    signer = dkim.DKIM(text)
    chosen = signer.default_sign_headers() + [name.encode() for name in sys.argv[1:]]
    print(signer.sign(b"probe", b"sender.example", key.read(), include_headers=chosen).decode())
PY
}

probe() { # what it is called, how to sign, a setting
    rm -f signed
    "${@:2}"
    # The names of the h= tag, in one line, without spaces and in small letters.
    local names
    names=:$(tr -d ' \t\r\n' <signed | sed 's/.*;h=\([^;]*\);.*/\1/' | tr '[:upper:]' '[:lower:]'):
    line "$1" "$(covers "$names" from)" "$(covers "$names" list-unsubscribe)" "$(covers "$names" list-unsubscribe-post)"
}
covers() { case $1 in *":$2:"*) echo yes ;; *) echo no ;; esac; }
line() { printf '%-36s %-6s %-18s %s\n' "$@"; }

{
    probe OpenDKIM with_opendkim
    probe Exim with_exim
    probe dkimpy with_dkimpy
    probe 'OpenDKIM, the header added' with_opendkim 'SignHeaders *,+List-Unsubscribe-Post'
    probe 'Exim, the header added' with_exim 'dkim_sign_headers = _DKIM_SIGN_HEADERS:List-Unsubscribe-Post'
    probe 'dkimpy, the header added' with_dkimpy list-unsubscribe-post
} >table
seen=$(cat table)

heading=$(line 'signed by' From List-Unsubscribe List-Unsubscribe-Post)
answers() { # whether List-Unsubscribe-Post is signed by default
    for signer in OpenDKIM Exim dkimpy; do line "$signer" yes yes "$1"; done
    for signer in OpenDKIM Exim dkimpy; do line "$signer, the header added" yes yes yes; done
}
expected=$(answers yes)
recorded=$(answers no)

version() { dpkg-deb -f "$1"_*.deb Version; }
printf '== OpenDKIM %s; Exim %s; dkimpy %s\n' "$(version opendkim)" "$(version exim4-daemon-light)" \
    "$(version python3-dkim)"
printf '\n== expected\n%s\n%s\n\n== seen\n%s\n%s\n\n' "$heading" "$expected" "$heading" "$seen"
[ "$seen" = "$recorded" ] || { echo 'This is not what was recorded.'; exit 1; }
echo 'As recorded: List-Unsubscribe-Post is signed only where somebody added it.'
