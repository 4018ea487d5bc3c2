"""Relay channels (XEP-0278) through Prosody, asked for by slixmpp."""

import asyncio
import contextlib
import time

from turn_xmpp_harness import EXTDISCO, WITHIN, Steered  # first: it says where the others stand
from harness import COMPONENT, STRANGER, on_servers
from servers import LOOPBACK

NODES = "http://jabber.org/protocol/jinglenodes"


@on_servers("prosody")
class RelayNodes(Steered):
    async def channel(self, client):
        """The attributes of a channel that a client asks for."""
        answer = await self.ask(client, "get", COMPONENT,
                                f"<channel xmlns='{NODES}#channel' protocol='udp'/>")
        self.assertNotIsInstance(answer, str, f"refused: {answer}")
        self.assertEqual(answer.tag, f"{{{NODES}#channel}}channel")
        return dict(answer.attrib)

    def udp(self, source=LOOPBACK):
        return self.echo_socket(source)[0]

    def assert_hears_nothing(self, *sockets):
        for each in sockets:
            each.settimeout(0.2)
            with self.assertRaises(TimeoutError):
                each.recvfrom(2000)
            each.settimeout(10)

    def open_channel(self, offer, part):
        """The sockets of both parties once each has heard the other, and the ports they use."""
        here, there = int(offer["localport"]) + part, int(offer["remoteport"]) + part
        requester, other = self.udp(), self.udp()
        requester.sendto(b"early", (LOOPBACK, here))  # lost: nobody is known there yet
        other.sendto(b"hello", (LOOPBACK, there))
        self.assertEqual(requester.recvfrom(2000), (b"hello", (LOOPBACK, here)))
        requester.sendto(b"hello too", (LOOPBACK, here))
        self.assertEqual(other.recvfrom(2000), (b"hello too", (LOOPBACK, there)))
        return requester, other, here, there

    # JRN-01, JRN-02
    async def test_features_and_services_are_found_through_the_server(self):
        self.start_turn()
        client = await self.slixmpp_client()
        info = await client["xep_0030"].get_info(jid=COMPONENT, cached=False)
        features = set(info["disco_info"]["features"])
        self.assertLessEqual({NODES, f"{NODES}#channel", *EXTDISCO}, features)
        answer = await self.ask(client, "get", COMPONENT, f"<services xmlns='{NODES}'/>")
        found = {each.tag.rpartition("}")[2]: each.get("address") for each in answer}
        self.assertEqual(found["relay"], COMPONENT)
        self.assertTrue(all(each.get("policy") == "public" for each in answer))

    # JRN-08
    async def test_a_stranger_gets_neither_channel_nor_credentials(self):
        self.start_turn()
        eve = await self.slixmpp_client(STRANGER)
        for payload in (f"<channel xmlns='{NODES}#channel' protocol='udp'/>",
                        f"<turn xmlns='{NODES}#turncredentials' protocol='udp'/>"):
            self.assertEqual(await self.ask(eve, "get", COMPONENT, payload), "forbidden")

    # JRN-07
    async def test_relay_nodes_hand_out_credentials_for_turn(self):
        self.start_turn()
        client = await self.slixmpp_client()
        turn = await self.ask(client, "get", COMPONENT,
                              f"<turn xmlns='{NODES}#turncredentials' protocol='udp'/>")
        self.assertEqual(turn.get("uri"), f"turn:{LOOPBACK}:{self.turn_port}?transport=udp")
        user = self.turn_client(user=(turn.get("username"), turn.get("password")))
        self.assertEqual(user.allocate().code, 0)

    # JRN-03, JRN-04, JRN-09
    async def test_both_sides_of_a_channel_exchange_datagrams(self):
        self.start_turn()
        self.connect_admin()
        client = await self.slixmpp_client()
        offer = await self.channel(client)
        self.assertEqual((offer["host"], offer["protocol"], offer["expire"]),
                         (LOOPBACK, "udp", "60"))
        for part in (0, 1):  # RTP, and RTCP one port above
            requester, other, here, there = self.open_channel(offer, part)
            for number in range(100):
                requester.sendto(b"%d" % number, (LOOPBACK, here))
                self.assertEqual(other.recvfrom(2000), (b"%d" % number, (LOOPBACK, there)))
                other.sendto(b"-%d" % number, (LOOPBACK, there))
                self.assertEqual(requester.recvfrom(2000), (b"-%d" % number, (LOOPBACK, here)))
        (session,) = await self.sessions()
        self.assertEqual((session.kind, session.requester),
                         ("relay-channel", str(client.boundjid)))
        self.assertGreater(session.first_to_second_bytes, 200)

    # JRN-09
    async def test_an_injector_gets_nothing_and_puts_nothing_into_a_channel(self):
        self.start_turn()
        offer = await self.channel(await self.slixmpp_client())
        requester, other, here, there = self.open_channel(offer, 0)
        near, far = self.udp(), self.udp("127.0.0.9")
        for injector in (near, far):
            for port in (here, there):
                for _ in range(20):
                    injector.sendto(b"injected", (LOOPBACK, port))
        self.assert_hears_nothing(requester, other, near, far)
        for number in range(100):
            for injector in (near, far):
                injector.sendto(b"injected", (LOOPBACK, here))
                injector.sendto(b"injected", (LOOPBACK, there))
            requester.sendto(b"%d" % number, (LOOPBACK, here))
            self.assertEqual(other.recvfrom(2000), (b"%d" % number, (LOOPBACK, there)))
            other.sendto(b"%d" % number, (LOOPBACK, there))
            self.assertEqual(requester.recvfrom(2000), (b"%d" % number, (LOOPBACK, here)))
        self.assert_hears_nothing(requester, other, near, far)

    # JRN-05
    async def test_a_silent_channel_expires_and_a_foreign_packet_keeps_none_alive(self):
        self.start_turn(channel_timeout="1s")
        offer = await self.channel(await self.slixmpp_client())
        self.assertEqual(offer["expire"], "1")
        _, other, here, _ = self.open_channel(offer, 0)
        began = time.monotonic()
        injector = self.udp()
        while not self.bellhop.events("session_ended"):
            injector.sendto(b"injected", (LOOPBACK, here))
            self.assertLess(time.monotonic() - began, 4, "the channel does not expire")
            await asyncio.sleep(0.05)
        self.assertEqual(self.bellhop.events("session_ended")[0]["reason"], "idle")
        self.assertGreater(time.monotonic() - began, 0.7)
        self.assert_hears_nothing(other)

    # JRN-06, JRN-08
    async def test_channels_of_a_user_are_limited_and_ended_by_an_operator(self):
        self.start_turn(relay_channels_per_user_max=2)
        self.connect_admin()
        client = await self.slixmpp_client()
        request = f"<channel xmlns='{NODES}#channel' protocol='udp'/>"
        offers = [await self.channel(client) for _ in range(2)]
        self.assertEqual(await self.ask(client, "get", COMPONENT, request), "resource-constraint")
        tcp = request.replace("udp", "tcp")
        self.assertEqual(await self.ask(client, "get", COMPONENT, tcp), "feature-not-implemented")
        requester, other, here, there = self.open_channel(offers[0], 0)
        began = time.monotonic()
        await self.ctl("policy", "access", "set", "alice@localhost", "deny")
        await self.eventually("the end of both", lambda: len(
            self.bellhop.events("session_ended", reason="policy")) == 2, WITHIN)
        self.assertLess(time.monotonic() - began, WITHIN)
        with contextlib.suppress(ConnectionRefusedError):
            requester.sendto(b"late", (LOOPBACK, here))
        self.assert_hears_nothing(other)
        self.assertEqual(await self.ask(client, "get", COMPONENT, request), "forbidden")
