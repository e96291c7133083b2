"""A mail server that accepts everything and keeps nothing, in few lines: `python -m benchmarks.sink`.

It prints the port that it listens on and ends when its standard input does: a process of its own, so that
what a benchmark measures is the sending alone.
"""

from __future__ import annotations

import socketserver
import sys
import threading


class Session(socketserver.StreamRequestHandler):
    """One connection: every command is accepted, every mail thrown away."""

    rbufsize = 2**16
    disable_nagle_algorithm = True

    def handle(self) -> None:
        """Answer commands until the client leaves."""
        self.say(b"220 sink")
        for line in self.rfile:
            word = line[:4].upper()
            if word == b"DATA":
                self.say(b"354 go on")
                for text in self.rfile:
                    if text == b".\r\n":
                        break
                self.say(b"250 taken")
            elif word == b"QUIT":
                self.say(b"221 bye")
                return
            elif word == b"EHLO":
                self.say(b"250-sink\r\n250 8BITMIME")
            else:
                self.say(b"250 ok")

    def say(self, words: bytes) -> None:
        """Send one answer."""
        self.wfile.write(words + b"\r\n")


class Sink(socketserver.ThreadingTCPServer):
    """Listens on a free port of this machine."""

    daemon_threads = True
    allow_reuse_address = True


def main() -> None:
    """Serve until the standard input ends."""
    with Sink(("127.0.0.1", 0), Session) as sink:
        threading.Thread(target=sink.serve_forever, daemon=True).start()
        print(sink.server_address[1], flush=True)
        sys.stdin.read()


if __name__ == "__main__":
    main()
