"""The TURN servers of the comparison: how each is started, and how the load program reaches it."""

import os
import pathlib
import socket
import struct
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "support"))

import servers  # noqa: E402
from servers import LOOPBACK, free_port  # noqa: E402

# Relayed ports have an address of their own, so that neither clients nor peers sit on one of them.
RELAY_ADDRESS = "127.0.0.9"
PORT_MIN, PORT_MAX = 10000, 65535
USER, PASSWORD, REALM = "bench", "bench-pw", "bench"
TURN_JID = "turn.localhost"
SECRET = "bench"
ALLOCATIONS_MAX = 100_000
PROBE_TIMEOUT = 0.2  # seconds


def put_ahead(pid="self"):
    """Lets all threads of that process run before everything else on the machine (sched(7));
    PermissionError without the privilege."""
    for task in pathlib.Path(f"/proc/{pid}/task").iterdir():
        os.sched_setscheduler(int(task.name), os.SCHED_RR, os.sched_param(1))


def answers_binding(port):
    """Whether a STUN server answers a Binding request (RFC 8489 §5) on that UDP port."""
    request = struct.pack("!HHI12s", 0x0001, 0, 0x2112A442, b"bench-probe-")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.settimeout(PROBE_TIMEOUT)
        probe.connect((LOOPBACK, port))
        try:
            probe.send(request)
            return probe.recv(2048)[:2] == b"\x01\x01"
        except OSError:
            return False


class Coturn(servers.Server):
    """coturn with one relay thread and long-term credentials; no log, which would cost it time."""

    name = "coturn"

    def __init__(self):
        super().__init__()
        self.turn_port = free_port()

    def _command(self):
        empty = self.folder / "empty.conf"
        empty.touch()
        return [servers.find_program("turnserver"), "-c", str(empty),
                "-L", LOOPBACK, "-E", RELAY_ADDRESS, "-p", str(self.turn_port),
                "--relay-threads=1", f"--min-port={PORT_MIN}", f"--max-port={PORT_MAX}",
                "-a", "-u", f"{USER}:{PASSWORD}", "-r", REALM,
                # Loopback peers are allowed only where the command line has a password.
                "--allow-loopback-peers", "--cli-password=unused", "--no-cli",
                "--no-tls", "--no-dtls", f"--db={self.folder}/turndb",
                f"--pidfile={self.folder}/pid", "--no-stdout-log", "--log-file=/dev/null"]

    def _is_ready(self):
        return answers_binding(self.turn_port)


class TurnBellhop(servers.Bellhop):
    """bellhopd with one relay thread; `xmpp` is the started server that its component is at."""

    def __init__(self, binary, xmpp):
        self.turn_port = free_port()
        super().__init__(binary, xmpp, jid=TURN_JID, secret=SECRET, config={
            "component": {"services": ["turn"]},
            "log": {"level": "warn"},
            # Nothing that is left of a measurement is waited for.
            "runtime": {"drain_timeout": "1s"},
            "turn": {"listen": [f"{LOOPBACK}:{self.turn_port}"],
                     "relay_addresses": [RELAY_ADDRESS], "allow_peers": ["127.0.0.0/8"],
                     "port_min": PORT_MIN, "port_max": PORT_MAX, "realm": REALM,
                     "users_file": "users", "threads": 1,
                     "allocations_max": ALLOCATIONS_MAX,
                     "allocations_per_user_max": ALLOCATIONS_MAX}})

    def _command(self):
        users = self.folder / "users"
        users.touch(mode=0o600)
        users.write_text(f"{USER}:{PASSWORD}\n")
        return super()._command()

    def _is_ready(self):
        return answers_binding(self.turn_port)


class TurnPeer:
    """One column of the table. `process` is what is measured; it can be started again."""

    def __init__(self, name, process, others=(), ahead=False):
        self.name = name
        self.process = process
        self.others = others
        self.ahead = ahead
        for server in others:
            server.start()

    def restart(self):
        """A server without a past."""
        self.process.restart()
        if self.ahead:
            put_ahead(self.process.pid)

    def stop(self):
        for server in (self.process, *self.others):
            server.stop()

    def arguments(self):
        """What the load program needs to know of it."""
        return ["--server", f"{LOOPBACK}:{self.process.turn_port}", "--user", USER,
                "--password", PASSWORD, "--pid", str(self.process.pid)]


def make_peer(name, bellhopd, ahead=False):
    """The peer of that name; its server is not started yet."""
    if name == "coturn":
        return TurnPeer(name, Coturn(), ahead=ahead)
    xmpp = servers.Prosody(components={TURN_JID: SECRET}, log_level="warn")
    return TurnPeer(name, TurnBellhop(bellhopd, xmpp), others=(xmpp,), ahead=ahead)


PEERS = ("coturn", "bellhop")
