"""The stream proxy as clients meet it: discovery, a real transfer, refusals, odd SOCKS5 clients."""

import asyncio
import io
import os
import socket

from harness import (COMPONENT, QUICK_RECONNECT, STRANGER, Attached, on_both_servers)
from real_client import RealClient, transfer
from servers import LOOPBACK, bytes_by_sender, free_port
from xmpp_client import (NS_BYTESTREAMS, NS_DISCO_INFO, Socks5, dst_addr)


def has_ipv6_loopback():
    with socket.socket(socket.AF_INET6) as probe:
        try:
            probe.bind(("::1", 0))
        except OSError:
            return False
    return True


@on_both_servers
class Proxy(Attached):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.second_port = free_port()
        cls.ipv6_port = free_port("::1") if has_ipv6_loopback() else None
        port = free_port()
        listen = [f"{LOOPBACK}:{port}", f"{LOOPBACK}:{cls.second_port}"]
        if cls.ipv6_port:
            listen.append(f"[::1]:{cls.ipv6_port}")
        cls.start_bellhop_for_class(
            port=port, config={"proxy": {"listen": listen}, "component_stream": QUICK_RECONNECT})

    # What a client finds.

    # S5B-01, DSC-01, DSC-02
    async def test_bellhop_is_the_only_proxy_the_server_lists(self):
        alice = await self.client("alice")
        proxies = []
        for item in await alice.disco_items(self.server.host):
            info = await alice.iq("get", item, f"<query xmlns='{NS_DISCO_INFO}'/>")
            identities = [(identity.get("category"), identity.get("type"))
                          for identity in info.find_all(NS_DISCO_INFO, "identity")]
            features = [feature.get("var")
                        for feature in info.find_all(NS_DISCO_INFO, "feature")]
            if ("proxy", "bytestreams") in identities:
                proxies.append(item)
                self.assertIn(NS_BYTESTREAMS, features)
                self.assertEqual(len(features), len(set(features)), "a feature is listed twice")
        self.assertEqual(proxies, [COMPONENT])

    # S5B-02, S5B-04
    async def test_the_address_query_is_answered_with_one_streamhost(self):
        alice = await self.client("alice")
        for to in (COMPONENT, f"{COMPONENT}/resource"):
            for query in (f"<query xmlns='{NS_BYTESTREAMS}'/>",
                          f"<query xmlns='{NS_BYTESTREAMS}' sid='mine'/>"):
                answer = await alice.iq("get", to, query)
                hosts = [(host.get("jid"), host.get("host"), host.get("port"))
                         for host in answer.find_all(NS_BYTESTREAMS, "streamhost")]
                self.assertEqual(len(hosts), 1, answer)
                self.assertEqual(hosts[0][1:], (LOOPBACK, str(self.bellhop.port)))
                self.assertEqual(hosts[0][0].partition("/")[0], COMPONENT)

    # A client may keep a failed proxy out for good, so the first one must find open ports.
    async def test_the_listeners_are_bound_before_the_component_attaches(self):
        names = [event["event"] for event in self.bellhop.events()
                 if event["event"] in ("listener_bound", "component_attached")]
        listeners = 3 if self.ipv6_port else 2
        self.assertEqual(names[:listeners + 1],
                         ["listener_bound"] * listeners + ["component_attached"])

    # STZ-01, STZ-03, BAS-01, BAS-02, BAS-03
    async def test_every_request_gets_one_answer(self):
        alice = await self.client("alice")
        ids = [alice.ask("get", COMPONENT, payload) for payload in (
            "<ping xmlns='urn:xmpp:ping'/>", "<query xmlns='jabber:iq:version'/>",
            "<query xmlns='jabber:iq:last'/>", "<query xmlns='urn:example:unknown'/>")]
        ping, version, last, unknown = [await alice.answer(iq_id) for iq_id in ids]
        self.assertEqual(ping.kind, "result", ping)
        self.assertTrue(version.find_all("jabber:iq:version", "version")[0].text, version)
        self.assertGreaterEqual(int(last.find_all("jabber:iq:last", "query")[0].get("seconds")), 0)
        self.assertEqual((unknown.condition, unknown.error_type),
                         ("service-unavailable", "cancel"))

    # S5B-07, S5B-24, S5B-31
    async def test_a_real_client_sends_a_file_to_another(self):
        size = (16 << 20) + 4095
        alice, bob = RealClient(self.server, "alice"), RealClient(self.server, "bob")
        await alice.log_in()
        await bob.log_in()
        try:
            result = await transfer(alice, bob, io.BytesIO(os.urandom(size)), size)
        finally:
            await alice.log_out()
            await bob.log_out()
        self.assertEqual(list(result.proxies), [COMPONENT])
        self.assertEqual(result.peer, (LOOPBACK, self.bellhop.port))
        self.assertEqual(result.received_hash, result.sent_hash)
        session = self.bellhop.wait_event("session_ended", requester=result.requester)
        self.assertEqual(session["target"], result.target)
        self.assertEqual(bytes_by_sender(session, result.sender_address), (size, 0))
        self.assertEqual(session["bytes_dropped"], "0")

    # Who is refused, and how.

    # S5B-05
    async def test_a_stranger_is_not_told_the_address(self):
        eve = await self.client(STRANGER)
        answer = await eve.ask_address(COMPONENT)
        self.assertEqual((answer.condition, answer.error_type), ("forbidden", "auth"))

    # S5B-14
    async def test_a_stranger_cannot_activate_and_loses_both_connections(self):
        eve = await self.client(STRANGER)
        bob = await self.client("bob")
        hash40 = dst_addr("sid", eve.jid, bob.jid)
        first, second = await self.socks(hash40), await self.socks(hash40)
        answer = await eve.activate(COMPONENT, "sid", bob.jid)
        self.assertEqual((answer.condition, answer.error_type), ("forbidden", "auth"))
        self.assertTrue(await first.ends())
        self.assertTrue(await second.ends())

    # S5B-09
    async def test_an_activation_without_connections_finds_nothing(self):
        alice = await self.client("alice")
        answer = await alice.activate(COMPONENT, self.new_sid(), "bob@localhost/raw")
        self.assertEqual((answer.condition, answer.error_type), ("item-not-found", "cancel"))

    # S5B-08
    async def test_an_activation_with_one_side_only_is_not_allowed(self):
        alice, bob = await self.alice_and_bob()
        sid = self.new_sid()
        await self.socks(dst_addr(sid, alice.jid, bob.jid))
        answer = await alice.activate(COMPONENT, sid, bob.jid)
        self.assertEqual((answer.condition, answer.error_type), ("not-allowed", "cancel"))

    # S5B-09: the hash holds the requester, so nobody else can activate a stream.
    async def test_only_the_requester_can_activate(self):
        alice, bob = await self.alice_and_bob()
        sid = self.new_sid()
        hash40 = dst_addr(sid, alice.jid, bob.jid)
        target_end, requester_end = await self.socks(hash40), await self.socks(hash40)
        answer = await bob.activate(COMPONENT, sid, bob.jid)
        self.assertEqual(answer.condition, "item-not-found")
        self.assertEqual((await alice.activate(COMPONENT, sid, bob.jid)).kind, "result")
        await self.assert_carries(requester_end, target_end, 1000)

    # S5B-11
    async def test_malformed_activations_are_bad_requests(self):
        alice = await self.client("alice")
        head = f"<query xmlns='{NS_BYTESTREAMS}'"
        for payload, condition in (
                (f"{head}><activate>bob@localhost/raw</activate></query>", "bad-request"),
                (f"{head} sid=''><activate>bob@localhost/raw</activate></query>", "bad-request"),
                (f"{head} sid='s'/>", "bad-request"),
                (f"{head} sid='s'><activate>bob@</activate></query>", "jid-malformed")):
            with self.subTest(payload=payload):
                answer = await alice.iq("set", COMPONENT, payload)
                self.assertEqual((answer.condition, answer.error_type), (condition, "modify"))

    # S5B-13
    async def test_a_second_activation_is_a_conflict_and_the_stream_goes_on(self):
        alice, bob = await self.alice_and_bob()
        sid = self.new_sid()
        hash40 = dst_addr(sid, alice.jid, bob.jid)
        target_end, requester_end = await self.socks(hash40), await self.socks(hash40)
        self.assertEqual((await alice.activate(COMPONENT, sid, bob.jid)).kind, "result")
        again = await alice.activate(COMPONENT, sid, bob.jid)
        self.assertEqual((again.condition, again.error_type), ("conflict", "cancel"))
        await self.assert_carries(requester_end, target_end, 1000)

    # How bytes travel.

    # S5B-07: at the JID clients found or at the streamhost's, with or without a resource.
    async def test_activation_works_at_the_component_with_a_resource(self):
        alice, bob = await self.alice_and_bob()
        sid = self.new_sid()
        hash40 = dst_addr(sid, alice.jid, bob.jid)
        target_end, requester_end = await self.socks(hash40), await self.socks(hash40)
        answer = await alice.activate(f"{COMPONENT}/resource", sid, bob.jid)
        self.assertEqual(answer.kind, "result", answer)
        await self.assert_carries(requester_end, target_end)

    # S5B-18
    async def test_the_target_is_prepared_before_it_is_hashed(self):
        alice, bob = await self.alice_and_bob()
        sid = self.new_sid()
        hash40 = dst_addr(sid, alice.jid, bob.jid)
        target_end, requester_end = await self.socks(hash40), await self.socks(hash40)
        answer = await alice.activate(COMPONENT, sid, "BOB@LocalHost/raw")
        self.assertEqual(answer.kind, "result", answer)
        await self.assert_carries(requester_end, target_end, 1000)

    # S5B-31
    async def test_the_last_bytes_arrive_while_the_sender_holds_the_connection_open(self):
        alice, bob = await self.alice_and_bob()
        requester_end, target_end = await self.open_stream(alice, bob)
        for size in (1, 4095, 4096, 65536, (1 << 20) + 1):
            with self.subTest(size=size):
                await self.assert_carries(requester_end, target_end, size)

    # S5B-33
    async def test_a_half_closed_stream_carries_the_other_direction(self):
        alice, bob = await self.alice_and_bob()
        requester_end, target_end = await self.open_stream(alice, bob)
        question, answer = os.urandom(100_000), os.urandom(300_000)
        await requester_end.send(question)
        requester_end.finish_sending()
        self.assertEqual(await target_end.receive_all(), question)
        _, received = await asyncio.gather(target_end.send(answer),
                                           requester_end.receive_exactly(len(answer)))
        self.assertEqual(received, answer)
        target_end.finish_sending()
        self.assertEqual(await requester_end.receive_all(), b"")

    # S5B-30
    async def test_early_bytes_wait_for_the_activation(self):
        alice, bob = await self.alice_and_bob()
        sid = self.new_sid()
        hash40 = dst_addr(sid, alice.jid, bob.jid)
        target_end, requester_end = await self.socks(hash40), await self.socks(hash40)
        await requester_end.send(b"early")
        # A round trip through the server gives a proxy that is too eager the time to show it.
        await alice.iq("get", COMPONENT, "<ping xmlns='urn:xmpp:ping'/>")
        with self.assertRaises(BlockingIOError):
            target_end.socket.recv(1)
        await alice.activate(COMPONENT, sid, bob.jid)
        self.assertEqual(await target_end.receive_exactly(5), b"early")

    # S5B-36
    async def test_one_requester_has_several_streams_at_once(self):
        alice, bob = await self.alice_and_bob()
        streams = [await self.open_stream(alice, bob) for _ in range(8)]
        await asyncio.gather(*(self.assert_carries(*stream) for stream in streams))

    # S5B-32: no stand on who comes first; and listeners share one table of waiting connections.
    async def test_the_two_sides_may_come_through_different_ports(self):
        alice, bob = await self.alice_and_bob()
        sid = self.new_sid()
        hash40 = dst_addr(sid, alice.jid, bob.jid)
        requester_end = await self.socks(hash40, port=self.second_port)
        target_end = await self.socks(hash40)
        self.assertEqual((await alice.activate(COMPONENT, sid, bob.jid)).kind, "result")
        await self.assert_carries(requester_end, target_end)

    async def test_one_side_may_come_over_ipv6(self):
        if not self.ipv6_port:
            self.skipTest("this machine has no ::1")
        alice, bob = await self.alice_and_bob()
        sid = self.new_sid()
        hash40 = dst_addr(sid, alice.jid, bob.jid)
        target_end = await self.socks(hash40, port=self.ipv6_port, host="::1")
        requester_end = await self.socks(hash40)
        self.assertEqual((await alice.activate(COMPONENT, sid, bob.jid)).kind, "result")
        await self.assert_carries(requester_end, target_end)

    # Odd clients.

    # S5B-22, S5B-23
    async def test_socks5_byte_by_byte_works(self):
        alice, bob = await self.alice_and_bob()
        sid = self.new_sid()
        hash40 = dst_addr(sid, alice.jid, bob.jid)
        slow = Socks5(self.bellhop.port)
        self.addCleanup(slow.close)
        await slow.connect()
        await slow.send_bytewise(b"\x05\x02\x02\x00")
        self.assertEqual(await slow.receive_exactly(2), b"\x05\x00")
        await slow.send_bytewise(Socks5.request_bytes(hash40))
        self.assertEqual(await slow.receive_exactly(47), Socks5.success_reply(hash40))
        other = await self.socks(hash40)
        self.assertEqual((await alice.activate(COMPONENT, sid, bob.jid)).kind, "result")
        await self.assert_carries(other, slow, 1000)

    # S5B-22
    async def test_greeting_request_and_payload_in_one_segment_work(self):
        alice, bob = await self.alice_and_bob()
        sid = self.new_sid()
        hash40 = dst_addr(sid, alice.jid, bob.jid)
        target_end = await self.socks(hash40)
        hasty = Socks5(self.bellhop.port)
        self.addCleanup(hasty.close)
        await hasty.connect()
        await hasty.send(b"\x05\x01\x00" + Socks5.request_bytes(hash40) + b"payload")
        self.assertEqual(await hasty.receive_exactly(49),
                         b"\x05\x00" + Socks5.success_reply(hash40))
        self.assertEqual((await alice.activate(COMPONENT, sid, bob.jid)).kind, "result")
        self.assertEqual(await target_end.receive_exactly(7), b"payload")

    # S5B-25: compared without case, echoed as sent.
    async def test_hex_is_compared_without_case(self):
        alice, bob = await self.alice_and_bob()
        sid = self.new_sid()
        hash40 = dst_addr(sid, alice.jid, bob.jid)
        target_end = await self.socks(hash40.upper())
        requester_end = await self.socks(hash40)
        self.assertEqual((await alice.activate(COMPONENT, sid, bob.jid)).kind, "result")
        await self.assert_carries(requester_end, target_end, 1000)

    # S5B-29
    async def test_a_third_connection_is_refused_and_disturbs_nobody(self):
        alice, bob = await self.alice_and_bob()
        sid = self.new_sid()
        hash40 = dst_addr(sid, alice.jid, bob.jid)
        target_end, requester_end = await self.socks(hash40), await self.socks(hash40)
        for is_active in (False, True):
            if is_active:
                self.assertEqual((await alice.activate(COMPONENT, sid, bob.jid)).kind, "result")
            with Socks5(self.bellhop.port) as third:
                await third.connect()
                await third.send(b"\x05\x01\x00")
                await third.receive_exactly(2)
                reply = await third.request(hash40)
                self.assertEqual(reply[:2], b"\x05\x02")
                self.assertTrue(await third.ends())
        await self.assert_carries(requester_end, target_end, 1000)

    # An activation may overtake the second CONNECT on its way; it waits for it for a second.
    async def test_an_activation_waits_for_a_connect_that_is_on_its_way(self):
        alice, bob = await self.alice_and_bob()
        sid = self.new_sid()
        hash40 = dst_addr(sid, alice.jid, bob.jid)
        target_end = await self.socks(hash40)
        activation = alice.ask_activation(COMPONENT, sid, bob.jid)
        # Bellhop answers in order of arrival unless it waits: after this it has the activation.
        await alice.iq("get", COMPONENT, "<ping xmlns='urn:xmpp:ping'/>")
        requester_end = await self.socks(hash40)
        answer = await alice.answer(activation)
        self.assertEqual(answer.kind, "result", answer)
        await self.assert_carries(requester_end, target_end, 1000)

    async def test_300_activations_right_after_the_reply_never_fail(self):
        alice, bob = await self.alice_and_bob()
        for _ in range(300):
            ends = await self.open_stream(alice, bob)
            await ends[0].send(b"x")
            self.assertEqual(await ends[1].receive(), b"x")
            for end in ends:
                end.close()
