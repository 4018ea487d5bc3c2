"""The peers of the comparison: how each is started, and how the load program reaches it."""

import pathlib
import resource
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "support"))

import servers  # noqa: E402

LOAD_DOMAIN = "load.localhost"
ECHO_DOMAIN = "echo.localhost"
PROXY_JID = "proxy.localhost"
SECRET = "bench"
COMPONENTS = {LOAD_DOMAIN: SECRET, ECHO_DOMAIN: SECRET}
# The load program comes back sooner than Prosody may have seen it go.
PROSODY_LINES = 'component_conflict_resolve = "kick_old"'

ServerFailed = servers.ServerFailed


def file_limit():
    """How many files a process started from here may have open."""
    return resource.getrlimit(resource.RLIMIT_NOFILE)[1]


def raise_file_limit():
    """Servers inherit the soft limit, and not all of them raise it themselves."""
    resource.setrlimit(resource.RLIMIT_NOFILE, (file_limit(), file_limit()))


def with_descendants(pid):
    """The process and all below it."""
    found = [pid]
    for parent in found:
        for task in pathlib.Path(f"/proc/{parent}/task").glob("*/children"):
            found += [int(child) for child in task.read_text().split()]
    return found


class Floor(servers.Server):
    """The bare splice(2) relay beside this file."""

    name = "floor"

    def __init__(self, program, backend_port):
        super().__init__()
        self.program = program
        self.port = servers.free_port()
        self.backend_port = backend_port

    def _command(self):
        return [str(self.program), f"{servers.LOOPBACK}:{self.port}",
                f"{servers.LOOPBACK}:{self.backend_port}"]

    def _is_ready(self):
        # Asking by connecting would open a connection to the back end as well.
        return "listening" in self.log_text()


class Peer:
    """One row of the table. `process` is what is measured, `others` is what it needs besides."""

    speaks_socks5 = False
    idle_max = None  # sessions it can hold where fewer than asked for

    def __init__(self, name, process=None, others=()):
        self.name = name
        self.process = process
        self.others = others

    def start(self):
        for server in (*self.others, self.process):
            if server:
                server.start()

    def stop(self):
        for server in (self.process, *self.others):
            if server:
                server.stop()

    def pids(self):
        return with_descendants(self.process.pid) if self.process else []

    def arguments(self, mode):
        """What the load program needs to know for `mode`, besides figures."""
        pids = self.pids()
        return ["--pid", ",".join(map(str, pids))] if pids else []


class Relay(Peer):
    """A TCP relay without a protocol of its own."""

    def __init__(self, name, process, front_port, back_port):
        super().__init__(name, process)
        self.front = f"{servers.LOOPBACK}:{front_port}"
        self.back = f"{servers.LOOPBACK}:{back_port}"

    def arguments(self, mode):
        names = {"stream": "raw", "idle": "raw-idle"}
        return [names[mode], *super().arguments(mode), "--front", self.front, "--back", self.back]


class Bytestreams(Peer):
    """An XEP-0065 proxy behind an XMPP server; `xmpp` is that server, measured itself or not."""

    speaks_socks5 = True

    def __init__(self, name, process, xmpp, proxy_port, others=(), echo_port=None):
        super().__init__(name, process, others)
        self.echo_port = echo_port or xmpp.component_port
        self.xmpp = xmpp
        self.proxy = f"{servers.LOOPBACK}:{proxy_port}"

    def arguments(self, mode):
        given = [mode, *self._pids_for(mode),
                 "--server", f"{servers.LOOPBACK}:{self.xmpp.component_port}",
                 "--domain", LOAD_DOMAIN, "--secret", SECRET]
        if mode == "route":
            return [*given, "--echo-domain", ECHO_DOMAIN,
                    "--echo-server", f"{servers.LOOPBACK}:{self.echo_port}"]
        return [*given, "--proxy", self.proxy, "--proxy-jid", PROXY_JID]

    def _pids_for(self, mode):
        # Routing is the XMPP server's work, also where the proxy is another process.
        pids = with_descendants(self.xmpp.pid) if mode == "route" else self.pids()
        return ["--pid", ",".join(map(str, pids))]


def make_prosody(**options):
    return servers.Prosody(global_lines=PROSODY_LINES, log_level="warn", **options)


def make_ejabberd_peer(name):
    # A stream to a listener is given the traffic of all hosts of that listener: one for each.
    echo_port = servers.free_port()
    process = servers.Ejabberd(
        components={LOAD_DOMAIN: SECRET}, proxy65=True, proxy65_open=True, log_level="warning",
        listen=f'  -\n    port: {echo_port}\n    ip: "{servers.LOOPBACK}"\n'
               "    module: ejabberd_service\n    access: all\n    shaper: none\n"
               f'    hosts:\n      "{ECHO_DOMAIN}":\n        password: "{SECRET}"\n')
    return Bytestreams(name, process, process, process.proxy65_port, echo_port=echo_port)


def make_peer(name, bellhopd, floor_program):
    """The peer of that name, not started."""
    if name == "bellhop":
        xmpp = make_prosody(components={**COMPONENTS, PROXY_JID: SECRET})
        process = servers.Bellhop(bellhopd, xmpp, jid=PROXY_JID, secret=SECRET, config={
            "access": {"allow_domains": ["*"]}, "log": {"level": "warn"}})
        return Bytestreams(name, process, xmpp, process.port, others=(xmpp,))
    if name == "prosody":
        process = make_prosody(components=COMPONENTS, proxy65=True, proxy65_open=True)
        return Bytestreams(name, process, process, process.proxy65_port)
    if name == "ejabberd":
        return make_ejabberd_peer(name)
    back_port = servers.free_port()
    if name == "direct":
        return Relay(name, None, back_port, back_port)
    if name == "haproxy":
        # HAProxy wants two and a half descriptors for each connection before it starts.
        connections_max = min(12_000, file_limit() // 3)
        process = servers.HAProxy(back_port, connections_max=connections_max)
        peer = Relay(name, process, process.port, back_port)
        peer.idle_max = connections_max - 100
        return peer
    process = Floor(floor_program, back_port)
    return Relay(name, process, process.port, back_port)


PEERS = ("bellhop", "floor", "haproxy", "ejabberd", "prosody", "direct")
