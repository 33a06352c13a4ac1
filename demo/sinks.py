#!/usr/bin/python3
"""Receives what the demo sends: Slack messages over HTTP and mails over SMTP, on 127.0.0.1.

    demo/sinks.py --dir DIR [--slack-port N] [--smtp-port N]

Prints `READY slack=PORT smtp=PORT` once both listen, writes DIR/slack/NNN.json and DIR/mail/NNN.eml in the order of
arrival, and ends on SIGTERM or SIGINT. Needs Debian's python3-aiosmtpd.
"""

import argparse
import asyncio
import pathlib
import signal
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from aiosmtpd.smtp import SMTP

HOST = "127.0.0.1"


class Mailbox:
    """A folder of numbered files. Each appears at once and whole."""

    def __init__(self, folder, suffix):
        self._folder, self._suffix = folder, suffix
        self._count, self._lock = 0, threading.Lock()
        folder.mkdir(parents=True, exist_ok=True)

    def keep(self, content):
        with self._lock:
            self._count += 1
            file = self._folder / f"{self._count:03d}{self._suffix}"
            unfinished = self._folder / f".{file.name}"
            unfinished.write_bytes(content)
            unfinished.rename(file)


def slack_server(port, mailbox):
    """Answers as Slack's incoming webhooks do: 200 and the text `ok`."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self):
            mailbox.keep(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.send_header("Content-Length", "2")
            self.end_headers()
            self.wfile.write(b"ok")

        def log_message(self, *_):
            pass

    return ThreadingHTTPServer((HOST, port), Handler)


class MailHandler:
    def __init__(self, mailbox):
        self._mailbox = mailbox

    async def handle_DATA(self, _server, _session, envelope):
        self._mailbox.keep(envelope.content)
        return "250 Message accepted for delivery"


async def serve(options):
    slack = slack_server(options.slack_port, Mailbox(options.dir / "slack", ".json"))
    threading.Thread(target=slack.serve_forever, daemon=True).start()

    loop = asyncio.get_running_loop()
    handler = MailHandler(Mailbox(options.dir / "mail", ".eml"))
    mail = await loop.create_server(lambda: SMTP(handler, hostname="localhost"), HOST, options.smtp_port)

    stopped = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopped.set)
    print(f"READY slack={slack.server_port} smtp={mail.sockets[0].getsockname()[1]}", flush=True)
    await stopped.wait()

    mail.close()
    slack.shutdown()


def main():
    parser = argparse.ArgumentParser(description="Receives the demo's Slack messages and mails.")
    parser.add_argument("--dir", type=pathlib.Path, required=True, help="where the messages are written")
    parser.add_argument("--slack-port", type=int, default=0, help="default: a free one")
    parser.add_argument("--smtp-port", type=int, default=0, help="default: a free one")
    asyncio.run(serve(parser.parse_args()))


if __name__ == "__main__":
    main()
