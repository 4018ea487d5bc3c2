"""TURN and XMPP together: credentials from servers and from Bellhop itself put to use, and what the
admin API sees and ends."""

import asyncio
import json
import re
import time

from turn_xmpp_harness import (CHANNEL, EXTDISCO, WITHIN, SlixmppSide,
                               Steered)  # first: it says where the others stand
from turn_harness import free_turn_port, needs_aioice
from admin_client import Http, v1
from harness import COMPONENT, STRANGER, attach_snippet, on_both_servers, on_servers
from servers import LOOPBACK, Ejabberd, Prosody
from test_turn_attach import LOCAL_ACCOUNTS, turn_snippet


def with_ports(snippet, turn_port, tls_port):
    """The lines of deploy/attach for the Bellhop of a test."""
    text = turn_snippet(snippet)
    for documented, value in (("192.0.2.1", LOOPBACK), ("turn.example.org", LOOPBACK),
                              ("3478", str(turn_port)), ("5349", str(tls_port))):
        if documented not in text:
            raise AssertionError(f"{snippet} no longer contains {documented}")
        text = text.replace(documented, value)
    return text


def prosody_with_secret(*ports):
    # One host, so that the lines for TURN stand right below it.
    lines = with_ports("prosody-turn.cfg.lua", *ports) + "\n" + attach_snippet("prosody.cfg.lua")
    return Prosody(accounts=LOCAL_ACCOUNTS, lines=lines)


def ejabberd_with_secret(*ports):
    server = Ejabberd(accounts=LOCAL_ACCOUNTS, modules=with_ports("ejabberd-turn.yml", *ports))
    listener = attach_snippet("ejabberd.yml")
    server.listen_lines = re.sub(r"port: 5347\b", f"port: {server.component_port}", listener)
    return server


SHARED = {"prosody": prosody_with_secret, "ejabberd": ejabberd_with_secret}
# Whom Bellhop counts: Prosody has one name for all, so they are counted by address.
COUNTED = {"prosody": r"turn-127\.0\.0\.1@localhost", "ejabberd": r"turn-[0-9a-f]+@localhost"}


@needs_aioice
@on_both_servers
class TurnFromServer(SlixmppSide):
    """Users ask their own server, which shares the secret with Bellhop."""

    @classmethod
    def setUpClass(cls):
        cls.ports = free_turn_port(), free_turn_port()
        cls.server = SHARED[cls.kind](*cls.ports)
        cls.addClassCleanup(cls.server.stop)
        cls.server.start()

    # EXD-09, TURN-A11, TURN-A22
    async def test_what_the_server_hands_out_opens_turn_over_udp_tcp_and_tls(self):
        self.start_turn(tls=True, ports=self.ports)
        client = await self.slixmpp_client()
        services = await self.services(client, self.server.host)
        for kind in (("turn", "udp"), ("turn", "tcp"), ("turns", "tcp")):
            with self.subTest(service=kind):
                self.assertEqual(services[kind]["host"], LOOPBACK)
                await self.assert_carries(services[kind])
        status, answer = Http(self.bellhop.http_port).call("SessionService/ListSessions")
        self.assertEqual((status, len(answer["sessions"])), (200, 3), answer)
        for session in answer["sessions"]:
            self.assertRegex(session["requester"], COUNTED[self.kind])


