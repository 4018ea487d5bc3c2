"""What the tests of TURN share: a bellhopd that relays on loopback, with or without an XMPP server,
and credentials for it."""

import asyncio
import random
import socket
import tempfile
import unittest

from harness import COMPONENT, SECRET, Attached, binary  # first: the others stand where it says
from certificates import Certificate
from servers import LOOPBACK, Bellhop, free_port
from turn_wire import TurnClient, credentials

try:
    import aioice
    from aioice import turn as aioice_turn
except ImportError:
    aioice = None
    aioice_turn = None

needs_aioice = unittest.skipUnless(aioice, "python3-aioice is not installed")

TURN_SECRET = "a-turn-secret-of-the-tests"
REALM = "localhost"
RELAYED_PORTS = 512  # of one Bellhop
# Above the range from which Linux takes ports for outgoing connections.
PORT_BLOCKS = range(61000, 65536 - RELAYED_PORTS, RELAYED_PORTS)


def has_ipv6_loopback():
    with socket.socket(socket.AF_INET6) as probe:
        try:
            probe.bind(("::1", 0))
        except OSError:
            return False
    return True


HOSTS = (LOOPBACK, "::1") if has_ipv6_loopback() else (LOOPBACK,)


def free_turn_port():
    """A port that is free for UDP as well, on each of HOSTS."""
    while True:
        port = free_port()
        try:
            for host in HOSTS:
                family = socket.AF_INET6 if ":" in host else socket.AF_INET
                with socket.socket(family, socket.SOCK_DGRAM) as probe:
                    probe.bind((host, port))
        except OSError:
            continue
        return port


def in_brackets(host, port):
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def turn_options(port, **changes):
    """A section [turn] that relays on loopback, which is refused otherwise."""
    first = random.choice(PORT_BLOCKS)
    return {"listen": [in_brackets(host, port) for host in HOSTS],
            "relay_addresses": list(HOSTS), "port_min": first,
            "port_max": first + RELAYED_PORTS - 1, "realm": REALM,
            "allow_peers": ["127.0.0.0/8", "::1/128"], "secret_files": ["turn.secret"], **changes}


def write_secret(bellhop, text=TURN_SECRET):
    path = bellhop.folder / "turn.secret"
    path.touch(mode=0o600)
    path.write_text(text + "\n")


class Collected(asyncio.DatagramProtocol):
    """What an endpoint of aioice receives."""

    def __init__(self):
        self.received = asyncio.Queue()

    def connection_made(self, transport):
        self.transport = transport

    def connection_lost(self, _):
        self.received.put_nowait(None)

    def datagram_received(self, data, _):
        self.received.put_nowait(data)


class TurnBellhop:
    """Mixed into a test case. Without an XMPP server Bellhop relays all the same (TURN-F01 has
    nothing to do with its stream), so most tests of TURN do without one."""

    server = None

    async def asyncSetUp(self):
        asyncio.get_running_loop().set_debug(False)
        await asyncio.sleep(0)  # the debug mode ends with the step in which it is switched off

    def start_turn(self, tls=False, sections=None, ports=None, **turn):
        """A bellhopd of this test's own, that serves when this returns; `ports` are those of TURN
        without and with TLS, free ones unless given."""
        self.turn_port, self.tls_port = ports or (free_turn_port(), free_turn_port())
        options = turn_options(self.turn_port, **turn)
        if tls:
            folder = self.enterContext(tempfile.TemporaryDirectory())
            self.certificate = Certificate(folder, "localhost")
            options |= {"tls_listen": [f"{LOOPBACK}:{self.tls_port}"],
                        "tls_certificate": str(self.certificate.chain),
                        "tls_key": str(self.certificate.key)}
        # Clients that vanish leave allocations, which the end of a test does not wait for.
        config = {"component": {"services": ["turn"]}, "turn": options,
                  "runtime": {"drain_timeout": "100ms"}, **(sections or {})}
        bellhop = Bellhop(binary(), self.server or free_port(), jid=COMPONENT, secret=SECRET,
                          config=config, wait_for="attached" if self.server else "started")
        self.addCleanup(bellhop.stop)
        write_secret(bellhop)
        self.bellhop = bellhop
        bellhop.start()
        bellhop.wait_event("started")
        return bellhop

    def turn_client(self, name="alice", host=LOOPBACK, source=None, user=None):
        """A client that closes with the test; `user` are a name and a password."""
        username, password = user or credentials(TURN_SECRET, name)
        client = TurnClient((host, self.turn_port), username, password, source)
        self.addCleanup(client.close)
        return client

    def echo_socket(self, host=LOOPBACK):
        """A bound UDP socket, and its address."""
        peer = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.addCleanup(peer.close)
        peer.bind((host, 0))
        peer.settimeout(10)
        return peer, peer.getsockname()


class TurnAttached(TurnBellhop, Attached):
    """The same with a server for the class."""
