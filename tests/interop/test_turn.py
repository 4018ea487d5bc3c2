"""TURN as independent clients use it: those of coturn over UDP, TCP and TLS, aioice, and STUN
clients old and new."""

import asyncio
import ssl
import unittest

from turn_harness import (HOSTS, TURN_SECRET, Collected, TurnBellhop, aioice, aioice_turn,
                          needs_aioice)  # first: the others stand where it says
from servers import LOOPBACK
from turn_programs import EchoPeer, is_installed, run, uclient
from turn_wire import credentials

RUN_BYTES = 50 * 170  # of each client of a run of uclient
ENOUGH = 200  # datagrams


def needs(*programs):
    return unittest.skipUnless(is_installed(*programs), f"{', '.join(programs)}: not installed")


needs_ipv6 = unittest.skipUnless(len(HOSTS) == 2, "this machine has no ::1")


@needs("turnutils_uclient", "turnutils_peer")
class Uclient(TurnBellhop, unittest.IsolatedAsyncioTestCase):
    """Each client without -c has a second allocation for RTCP: it asks for an even port and takes
    the next one by its token. All runs of a test go on at once."""

    def start_peer(self, *hosts):
        peer = EchoPeer(*hosts)
        self.addCleanup(peer.stop)
        return peer.start()

    async def runs(self, port, *runs, host=LOOPBACK):
        """The figures of a run for each list of flags."""
        async def one(number, flags):
            return await uclient(host, port, *flags, user=f"user{number}", secret=TURN_SECRET,
                                 cwd=self.bellhop.folder)
        return await asyncio.gather(*(one(number, flags) for number, flags in enumerate(runs)))

    def assert_nothing_lost(self, figures):
        for each in figures:
            self.assertEqual(each.status, 0, each)
            self.assertGreaterEqual(each.sent, 100, each)
            self.assertEqual((each.lost, each.received), (0, each.sent), each)

    def assert_all_carried(self, figures):
        """Over TLS uclient takes a record for a message, so when Bellhop puts several messages that
        come together into one record, it counts the first. What went through is in the log."""
        for each in figures:
            self.assertEqual(each.status, 0, each)
            self.assertGreaterEqual(each.sent, 100, each)
            self.assertGreater(each.received, each.sent // 2, each)
        carried = [(int(ended["bytes_from_first"]), int(ended["bytes_from_second"]))
                   for ended in self.bellhop.events("session_ended", bytes_dropped=0)]
        moved = [both for both in carried if any(both)]  # some of the allocations stay idle
        self.assertEqual(set(moved), {(RUN_BYTES, RUN_BYTES)})
        self.assertGreaterEqual(len(moved), 2 * len(figures))
        self.assertEqual(len(carried), len(self.bellhop.events("session_ended")))

    def assert_all_ended(self):
        """TURN-R01: they refresh to 0 at the end, and nothing stays."""
        begun = self.bellhop.wait_event("session_ended", kind="turn")
        self.assertTrue(begun["requester"].startswith("turn-user"), begun)
        self.assertNotIn("reason=failed", self.bellhop.log_text())

    # STN-02, TURN-A11, TURN-A15, TURN-A19, TURN-P01, TURN-C01, TURN-D01, TURN-D02, TURN-D04,
    # TURN-D10, TURN-R01
    async def test_uclient_over_udp_loses_nothing(self):
        self.start_turn()
        peer = ["-e", LOOPBACK, "-r", self.start_peer().port]
        self.assert_nothing_lost(await self.runs(
            self.turn_port, peer, [*peer, "-s"], [*peer, "-g"], [*peer, "-s", "-g"],
            [*peer, "-c"]))
        self.assert_all_ended()

    # TURN-A19, TURN-D09, TURN-C05
    async def test_uclient_reaches_other_clients_of_this_relay(self):
        self.start_turn()
        self.assert_nothing_lost(await self.runs(
            self.turn_port, ["-y"], ["-y", "-s"], ["-y", "-t"]))
        self.assert_all_ended()

    # TURN-A22, STN-11, TURN-C04
    async def test_uclient_over_tcp_loses_nothing(self):
        self.start_turn()
        peer = ["-e", LOOPBACK, "-r", self.start_peer().port]
        self.assert_nothing_lost(await self.runs(
            self.turn_port, ["-t", *peer], ["-t", "-s", *peer], ["-t", "-g", *peer]))
        self.assert_all_ended()

    # TURN-A22, STN-03, STN-18
    async def test_uclient_over_tls_loses_nothing(self):
        self.start_turn(tls=True)
        peer = ["-e", LOOPBACK, "-r", self.start_peer().port]
        trusted = ["-t", "-S", "-E", self.certificate.authority]
        figures = await self.runs(self.tls_port, [*trusted, *peer], [*trusted, "-s", *peer],
                                  [*trusted, "-y"])
        self.assert_all_ended()
        self.assert_all_carried(figures)

    # TURN-A16
    @needs_ipv6
    async def test_uclient_relays_ipv6_from_clients_of_either_family(self):
        self.start_turn()
        peer = ["-x", "-e", "::1", "-r", self.start_peer("::1").port]
        figures = await asyncio.gather(
            self.runs(self.turn_port, peer, [*peer, "-s"], host="::1"),
            self.runs(self.turn_port, ["-x", "-y"], ["-x", "-y", "-t"], host="::1"),
            self.runs(self.turn_port, peer))
        self.assert_nothing_lost([each for group in figures for each in group])
        self.assert_all_ended()

    # TURN-A03
    async def test_uclient_with_another_secret_gets_no_allocation(self):
        self.start_turn()
        figures = await uclient(LOOPBACK, self.turn_port, "-y", user="mallory", seconds=5,
                                secret="not-the-secret-of-the-tests")
        self.assertNotEqual(figures.status, 0, figures)
        self.assertIn("Cannot complete Allocation", figures.text)
        self.assertEqual(self.bellhop.events("session_ended"), [])


class StunClients(TurnBellhop, unittest.IsolatedAsyncioTestCase):
    # STN-02
    @needs("turnutils_stunclient")
    async def test_turnutils_stunclient_learns_its_address(self):
        self.start_turn()
        for host in HOSTS:
            status, text = await run("turnutils_stunclient", "-p", self.turn_port, host)
            self.assertEqual(status, 0, text)
            self.assertRegex(text, rf"reflexive addr: \[?{host}\]?:\d+")

    # STN-15: an answer without a cookie would be one to anybody's address.
    @needs("stun")
    async def test_a_client_of_rfc_3489_is_not_answered(self):
        self.start_turn()
        _, text = await run("stun", f"{LOOPBACK}:{self.turn_port}", seconds=20)
        self.assertIn("Blocked or could not reach STUN server", text)
        self.assertEqual(self.turn_client().challenge().code, 401)


@needs_aioice
class Aioice(TurnBellhop, unittest.IsolatedAsyncioTestCase):
    async def endpoint(self, transport, trusted=False):
        """An allocation of its own; over TLS if there is something to trust in."""
        username, password = credentials(TURN_SECRET, "alice")
        server = LOOPBACK, self.tls_port if trusted else self.turn_port
        turn, protocol = await aioice_turn.create_turn_endpoint(
            Collected, server, username, password, transport=transport, ssl=trusted)
        self.addAsyncCleanup(self.delete, turn, protocol)
        return turn, protocol

    async def delete(self, turn, protocol):
        turn.close()
        while await asyncio.wait_for(protocol.received.get(), 20) is not None:
            pass

    async def assert_relays(self, transport, is_tls=False):
        self.start_turn(tls=is_tls)
        trusted = is_tls and ssl.create_default_context(cafile=self.certificate.authority)
        if trusted:
            trusted.check_hostname = False  # it is reached by its address
        near, near_protocol = await self.endpoint(transport, trusted)
        far, far_protocol = await self.endpoint(transport, trusted)
        # Both have to have bound a channel before either can hear.
        for turn, other in ((near, far), (far, near)):
            turn.sendto(b"", other.get_extra_info("sockname"))
        protocol_of_turn = near._TurnTransport__inner_protocol
        await self.eventually(lambda: protocol_of_turn.channel_to_peer)
        await self.eventually(lambda: far._TurnTransport__inner_protocol.channel_to_peer)
        for turn, to, protocol in ((near, far, far_protocol), (far, near, near_protocol)):
            address = to.get_extra_info("sockname")
            for number in range(ENOUGH):
                turn.sendto(b"%d" % number, address)
            found = []
            while len(found) < ENOUGH:
                if data := await asyncio.wait_for(protocol.received.get(), 20):
                    found.append(int(data))
            self.assertEqual(found, list(range(ENOUGH)))

    async def eventually(self, condition):
        deadline = asyncio.get_running_loop().time() + 20
        while not condition():
            self.assertLess(asyncio.get_running_loop().time(), deadline, "not in time")
            await asyncio.sleep(0.02)

    # TURN-C01, TURN-C05, TURN-D09
    async def test_endpoints_of_aioice_reach_each_other_over_udp(self):
        await self.assert_relays("udp")

    # TURN-A22, TURN-C04
    async def test_endpoints_of_aioice_reach_each_other_over_tcp(self):
        await self.assert_relays("tcp")

    # TURN-A22, STN-03
    async def test_endpoints_of_aioice_reach_each_other_over_tls(self):
        await self.assert_relays("tcp", is_tls=True)

    def connection(self, is_controlling, transport):
        username, password = credentials(TURN_SECRET, "alice" if is_controlling else "bob")
        connection = aioice.Connection(
            ice_controlling=is_controlling, turn_server=(LOOPBACK, self.turn_port),
            turn_username=username, turn_password=password, turn_transport=transport,
            transport_policy=aioice.TransportPolicy.RELAY)
        self.addAsyncCleanup(connection.close)
        return connection

    # TURN-D09, TURN-F03
    async def test_ice_connects_through_the_relay_alone(self):
        self.start_turn()
        near, far = self.connection(True, "udp"), self.connection(False, "tcp")
        await asyncio.gather(near.gather_candidates(), far.gather_candidates())
        for one, other in ((near, far), (far, near)):
            self.assertEqual([each.type for each in other.local_candidates], ["relay"])
            one.remote_username = other.local_username
            one.remote_password = other.local_password
            for candidate in other.local_candidates:
                await one.add_remote_candidate(candidate)
            await one.add_remote_candidate(None)
        await asyncio.wait_for(asyncio.gather(near.connect(), far.connect()), 30)
        for one, other in ((near, far), (far, near)):
            for number in range(ENOUGH):
                await one.send(b"%d" % number)
            received = [await asyncio.wait_for(other.recv(), 20) for _ in range(ENOUGH)]
            self.assertEqual(received, [b"%d" % number for number in range(ENOUGH)])
        await asyncio.gather(near.close(), far.close())
        for user in ("alice", "bob"):
            ended = self.bellhop.wait_event("session_ended", requester=f"turn-{user}@localhost")
            self.assertGreater(int(ended["bytes_from_first"]), ENOUGH)


if __name__ == "__main__":
    unittest.main()
