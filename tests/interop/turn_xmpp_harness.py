"""What tests of TURN and XMPP together share: slixmpp users, and an operator with the admin API and
bellhopctl."""

import asyncio
import pathlib
import ssl
import time
import xml.etree.ElementTree as ElementTree

from turn_harness import Collected, TurnAttached, aioice_turn  # first: it says where others stand
from admin_client import AdminClient
from harness import ACCOUNTS, COMPONENT, HOSTS, attach_snippet, binary
from real_client import RealClient
from servers import LOOPBACK, Prosody

EXTDISCO = ("urn:xmpp:extdisco:2", "urn:xmpp:extdisco:1")
WITHIN = 1.0  # seconds until what an operator ends has ended
REQUEST_TIMEOUT = 20  # seconds
CHANNEL = 0x4001
DATAGRAMS = 50


class SlixmppSide(TurnAttached):
    """Tests whose users are slixmpp clients. Debian's has no plugin for XEP-0215 yet, so the
    requests are put together here."""

    async def slixmpp_client(self, user="alice"):
        client = await RealClient(self.server, user).log_in()
        self.addAsyncCleanup(client.log_out)
        return client

    async def ask(self, client, kind, to, payload):
        """The payload of the answer, or the condition of the error as a text."""
        iq = client.make_iq(ito=to, ifrom=None)
        iq["type"] = kind
        iq.append(ElementTree.fromstring(payload))
        try:
            answer = await iq.send(timeout=REQUEST_TIMEOUT)
        except Exception as refused:  # slixmpp has its own kinds for errors and time-outs
            return getattr(refused, "condition", None) or self.fail(f"no answer: {refused!r}")
        return answer.xml[0] if len(answer.xml) else None

    async def services(self, client, to, namespace=EXTDISCO[0], type_of=""):
        """{(type, transport): attributes} of the services that `to` tells the client."""
        wanted = f" type='{type_of}'" if type_of else ""
        answer = await self.ask(client, "get", to, f"<services xmlns='{namespace}'{wanted}/>")
        self.assertNotIsInstance(answer, str, f"refused: {answer}")
        self.assertEqual(answer.tag, f"{{{namespace}}}services")
        return {(each.get("type"), each.get("transport")): dict(each.attrib) for each in answer}

    async def endpoint(self, service):
        """An allocation that aioice makes at a service, and what it hears."""
        trusted = False
        if service["type"] == "turns":
            trusted = ssl.create_default_context(cafile=self.certificate.authority)
            trusted.check_hostname = False  # the service is told by its address
        turn, protocol = await aioice_turn.create_turn_endpoint(
            Collected, (service["host"], int(service["port"])), service["username"],
            service["password"], transport=service["transport"], ssl=trusted)
        self.addCleanup(turn.close)
        return turn, protocol

    async def assert_carries(self, service):
        """An endpoint at the service and an echo exchange datagrams."""
        turn, protocol = await self.endpoint(service)
        loop = asyncio.get_running_loop()
        echo, _ = await loop.create_datagram_endpoint(Echo, local_addr=(LOOPBACK, 0))
        self.addCleanup(echo.close)
        for number in range(DATAGRAMS):
            turn.sendto(b"%d" % number, echo.get_extra_info("sockname"))
        found = [await asyncio.wait_for(protocol.received.get(), 20) for _ in range(DATAGRAMS)]
        self.assertEqual(found, [b"%d" % number for number in range(DATAGRAMS)])
        return turn


class Echo(asyncio.DatagramProtocol):
    def connection_made(self, transport):
        self.transport = transport

    def datagram_received(self, data, address):
        self.transport.sendto(data, address)


class Steered(SlixmppSide):
    """Bellhop gives the credentials itself; an operator looks on."""

    @classmethod
    def setUpClass(cls):
        cls.server = Prosody(accounts=ACCOUNTS, hosts=HOSTS,
                             lines=attach_snippet("prosody.cfg.lua"))
        cls.addClassCleanup(cls.server.stop)
        cls.server.start()

    def connect_admin(self):
        self.admin = AdminClient(self.bellhop.admin_socket)
        self.addAsyncCleanup(self.admin.close)

    async def ctl(self, *words):
        """What a command of bellhopctl prints; it must succeed."""
        program = pathlib.Path(binary()).parent / "ctl" / "bellhopctl"
        process = await asyncio.create_subprocess_exec(
            program, "--address", f"unix:{self.bellhop.admin_socket}", "-o", "json", "--yes",
            *words, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE)
        out, err = await asyncio.wait_for(process.communicate(), timeout=30)
        self.assertEqual(process.returncode, 0, err)
        return out.decode()

    async def sessions(self):
        return list((await self.admin.call("ListSessions")).sessions)

    async def turn_user(self, name, source=None):
        """A client with what Bellhop gives this user, and a logged-in slixmpp client of his."""
        client = await self.slixmpp_client(name)
        service = (await self.services(client, COMPONENT))[("turn", "udp")]
        user = service["username"], service["password"]
        return client, self.turn_client(user=user, source=source)

    def with_echo(self, user):
        """An allocation with a channel to a socket of ours; that socket and the relayed address."""
        peer, address = self.echo_socket()
        self.assertEqual(user.allocate().code, 0)
        self.assertEqual(user.bind_channel(CHANNEL, address).code, 0)
        self.assert_reaches(user, peer)
        return peer

    def assert_reaches(self, user, peer):
        user.send_on(CHANNEL, b"to the peer")
        data, relayed = peer.recvfrom(2000)
        self.assertEqual((data, relayed), (b"to the peer", user.relayed))
        peer.sendto(b"to the client", relayed)
        self.assertEqual(user.receive(), b"\x40\x01\x00\x0dto the client")

    async def assert_ends(self, user, reason, began):
        """The allocation is gone within a second, to its user as well as in the log."""
        while user.permit(LOOPBACK).code != 437:
            self.assertLess(time.monotonic() - began, WITHIN, "the allocation still answers")
            await asyncio.sleep(0.01)
        self.assertLess(time.monotonic() - began, WITHIN)
        self.bellhop.wait_event("session_ended", reason=reason)
