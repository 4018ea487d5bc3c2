"""A Bellhop that is being shut down: new clients are sent elsewhere, those that there are go on."""

import signal
import time
import unittest

from turn_harness import HOSTS, TurnBellhop  # first: the others stand where it says
from admin_client import AdminClient
from servers import LOOPBACK
from turn_wire import ALTERNATE, BINDING, INTEGRITY, REQUEST, SUCCESS, message

OTHER_SERVERS = {LOOPBACK: ("192.0.2.77", 3478), "::1": ("2001:db8::77", 3479)}
DRAIN_SECONDS = 3
CHANNEL = 0x4000


class Draining(TurnBellhop, unittest.IsolatedAsyncioTestCase):
    def start_draining_turn(self, **turn):
        self.start_turn(sections={"runtime": {"drain_timeout": f"{DRAIN_SECONDS}s"}}, **turn)
        self.client = self.turn_client()
        self.assertEqual(self.client.allocate().code, 0)
        self.peer, address = self.echo_socket()
        self.assertEqual(self.client.bind_channel(CHANNEL, address).code, 0)

    def start_with_alternates(self):
        self.start_draining_turn(alternate_servers=[
            f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
            for host, port in OTHER_SERVERS.values()])

    def assert_goes_on(self):
        """The allocation carries, can be refreshed and gets permissions."""
        self.client.send_on(CHANNEL, b"still here")
        data, relayed = self.peer.recvfrom(100)
        self.assertEqual((data, relayed), (b"still here", self.client.relayed))
        self.peer.sendto(b"so am I", relayed)
        self.assertEqual(self.client.receive(), b"\x40\x00\x00\x07so am I")
        self.assertEqual(self.client.refresh(600).code, 0)
        self.assertEqual(self.client.permit("127.0.0.2").code, 0)

    def assert_sends_on(self, host):
        """STN-16: to the other server of the client's family, and the answer is signed."""
        answer = self.turn_client(host=host).allocate()
        self.assertEqual(answer.code, 300)
        self.assertEqual(answer.address(ALTERNATE, is_hidden=False), OTHER_SERVERS[host])
        self.assertIn(INTEGRITY, answer.attributes)

    # STN-16, TURN-F02
    async def test_new_clients_are_sent_on_and_allocations_have_their_time(self):
        self.start_with_alternates()
        began = time.monotonic()
        self.bellhop.signal(signal.SIGTERM)
        self.bellhop.wait_event("stopping")
        for host in HOSTS:
            self.assert_sends_on(host)
            bound = self.turn_client(host=host).answer(message(BINDING, REQUEST))
            self.assertEqual((bound.kind, bound.attributes.get(ALTERNATE)), (SUCCESS, None))
        self.assert_goes_on()
        while time.monotonic() - began < DRAIN_SECONDS - 1:
            self.assert_goes_on()
        self.assertEqual(self.bellhop.wait(20), 0)
        self.assertGreater(time.monotonic() - began, DRAIN_SECONDS - 0.5)
        self.bellhop.wait_event("session_ended", kind="turn", reason="shutdown")

    async def test_the_end_comes_with_that_of_the_last_allocation(self):
        self.start_with_alternates()
        self.bellhop.signal(signal.SIGTERM)
        began = time.monotonic()
        self.bellhop.wait_event("stopping")
        self.assertEqual(self.client.refresh(0).code, 0)
        self.assertEqual(self.bellhop.wait(20), 0)
        self.assertLess(time.monotonic() - began, DRAIN_SECONDS)
        self.bellhop.wait_event("session_ended", kind="turn", reason="completed")

    # STN-16
    async def test_without_another_server_new_clients_hear_that_there_is_no_room(self):
        self.start_draining_turn()
        self.bellhop.signal(signal.SIGTERM)
        self.bellhop.wait_event("stopping")
        answer = self.turn_client().allocate()
        self.assertEqual(answer.code, 508)
        self.assertNotIn(ALTERNATE, answer.attributes)
        self.assert_goes_on()

    # STN-16
    async def test_a_drain_of_the_api_can_be_taken_back(self):
        self.start_with_alternates()
        admin = AdminClient(self.bellhop.admin_socket)
        self.addAsyncCleanup(admin.close)
        drain = admin.watch("DrainNode")
        self.assertEqual((await drain.next()).session_count, 1)
        self.assert_sends_on(LOOPBACK)
        self.assert_goes_on()
        await admin.call("UndrainNode")
        drain.cancel()
        self.assertEqual(self.turn_client().allocate().code, 0)
        self.assert_goes_on()


if __name__ == "__main__":
    unittest.main()
