"""Rules of TURN that no well-behaved client shows: seen from outside, byte by byte."""

import asyncio
import socket
import struct
import time
import unittest

from turn_harness import TURN_SECRET, TurnBellhop  # first: the others stand where it says
from servers import LOOPBACK
from turn_wire import (BINDING, DATA, INDICATION, LIFETIME, PEER, REQUEST, Message, credentials,
                       message)

CHANNEL = 0x4000
ICMP, SOFTWARE = 0x8004, 0x8022
PORT_UNREACHABLE = (3, 3)  # ICMP type and code (RFC 792)


class Rules(TurnBellhop, unittest.IsolatedAsyncioTestCase):
    def bound_client(self, name="alice"):
        """A client with an allocation and a channel, and the peer at its end."""
        client = self.turn_client(name)
        self.assertEqual(client.allocate().code, 0)
        peer, address = self.echo_socket()
        self.assertEqual(client.bind_channel(CHANNEL, address).code, 0)
        return client, peer

    # STN-10
    async def test_answers_name_the_software_only_where_that_is_configured(self):
        for is_named in (False, True):
            self.start_turn(software=is_named)
            answer = self.turn_client().answer(message(BINDING, REQUEST))
            self.assertEqual(SOFTWARE in answer.attributes, is_named)

    # STN-12
    async def test_the_first_byte_tells_messages_channels_and_noise(self):
        self.start_turn()
        client, peer = self.bound_client()
        rest = struct.pack("!BH", 0, 4) + b"data"
        for first in range(256):
            client.send(bytes([first]) + rest)
        fence = message(BINDING, REQUEST)
        client.send(fence)
        self.assertEqual(client.receive()[8:20], fence[8:20])  # nothing else was answered
        client.send_on(CHANNEL, b"last")
        self.assertEqual([peer.recv(100), peer.recv(100)], [b"data", b"last"])

    # TURN-C06
    async def test_empty_channel_data_is_an_empty_datagram(self):
        self.start_turn()
        client, peer = self.bound_client()
        client.send_on(CHANNEL, b"")
        data, relayed = peer.recvfrom(100)
        self.assertEqual((data, relayed), (b"", client.relayed))
        peer.sendto(b"", relayed)
        self.assertEqual(client.receive(), b"\x40\0\0\0")

    # TURN-C07
    async def test_a_channel_and_its_permission_are_of_one_allocation(self):
        self.start_turn()
        owner, peer = self.bound_client()
        other = self.turn_client("alice")
        self.assertEqual(other.allocate().code, 0)
        other.send_on(CHANNEL, b"not mine")
        peer.sendto(b"not permitted", other.relayed)
        owner.send_on(CHANNEL, b"mine")
        self.assertEqual(peer.recvfrom(100), (b"mine", owner.relayed))
        self.assertEqual(other.refresh(600).code, 0)
        self.assertIsNone(other.receive(0.2))

    # TURN-R03
    async def test_an_allocation_expires_in_silence(self):
        self.start_turn(allocation_lifetime="1s", allocation_lifetime_max="1s")
        client = self.turn_client()
        granted = client.allocate((LIFETIME, struct.pack("!I", 3600)))
        self.assertEqual(granted.attributes[LIFETIME], struct.pack("!I", 1))
        began = time.monotonic()
        while not self.bellhop.events("session_ended"):
            self.assertLess(time.monotonic() - began, 5, "the allocation does not expire")
            await asyncio.sleep(0.02)
        self.assertGreater(time.monotonic() - began, 0.8)
        self.assertIsNone(client.receive(0.1))
        self.assertEqual(client.refresh(600).code, 437)
        self.assertEqual(client.allocate().code, 0)

    # TURN-A13
    async def test_an_allocation_outlives_its_credentials_but_is_not_prolonged(self):
        self.start_turn()
        user = credentials(TURN_SECRET, "alice", lifetime=2)
        client = self.turn_client(user=user)
        self.assertEqual(client.allocate().code, 0)
        peer, address = self.echo_socket()
        began = time.monotonic()
        while client.refresh(600).code == 0:
            self.assertLess(time.monotonic() - began, 5, "the credentials never expire")
            await asyncio.sleep(0.05)
        self.assertEqual(client.refresh(600).code, 401)
        self.assertEqual(client.permit(LOOPBACK).code, 0)
        self.assertEqual(client.bind_channel(CHANNEL, address).code, 0)
        client.send_on(CHANNEL, b"goes on")
        self.assertEqual(peer.recv(100), b"goes on")
        self.assertEqual(self.turn_client(user=user).allocate().code, 401)
        self.assertEqual(client.refresh(0).code, 0)

    # TURN-D03
    async def test_the_client_hears_of_a_peer_that_nobody_listens_at(self):
        self.start_turn()
        client, peer = self.bound_client()
        address = peer.getsockname()
        peer.close()
        client.send_on(CHANNEL, b"anybody there?")
        told = Message(client.receive())
        self.assertEqual((told.method, told.kind), (DATA, INDICATION))
        self.assertEqual(told.address(PEER), address)
        value = told.attributes[ICMP]
        kind = struct.unpack_from("!H", value, 2)[0]
        self.assertEqual((kind >> 9, kind & 0x1FF), PORT_UNREACHABLE)

    # TURN-D06
    async def test_what_is_over_the_rate_of_an_allocation_is_dropped(self):
        self.start_turn(rate_per_allocation="100 KiB")
        client, peer = self.bound_client()
        peer.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
        for _ in range(600):
            client.send_on(CHANNEL, bytes(1000))
        client.answer(message(BINDING, REQUEST))
        peer.setblocking(False)
        came = 0
        while True:
            try:
                came += len(peer.recv(2000))
            except BlockingIOError:
                break
        self.assertGreater(came, 0)
        self.assertLess(came, 400_000)
        self.assertEqual(client.refresh(0).code, 0)
        ended = self.bellhop.wait_event("session_ended")
        self.assertEqual(int(ended["bytes_from_first"]), came)
        self.assertGreater(int(ended["bytes_dropped"]), 0)


if __name__ == "__main__":
    unittest.main()
