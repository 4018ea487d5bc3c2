"""TURN in hostile hands: floods of strangers, messages that are broken, replayed or forged; none of
it leaves a session."""

import asyncio
import os
import socket
import time
import unittest

from turn_harness import TURN_SECRET, TurnBellhop  # first: the others stand where it says
from admin_client import Http
from servers import LOOPBACK
from turn_flood import Flood
from turn_wire import (ALLOCATE, BINDING, INDICATION, INTEGRITY, MAPPED, NONCE, PAYLOAD, PEER,
                       REALM, REFRESH, RELAYED, REQUEST, SEND, SUCCESS, UDP, USERNAME, Message,
                       credentials, hidden_address, message)

FLOOD = int(os.environ.get("TURN_FLOOD", "200000"))  # a million takes a minute on a busy machine
FLOOD_KIB = 1024  # what a flood may leave behind
BURST_BYTES = 2048  # that each source may be answered beyond what it sent
BUDGET_SECONDS = 10  # after which the burst is there anew
FEW_SOURCES = 64


class Hostile(TurnBellhop, unittest.IsolatedAsyncioTestCase):
    def sessions(self):
        status, answer = Http(self.bellhop.http_port).call("SessionService/ListSessions")
        self.assertEqual(status, 200, answer)
        return answer.get("sessions", [])

    def assert_no_session(self):
        """Neither is there one nor has there been one."""
        self.assertEqual(self.sessions(), [])
        self.assertEqual(self.bellhop.events("session_ended"), [])

    def heard_until_fence(self, client):
        """What has come in before the answer to a Binding request, which is answered in turn."""
        fence = message(BINDING, REQUEST)
        client.send(fence)
        heard = []
        while True:
            data = client.receive()
            self.assertIsNotNone(data, "no answer to a Binding request")
            if data[8:20] == fence[8:20]:
                return [Message(each) for each in heard]
            heard.append(data)

    # STN-17, TURN-A01
    async def test_a_flood_of_spoofed_allocates_leaves_no_trace(self):
        self.start_turn()
        self.assertEqual(self.turn_client().challenge().code, 401)
        flood = Flood(self.turn_port)
        self.addCleanup(flood.close)
        before = self.bellhop.memory_kib("VmRSS")
        flood.run(FLOOD, FLOOD)
        self.assertEqual(flood.sent, FLOOD)
        self.assertEqual(flood.dropped(), 0, "the kernel dropped some before they were read")
        self.assertLess(self.bellhop.memory_kib("VmRSS") - before, FLOOD_KIB)
        self.assertEqual(self.turn_client(source="127.9.9.9").allocate().code, 0)

    # STN-17
    async def test_strangers_are_answered_no_more_than_they_sent(self):
        self.start_turn()
        flood = Flood(self.turn_port)
        self.addCleanup(flood.close)
        began = time.monotonic()
        flood.run(30_000, FEW_SOURCES)
        bursts = 1 + (time.monotonic() - began) // BUDGET_SECONDS
        self.assertEqual(flood.dropped(), 0)
        self.assertLessEqual(flood.answered_bytes,
                             flood.request_bytes + bursts * FEW_SOURCES * BURST_BYTES)
        # And they are not kept out either: who retransmits gets in.
        self.assertGreater(flood.answered_bytes, flood.request_bytes // 2)
        self.assert_no_session()

    def signed_allocate(self, client):
        if client.key is None:
            client.challenge()
        return client.signed(ALLOCATE, [UDP])

    # TURN-F01, STN-01
    async def test_truncated_messages_are_not_answered(self):
        self.start_turn()
        client = self.turn_client()
        whole = self.signed_allocate(client)
        for size in range(len(whole)):
            client.send(whole[:size])
        client.send(whole + b"\0\0\0\0")
        for size in (0, 8, 1000, 60000):
            client.send(os.urandom(size))
        self.assertEqual(self.heard_until_fence(client), [])
        self.assert_no_session()

    # TURN-F01, STN-07
    async def test_no_message_with_a_flipped_bit_is_believed(self):
        self.start_turn()
        client = self.turn_client()
        whole = self.signed_allocate(client)
        refused = 0
        for at in range(len(whole)):
            damaged = bytearray(whole)
            damaged[at] ^= 1 << at % 8
            client.send(damaged)
            for answer in self.heard_until_fence(client):
                if answer.method != BINDING:  # which a flipped bit makes of it, and needs none
                    self.assertIn(answer.code, (400, 401, 420, 438), f"byte {at}")
                    refused += 1
        self.assertGreater(refused, len(whole) // 3)
        self.assert_no_session()
        # Nothing of it stands in the way of the real one.
        self.assertEqual(client.answer(whole).code, 0)

    # TURN-A02, TURN-A03
    async def test_wrong_or_missing_credentials_get_the_answer_of_the_rfc(self):
        self.start_turn()
        client = self.turn_client()
        client.challenge()
        name, realm, nonce = client.username.encode(), client.realm, client.nonce
        who = [(USERNAME, name), (REALM, realm), (NONCE, nonce)]
        for missing in who:
            left = [UDP, *(each for each in who if each is not missing)]
            answer = client.answer(message(ALLOCATE, REQUEST, left, key=client.key))
            self.assertEqual(answer.code, 400)
        wrong = client.answer(client.signed(ALLOCATE, [UDP], key=b"not the key....."))
        unknown = client.answer(client.signed(ALLOCATE, [UDP], username=b"nobody"))
        for answer in (wrong, unknown):
            self.assertEqual(answer.code, 401)
            self.assertEqual(answer.attributes[REALM], realm)
            self.assertIn(NONCE, answer.attributes)
            self.assertNotIn(INTEGRITY, answer.attributes)
        self.assertEqual(wrong.size, unknown.size)
        other_secret = self.turn_client(user=credentials("another secret of 16"))
        self.assertEqual(other_secret.allocate().code, 401)
        self.assert_no_session()

    # TURN-A12
    async def test_expired_credentials_open_nothing(self):
        self.start_turn()
        old = self.turn_client(user=credentials(TURN_SECRET, "alice", lifetime=-1))
        self.assertEqual(old.allocate().code, 401)
        self.assert_no_session()

    # TURN-A04
    async def test_a_captured_request_is_worth_nothing_to_anybody_else(self):
        self.start_turn()
        victim = self.turn_client()
        captured = self.signed_allocate(victim)
        for thief in (self.turn_client(), self.turn_client(source="127.0.0.9")):
            answer = thief.answer(captured)
            self.assertEqual(answer.code, 438)
            self.assertNotEqual(answer.attributes[NONCE], victim.nonce)
            self.assertEqual(answer.attributes[REALM], victim.realm)
        self.assert_no_session()
        invented = victim.answer(victim.signed(ALLOCATE, [UDP], nonce=b"obMatJos2gAAA" + b"x" * 20))
        self.assertEqual(invented.code, 438)
        self.assert_no_session()

    # TURN-A20, STN-13
    async def test_a_replayed_allocate_gets_its_answer_again_and_nothing_new(self):
        self.start_turn()
        client = self.turn_client()
        request = self.signed_allocate(client)
        answers = [client.answer(request) for _ in range(5)]
        self.assertEqual({answer.code for answer in answers}, {0})
        self.assertEqual(len({answer.address(RELAYED) for answer in answers}), 1)
        self.assertEqual(len(self.sessions()), 1)
        self.assertEqual(client.answer(self.signed_allocate(client)).code, 437)

    # TURN-A04, TURN-A08
    async def test_a_stale_nonce_is_told_and_the_new_one_works(self):
        self.start_turn(nonce_lifetime="1s")
        client = self.turn_client()
        self.assertEqual(client.allocate().code, 0)
        first, deadline = client.nonce, time.monotonic() + 10
        while (answer := client.answer(client.signed(REFRESH))).code == 0:
            self.assertLess(time.monotonic(), deadline, "the nonce never grows stale")
            await asyncio.sleep(0.05)
        self.assertEqual(answer.code, 438)
        self.assertNotEqual(answer.attributes[NONCE], first)
        client.nonce = answer.attributes[NONCE]
        self.assertEqual(client.refresh(600).code, 0)
        # Another user on the same five-tuple is told so, and the allocation stays.
        name, password = client.username, client.password
        client.username, client.password = credentials(TURN_SECRET, "mallory")
        client.challenge()
        self.assertEqual(client.refresh(0).code, 441)
        client.username, client.password = name, password
        client.challenge()
        self.assertEqual(client.refresh(600).code, 0)
        self.assertEqual(len(self.sessions()), 1)

    # TURN-A09, TURN-D01, TURN-C03
    async def test_nothing_is_relayed_for_whom_has_no_allocation(self):
        self.start_turn()
        client = self.turn_client()
        peer, address = self.echo_socket()
        self.assertEqual(client.refresh(600).code, 437)
        self.assertEqual(client.permit(LOOPBACK).code, 437)
        self.assertEqual(client.bind_channel(0x4000, address).code, 437)
        transaction = os.urandom(12)
        client.send(message(SEND, INDICATION, [
            (PEER, hidden_address(*address, transaction)), (PAYLOAD, b"hello")], transaction))
        client.send_on(0x4000, b"hello")
        self.assertEqual(self.heard_until_fence(client), [])
        peer.settimeout(0.2)
        with self.assertRaises(TimeoutError):
            peer.recv(100)
        self.assert_no_session()

    # TURN-P03, TURN-D07, TURN-C02
    async def test_peers_must_be_permitted_and_allowed(self):
        self.start_turn(allow_peers=[f"{LOOPBACK}/32"])
        client = self.turn_client()
        client.allocate()
        peer, _ = self.echo_socket()
        peer.sendto(b"uninvited", client.relayed)
        self.assertEqual(self.heard_until_fence(client), [])
        for host in ("127.0.0.2", "10.0.0.1", "169.254.169.254", "192.168.1.1", "0.0.0.0",
                     "224.0.0.1", "255.255.255.255"):
            self.assertEqual(client.permit(host).code, 403, host)
            self.assertEqual(client.bind_channel(0x4000, (host, 9)).code, 403, host)
        self.assertEqual(client.permit("::1").code, 443)
        self.assertEqual(client.permit(LOOPBACK).code, 0)
        peer.sendto(b"invited", client.relayed)
        self.assertEqual(Message(client.receive()).attributes[PAYLOAD], b"invited")

    # STN-01, STN-11, TURN-F01, TURN-A23
    async def test_streams_that_talk_nonsense_or_nothing_are_closed(self):
        self.start_turn(tls=True, connection_timeout="1s")
        for host, port in ((LOOPBACK, self.turn_port), (LOOPBACK, self.tls_port)):
            for said in (b"GET / HTTP/1.1\r\n\r\n", b"\x80" * 100, b""):
                with self.subTest(port=port, said=said):
                    with socket.create_connection((host, port), timeout=20) as stream:
                        stream.sendall(said)
                        self.assertNotIn(b"HTTP", self.all_of(stream))
        self.assert_no_session()

    @staticmethod
    def all_of(stream):
        """What comes until the other end closes."""
        heard = b""
        try:
            while data := stream.recv(4096):
                heard += data
        except ConnectionResetError:
            pass
        return heard

    # STN-04, STN-05
    async def test_what_must_be_understood_and_is_not_is_told(self):
        self.start_turn()
        client = self.turn_client()
        answer = client.answer(message(BINDING, REQUEST, [(0x7001, b"what")]))
        self.assertEqual(answer.code, 420)
        self.assertEqual(answer.attributes[0x0A][:2], b"\x70\x01")
        answer = client.answer(message(BINDING, REQUEST, [(0xC001, b"never mind")]))
        self.assertEqual(answer.kind, SUCCESS)
        self.assertEqual(answer.address(MAPPED), client.socket.getsockname())
        client.send(message(BINDING, INDICATION))
        self.assertEqual(self.heard_until_fence(client), [])
        answer = client.request(ALLOCATE, [UDP, (0x7001, b"what")])
        self.assertEqual(answer.code, 420)
        self.assert_no_session()


if __name__ == "__main__":
    unittest.main()
