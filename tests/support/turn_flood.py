"""Allocate requests without credentials, from as many addresses of 127.0.0.0/8 as one likes: sent
in batches by sendmmsg(2), each with a source of its own (IP_PKTINFO), from one socket that hears
all answers. Needs no privilege, because every address of that network is this machine's."""

import contextlib
import ctypes
import os
import socket
import struct

from servers import LOOPBACK
from turn_wire import ALLOCATE, BINDING, REQUEST, UDP, TurnClient, message

BATCH = 256
# Requests that are under way before the flood waits for the server, so that what is counted has
# been read: the receive buffer that Bellhop asks for holds them, or else Linux's default one.
UNDER_WAY = 4096 if os.geteuid() == 0 else BATCH
PADDING = 0xC001  # an attribute that nobody knows and everybody ignores
SOURCES_MAX = (1 << 24) - 2
STRIDE = 7919  # between two sources; has no factor in common with their number

_CONTROL = struct.Struct("@NiiiII")  # cmsghdr, then in_pktinfo (ip(7))
_CONTROL_SPACE = 32
_SOURCE_AT = 20  # of ipi_spec_dst
_HEADER = struct.Struct("@PIxxxxPNPNixxxxIxxxx")  # msghdr, then msg_len
_VECTOR = struct.Struct("@PN")
_libc = ctypes.CDLL(None, use_errno=True)


class Flood:
    """`request_bytes`, `sent` and `answered_bytes` count what happened so far."""

    def __init__(self, port):
        self.port = port
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
        self.socket.bind(("0.0.0.0", 0))
        self.socket.setblocking(False)
        self.request = message(ALLOCATE, REQUEST, [UDP], transaction=os.urandom(12))
        self.sent = self._read = self.answered_bytes = self.next_source = 0
        self.pace = TurnClient((LOOPBACK, port))
        self._prepare()

    def close(self):
        self.socket.close()
        self.pace.close()

    @property
    def request_bytes(self):
        # Those that pace the flood come from an address that may be one of its sources.
        return self.sent * len(self.request) + self.pace.sent_bytes

    def _prepare(self):
        """One message for each of a batch; they differ in their control data alone."""
        to = struct.pack("=H", socket.AF_INET) + struct.pack("!H4s8x", self.port,
                                                             socket.inet_aton(LOOPBACK))
        self._keep = [ctypes.create_string_buffer(each, len(each)) for each in (to, self.request)]
        name, data = map(ctypes.addressof, self._keep)
        vector = ctypes.create_string_buffer(_VECTOR.pack(data, len(self.request)))
        self._keep.append(vector)
        self.control = ctypes.create_string_buffer(_CONTROL_SPACE * BATCH)
        self.headers = ctypes.create_string_buffer(_HEADER.size * BATCH)
        for i in range(BATCH):
            at = i * _CONTROL_SPACE
            _CONTROL.pack_into(self.control, at, 28, socket.IPPROTO_IP, 8, 0, 0, 0)
            _HEADER.pack_into(self.headers, i * _HEADER.size, name, len(to),
                              ctypes.addressof(vector), 1,
                              ctypes.addressof(self.control) + at, _CONTROL_SPACE, 0, 0)

    def run(self, count, sources):
        """Sends so many requests, from so many addresses in turn, as fast as the server reads."""
        done = 0
        while done < count:
            for i in range(BATCH):
                address = 0x7F000001 + self.next_source * STRIDE % SOURCES_MAX
                struct.pack_into("!I", self.control, i * _CONTROL_SPACE + _SOURCE_AT, address)
                self.next_source = (self.next_source + 1) % sources
            done += self._send(min(BATCH, count - done))
            self._hear()
            if self.sent - self._read >= UNDER_WAY or done == count:
                self._wait_until_read()

    def _wait_until_read(self):
        """A Binding request is answered behind all that came before it. It is longer than its
        answer, so that it is always answered."""
        if self.pace.answer(message(BINDING, REQUEST, [(PADDING, bytes(64))])) is None:
            raise ConnectionError("the server does not answer any more")
        self._read = self.sent
        self._hear()

    def _send(self, wanted):
        sent = _libc.sendmmsg(self.socket.fileno(), self.headers, wanted, 0)
        if sent < 0:
            code = ctypes.get_errno()
            if code not in (11, 105):  # EAGAIN, ENOBUFS: the server has to catch up
                raise OSError(code, os.strerror(code))
            return 0
        self.sent += sent
        return sent

    def _hear(self):
        with contextlib.suppress(BlockingIOError):
            while True:
                self.answered_bytes += len(self.socket.recv(2048))

    def dropped(self):
        """Datagrams that the kernel has not kept for the server."""
        local = f":{self.port:04X}"
        with open("/proc/net/udp", encoding="ascii") as table:
            return sum(int(line.split()[-1]) for line in table if local in line.split()[1])