@on_servers("prosody")
class TurnFromBellhop(Steered):
    # EXD-01, EXD-02, EXD-06, EXD-07, EXD-08
    @needs_aioice
    async def test_bellhop_tells_its_services_in_both_versions_and_they_work(self):
        self.start_turn(tls=True)
        client = await self.slixmpp_client()
        expected = [("stun", "udp", self.turn_port), ("turn", "udp", self.turn_port),
                    ("turn", "tcp", self.turn_port), ("turns", "tcp", self.tls_port)]
        for namespace in EXTDISCO:
            services = await self.services(client, COMPONENT, namespace)
            self.assertEqual([(*kind, int(each["port"])) for kind, each in services.items()],
                             expected)
            self.assertNotIn("username", services[("stun", "udp")])
            only = await self.services(client, COMPONENT, namespace, "turn")
            self.assertEqual(list(only), [("turn", "udp"), ("turn", "tcp")])
            for service in list(services.values())[1:]:
                self.assertNotIn("alice", service["username"])
                await self.assert_carries(service)

    # EXD-04
    async def test_credentials_of_one_service_open_an_allocation(self):
        self.start_turn()
        client = await self.slixmpp_client()
        for namespace in EXTDISCO:
            answer = await self.ask(
                client, "get", COMPONENT,
                f"<credentials xmlns='{namespace}'><service type='turn' host='{LOOPBACK}' "
                f"port='{self.turn_port}'/></credentials>")
            service = answer[0]
            user = self.turn_client(user=(service.get("username"), service.get("password")))
            self.assertEqual(user.allocate().code, 0)
        for payload, condition in (("<service host='h'/>", "bad-request"),
                                   ("<service type='turn' host='other'/>", "item-not-found")):
            answer = await self.ask(client, "get", COMPONENT, "<credentials xmlns='"
                                    f"{EXTDISCO[0]}'>{payload}</credentials>")
            self.assertEqual(answer, condition)

    # EXD-03
    async def test_a_stranger_is_told_nothing(self):
        self.start_turn()
        eve = await self.slixmpp_client(STRANGER)
        for namespace in EXTDISCO:
            payload = f"<services xmlns='{namespace}'/>"
            self.assertEqual(await self.ask(eve, "get", COMPONENT, payload), "forbidden")

    # EXD-08, TURN-F03
    async def test_the_admin_api_shows_the_jid_behind_an_allocation(self):
        self.start_turn()
        self.connect_admin()
        _, user = await self.turn_user("alice")
        peer = self.with_echo(user)
        (session,) = await self.sessions()
        self.assertEqual((session.kind, session.requester, session.domain),
                         ("turn", "alice@localhost", "localhost"))
        self.assertEqual(session.second_endpoint, "%s:%d" % user.relayed)
        listed = json.loads(await self.ctl("session", "list"))
        self.assertIn("alice@localhost", json.dumps(listed))
        self.assertEqual(user.refresh(0).code, 0)
        ended = self.bellhop.wait_event("session_ended", requester="alice@localhost")
        self.assertEqual(ended["reason"], "completed")
        self.assertEqual(int(ended["bytes_from_second"]), len(b"to the client"))
        self.assertEqual(int(ended["bytes_from_first"]), len(b"to the peer"))
        self.assertEqual(await self.sessions(), [])
        peer.close()

    async def deny_by_grpc(self, subject):
        await self.admin.call("SetAccessRule", access_rule={
            "subject": subject, "action": v1.RULE_ACTION_DENY})

    async def deny_by_ctl(self, subject):
        await self.ctl("policy", "access", "set", subject, "deny")

    # EXD-08, EXD-03, TURN-F02
    async def test_a_denied_user_loses_his_allocations_within_a_second(self):
        for deny in (self.deny_by_grpc, self.deny_by_ctl):
            self.start_turn()
            self.connect_admin()
            client, alice = await self.turn_user("alice")
            _, bob = await self.turn_user("bob")
            self.with_echo(alice)
            bobs_peer = self.with_echo(bob)
            began = time.monotonic()
            await deny("jid:alice@localhost")
            await self.assert_ends(alice, "policy", began)
            self.assertEqual(alice.allocate().code, 403)
            self.assertEqual(await self.ask(client, "get", COMPONENT,
                                            f"<services xmlns='{EXTDISCO[0]}'/>"), "forbidden")
            self.assert_reaches(bob, bobs_peer)
            self.bellhop.stop()

    async def test_an_allocation_that_is_ended_by_the_api_ends_within_a_second(self):
        self.start_turn()
        self.connect_admin()
        _, user = await self.turn_user("alice")

        async def end_by_grpc(name):
            await self.admin.call("EndSession", name=name)

        async def end_by_ctl(name):
            await self.ctl("session", "end", name)

        for end in (end_by_grpc, end_by_ctl):
            peer = self.with_echo(user)
            (session,) = await self.sessions()
            began = time.monotonic()
            await end(session.name)
            await self.assert_ends(user, "ended", began)
            peer.sendto(b"late", user.relayed)
            self.assertIsNone(user.receive(0.2))
        self.assertEqual(user.allocate().code, 0)

    # TURN-A21
    async def test_each_user_has_his_own_share_of_allocations(self):
        self.start_turn(allocations_per_user_max=2)
        self.connect_admin()
        _, first = await self.turn_user("alice")
        user = first.username, first.password
        others = [self.turn_client(user=user) for _ in range(2)]
        self.assertEqual([each.allocate().code for each in (first, *others)], [0, 0, 486])
        _, bob = await self.turn_user("bob")
        self.assertEqual(bob.allocate().code, 0)
        self.assertEqual(first.refresh(0).code, 0)
        await self.eventually_allocates(others[1])
        # A quota of the API counts allocations as it does every session.
        await self.admin.call("SetQuota", quota=v1.Quota(subject="jid:bob@localhost",
                                                         session_count=1))
        again = self.turn_client(user=(bob.username, bob.password))
        self.assertEqual(again.allocate().code, 486)

    async def eventually_allocates(self, user):
        deadline = time.monotonic() + WITHIN
        while user.allocate().code:
            self.assertLess(time.monotonic(), deadline)
            await asyncio.sleep(0.02)
