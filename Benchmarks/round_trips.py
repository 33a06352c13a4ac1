"""Counts the round trips between a program and PostgreSQL: a relay that reads along.

The frontend's messages are those of PostgreSQL's protocol 3.0 (postgresql.org/docs/current/protocol-message-formats.html). A round trip is
what the program sends between two Syncs, if a prepared statement is executed in it: BEGIN and COMMIT alone, and preparing a statement, are
left out, for they come with others or once.
"""
import socket
import struct
import threading


class Relay:
    """Listens on the socket of a folder and passes everything on to the server whose socket is in another."""

    def __init__(self, folder, server):
        self.server, self.trips, self.lock = f"{server}/.s.PGSQL.5432", 0, threading.Lock()
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(f"{folder}/.s.PGSQL.5432")
        self.listener.listen()
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            server = socket.socket(socket.AF_UNIX)
            server.connect(self.server)
            threading.Thread(target=self.forward, args=(client, server), daemon=True).start()
            threading.Thread(target=self.back, args=(server, client), daemon=True).start()

    def back(self, server, client):
        try:
            while data := server.recv(1 << 16):
                client.sendall(data)
        except OSError:
            pass
        finally:
            client.close()

    def forward(self, client, server):
        held, hasBegun, isData = b"", False, False
        try:
            while data := client.recv(1 << 16):
                server.sendall(data)
                held += data
                while len(held) >= 5:
                    # The first messages have no type: SSL and start-up requests.
                    start = 1 if hasBegun else 0
                    length = struct.unpack("!I", held[start:start + 4])[0]
                    if len(held) < start + length:
                        break
                    message, held = held[:start + length], held[start + length:]
                    if not hasBegun:
                        # 3.0, and not a request for TLS or GSSAPI, which is answered before the real one follows.
                        hasBegun = message[4:8] == b"\x00\x03\x00\x00"
                    elif message[:1] == b"B":
                        # The portal's name, then the statement's: the unnamed one is run once.
                        isData = isData or message[5:].split(b"\0", 2)[1] != b""
                    elif message[:1] == b"S":
                        with self.lock:
                            self.trips += isData
                        isData = False
        except OSError:
            pass
        finally:
            server.close()

    def close(self):
        self.listener.close()
