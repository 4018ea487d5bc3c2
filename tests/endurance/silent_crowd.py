#!/usr/bin/python3
"""Many connections that say nothing, or nearly nothing, held by a process of its own.

`Crowd` is the handle of it; run as a program, this file is that process: it reads how many there
are to be from its input and comes again with whoever was closed.
"""

import contextlib
import pathlib
import resource
import selectors
import socket
import subprocess
import sys
import time

PER_ADDRESS = 150  # below connections_per_address_max
FIRST_ADDRESS = (127, 0, 16, 1)
OPENED_AT_ONCE = 50  # so that the backlog of the listener is not what is measured
BYTE_INTERVAL = 4.0  # seconds between two bytes of a head
HEAD = b"GET /f/AAAAAAAAAAAAAAAAAAAAAA/a.bin HTTP/1.1\r\nHost: localhost\r\nX-Slow: " + b"x" * 4096


class Crowd:
    """Silent connections to a port of 127.0.0.1."""

    def __init__(self, port):
        self.port = port

    def __enter__(self):
        self._process = subprocess.Popen([sys.executable, str(pathlib.Path(__file__).resolve()),
                                          str(self.port)], stdin=subprocess.PIPE)
        return self

    def __exit__(self, *_):
        self._process.stdin.close()
        self._process.wait()

    def be(self, count):
        """So many from now on; they come and go within a second or two."""
        self._process.stdin.write(f"{count}\n".encode())
        self._process.stdin.flush()


class Member:
    """One connection; `sent` bytes of a head are out, None: it says nothing."""

    def __init__(self, number, port):
        network, address = FIRST_ADDRESS[2], number // PER_ADDRESS
        self.number = number
        self.sent = 0 if number % 2 else None
        self.socket = socket.socket()
        self.socket.setblocking(False)
        self.socket.bind((f"127.0.{network}.{FIRST_ADDRESS[3] + address}", 0))
        self.socket.connect_ex(("127.0.0.1", port))

    def say_more(self):
        if self.sent is not None and self.sent < len(HEAD):
            with contextlib.suppress(OSError):
                self.sent += self.socket.send(HEAD[self.sent:self.sent + 1])


class Holder:
    def __init__(self, port):
        self.port = port
        self.wanted = 0
        self.members = {}
        self.selector = selectors.EpollSelector()
        self.selector.register(sys.stdin, selectors.EVENT_READ)
        self.next_byte = time.monotonic()

    def run(self):
        while True:
            for key, _ in self.selector.select(0.02):
                if key.fileobj is sys.stdin:
                    line = sys.stdin.readline()
                    if not line:
                        return
                    self.wanted = int(line)
                else:
                    self.remove(key.data)  # closed: nothing else ever comes
            self.adjust()
            self.speak()

    def adjust(self):
        while len(self.members) > self.wanted:
            self.remove(self.members[max(self.members)])
        missing = (number for number in range(self.wanted) if number not in self.members)
        if len(self.members) < self.wanted:
            for number, _ in zip(missing, range(OPENED_AT_ONCE)):
                member = Member(number, self.port)
                self.members[number] = member
                self.selector.register(member.socket, selectors.EVENT_READ, member)

    def remove(self, member):
        self.selector.unregister(member.socket)
        member.socket.close()
        del self.members[member.number]

    def speak(self):
        if time.monotonic() < self.next_byte:
            return
        self.next_byte = time.monotonic() + BYTE_INTERVAL
        for member in self.members.values():
            member.say_more()


if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_NOFILE, (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)
    Holder(int(sys.argv[1])).run()
