"""What the tests against real servers share: a server attached by the documented snippet, bellhopd,
and clients.

A test class derives from Attached and is decorated with on_servers: it then runs once with each
server named. The server lives as long as the class, bellhopd as the class says.
"""

import asyncio
import hashlib
import itertools
import os
import pathlib
import re
import resource
import sys
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "support"))

from servers import Bellhop, Ejabberd, Prosody  # noqa: E402
from xmpp_client import Socks5, XmppClient, dst_addr  # noqa: E402

COMPONENT = "bellhop.localhost"
SECRET = "s3cret-of-the-interop-tests"
PLAIN_COMPONENT = "plain.localhost"  # declared on Prosody without the snippet's kick_old
STRANGER = "eve@stranger.example"
ACCOUNTS = {"alice": "alice-pw", "bob": "bob-pw", STRANGER: "eve-pw"}
HOSTS = ("localhost", "stranger.example")

# A reconnect is quick, so that tests with restarts are; everything else is as users get it.
QUICK_RECONNECT = {"reconnect_delay": "100ms", "reconnect_delay_max": "500ms"}


def binary():
    """The bellhopd under test, named by the runner."""
    return os.environ["BELLHOPD"]


def attach_snippet(file_name):
    """The text of a snippet in deploy/attach with the test's domain and secret in it."""
    text = (ROOT / "deploy" / "attach" / file_name).read_text()
    for placeholder, value in (("bellhop.example.org", COMPONENT), ("change-me", SECRET)):
        if placeholder not in text:
            raise AssertionError(f"{file_name} no longer contains {placeholder}")
        text = text.replace(placeholder, value)
    return text


def attached_prosody():
    return Prosody(accounts=ACCOUNTS, hosts=HOSTS, components={PLAIN_COMPONENT: SECRET},
                   lines=attach_snippet("prosody.cfg.lua"))


def attached_ejabberd():
    server = Ejabberd(accounts=ACCOUNTS, hosts=HOSTS)
    listener = attach_snippet("ejabberd.yml")
    server.listen_lines = re.sub(r"port: 5347\b", f"port: {server.component_port}", listener)
    return server


SERVERS = {"prosody": attached_prosody, "ejabberd": attached_ejabberd}


def on_servers(*kinds):
    """Replaces a test class by one for each of these servers."""
    def replace(cls):
        module = sys.modules[cls.__module__]
        for kind in kinds:
            name = f"{cls.__name__}_{kind}"
            setattr(module, name, type(name, (cls, unittest.IsolatedAsyncioTestCase),
                                       {"kind": kind, "__module__": cls.__module__}))
    return replace


on_both_servers = on_servers("prosody", "ejabberd")


class Attached:
    """One server for the class. Sessions, sockets and clients of a test are closed after it."""

    kind = None

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.server = SERVERS[cls.kind]()
        cls.addClassCleanup(cls.server.stop)
        cls.server.start()

    @classmethod
    def start_bellhop_for_class(cls, **options):
        cls.bellhop = Bellhop(binary(), cls.server, jid=COMPONENT, secret=SECRET, **options)
        cls.addClassCleanup(cls.bellhop.stop)
        cls.bellhop.start()

    def start_bellhop(self, **options):
        """A bellhopd of this test's own, attached when this returns unless wait_for says else."""
        options = {"jid": COMPONENT, "secret": SECRET, **options}
        bellhop = Bellhop(binary(), self.server, **options)
        self.addCleanup(bellhop.stop)
        self.bellhop = bellhop
        return bellhop.start()

    async def asyncSetUp(self):
        # unittest switches asyncio's debug mode on, which makes 10,000 connections slow and loud.
        asyncio.get_running_loop().set_debug(False)

    async def client(self, user, resource="raw"):
        """A logged-in raw client that lives as long as the test."""
        return await self.enterAsyncContext(XmppClient(self.server, user, resource))

    async def alice_and_bob(self):
        return await self.client("alice"), await self.client("bob")

    _sids = itertools.count(1)

    def new_sid(self):
        return f"sid-{next(self._sids)}"

    async def socks(self, hash40, **options):
        """A SOCKS5 connection past CONNECT that lives as long as the test."""
        port = options.pop("port", self.bellhop.port)
        connection = await Socks5.connected(port, hash40, **options)
        self.addCleanup(connection.close)
        return connection

    async def open_stream(self, requester, target, **target_options):
        """An activated bytestream; (requester's connection, target's connection)."""
        sid = self.new_sid()
        hash40 = dst_addr(sid, requester.jid, target.jid)
        target_end = await self.socks(hash40, **target_options)
        requester_end = await self.socks(hash40)
        answer = await requester.activate(self.bellhop.jid, sid, target.jid)
        self.assertEqual(answer.kind, "result", answer)
        return requester_end, target_end

    async def assert_carries(self, requester_end, target_end, size=1 << 20):
        """Sends random bytes both ways over an activated stream and compares them."""
        for sender, receiver in ((requester_end, target_end), (target_end, requester_end)):
            payload = os.urandom(size)
            _, received = await asyncio.gather(sender.send(payload),
                                               receiver.receive_exactly(size))
            self.assertEqual(hashlib.sha256(received).digest(), hashlib.sha256(payload).digest())

    async def eventually(self, what, condition, timeout=10.0):
        """Waits until condition() is true, while connections of this test go on."""
        deadline = asyncio.get_running_loop().time() + timeout
        while not condition():
            if asyncio.get_running_loop().time() > deadline:
                self.fail(f"{what}: not within {timeout:g} s\n{self.bellhop.log_tail()}")
            await asyncio.sleep(0.02)


def raise_file_limit(wanted):
    """Lifts this process's limit of open files, which children inherit; what it is then."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(wanted, hard), hard))
    return resource.getrlimit(resource.RLIMIT_NOFILE)[0]
