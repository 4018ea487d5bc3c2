"""Real servers for tests, benchmarks and the quick start, each started privately.

Every server gets a temporary folder of its own, free ports on the loopback address and its own
process group. start() returns when the server answers, stop() ends it by its process id and
removes the folder. Nothing here needs a service manager or root, and nothing outlives the Python
process that started it.

    with Prosody(accounts={"alice": "pw"}, components={"bellhop.localhost": "secret"}) as server:
        with Bellhop(binary, server=server) as bellhop:
            ...

Only the standard library is used. Call start() from the main thread: the kernel ends the child
when the *thread* that started it ends.
"""

import atexit
import os
import pathlib
import random
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time

LOOPBACK = "127.0.0.1"
START_TIMEOUT = 60.0  # seconds until a server must answer; more than any needs under load
STOP_TIMEOUT = 10.0  # seconds between SIGTERM and SIGKILL
POLL = 0.02  # seconds between two looks at a condition

# Below the range from which Linux takes ports for outgoing connections (ip_local_port_range), so
# that no client of a test sits on a port that was found free a moment ago.
_PORT_RANGE = (10000, 32000)
_ports_given = set()
_running = set()


class ServerFailed(RuntimeError):
    """A server could not be started, or ended when it should not; the text carries its log."""


def free_port(host=LOOPBACK):
    """A TCP port nobody listens on and this process has not been given before."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    for _ in range(1000):
        port = random.randrange(*_PORT_RANGE)
        if port in _ports_given:
            continue
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((host, port))
            except OSError:
                continue
        _ports_given.add(port)
        return port
    raise ServerFailed(f"no free port on {host} between {_PORT_RANGE[0]} and {_PORT_RANGE[1]}")


def wait_until(condition, timeout, what):
    """The first true value of condition(); ServerFailed naming `what` after `timeout` seconds."""
    deadline = time.monotonic() + timeout
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            raise ServerFailed(f"waited {timeout:g} s for {what}")
        time.sleep(POLL)


def accepts(host, port):
    """Whether something accepts TCP connections at host:port."""
    try:
        with socket.create_connection((host, port), timeout=1):
            return True
    except OSError:
        return False


def find_program(*names):
    """Full path of the first of these programs that is installed, in /usr/sbin as well."""
    path = os.environ.get("PATH", "") + ":/usr/sbin:/usr/local/sbin:/sbin"
    for name in names:
        found = shutil.which(name, path=path)
        if found:
            return found
    raise ServerFailed(f"{names[0]} is not installed")


class Server:
    """One child process with a private folder; the base of all servers here."""

    name = "server"
    stop_timeout = STOP_TIMEOUT

    def __init__(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix=f"bellhop-{self.name}-"))
        # Prosody refuses to write where others could; secrets lie here as well.
        self.folder.chmod(0o700)
        self.output = self.folder / "output.log"
        self.process = None
        _running.add(self)

    # What a kind of server fills in.
    def _command(self):
        """Writes the configuration; the argument list to run."""
        raise NotImplementedError

    def _environment(self):
        return dict(os.environ)

    def _is_ready(self):
        return True

    # What users call.
    @property
    def pid(self):
        """Process id of the server while it runs; None before start() and after stop()."""
        return self.process.pid if self.process else None

    def start(self):
        """Starts and waits until it answers; ServerFailed with the end of the log otherwise."""
        command = self._command()
        if threading.current_thread() is threading.main_thread():
            # Ends the server even when this Python is killed with SIGKILL.
            command = [find_program("setpriv"), "--pdeathsig", "TERM", "--", *command]
        with open(self.output, "ab") as output:
            self.process = subprocess.Popen(
                command, cwd=self.folder, env=self._environment(), stdin=subprocess.DEVNULL,
                stdout=output, stderr=subprocess.STDOUT, start_new_session=True)
        try:
            wait_until(self._is_ready_or_dead, START_TIMEOUT, f"{self.name} to answer")
        except ServerFailed as failure:
            text = f"{failure}\n{self.log_tail()}"
            self.end_process()
            raise ServerFailed(text) from None
        return self

    def _is_ready_or_dead(self):
        status = self.process.poll()
        if status is not None:
            raise ServerFailed(f"{self.name} ended at once with status {status}")
        return self._is_ready()

    def is_running(self):
        return self.process is not None and self.process.poll() is None

    def signal(self, number):
        """Sends a signal to the process if it runs."""
        if self.is_running():
            os.kill(self.process.pid, number)

    def wait(self, timeout):
        """Exit status once the process ends by itself; ServerFailed after `timeout` seconds."""
        try:
            return self.process.wait(timeout)
        except subprocess.TimeoutExpired:
            raise ServerFailed(f"{self.name} still runs after {timeout:g} s") from None

    def kill(self):
        """SIGKILL, as a crash; the folder stays and start() may follow."""
        if self.process:
            self.signal(signal.SIGKILL)
            self.process.wait()
            self.process = None

    def end_process(self):
        """SIGTERM, then SIGKILL; the folder stays and start() may follow. Exit status."""
        if not self.process:
            return None
        self.signal(signal.SIGTERM)
        try:
            status = self.process.wait(self.stop_timeout)
        except subprocess.TimeoutExpired:
            self.signal(signal.SIGKILL)
            status = self.process.wait()
        self.process = None
        return status

    def restart(self):
        """Ends the process and starts it again on the same ports with the same data."""
        self.end_process()
        return self.start()

    def stop(self):
        """Ends the process and removes the folder; harmless when called twice. Exit status."""
        status = self.end_process()
        shutil.rmtree(self.folder, ignore_errors=True)
        _running.discard(self)
        return status

    def __enter__(self):
        try:
            return self.start()
        except BaseException:
            self.stop()
            raise

    def __exit__(self, *_):
        self.stop()

    def log_text(self):
        """Everything the server has written so far."""
        return self.output.read_text(errors="replace") if self.output.exists() else ""

    def log_tail(self, lines=30):
        return "\n".join(self.log_text().splitlines()[-lines:])

    # What /proc tells about the process.
    def fd_count(self):
        """Number of open file descriptors."""
        return len(os.listdir(f"/proc/{self.pid}/fd"))

    def memory_kib(self, kind="RssAnon"):
        """A memory field of /proc/PID/status in KiB; RssAnon is what the process itself uses."""
        text = pathlib.Path(f"/proc/{self.pid}/status").read_text()
        return int(re.search(rf"^{kind}:\s+(\d+) kB", text, re.M).group(1))

    def cpu_seconds(self):
        """User and system CPU seconds of all threads so far."""
        text = pathlib.Path(f"/proc/{self.pid}/stat").read_text()
        fields = text.rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


class XmppServer(Server):
    """What Prosody and Ejabberd have in common.

    accounts:    {"alice": "password"} at the first host, or {"eve@other.example": "password"}
    components:  {"bellhop.localhost": "secret"}, accepted on component_port
    hosts:       virtual hosts; the first one is `host`
    proxy65:     True starts the server's own bytestream proxy as proxy.HOST on proxy65_port;
                 proxy65_open lets everybody use it, components too
    Clients log in on c2s_port without TLS; SASL PLAIN is allowed there.
    """

    def __init__(self, accounts=None, components=None, hosts=("localhost",), proxy65=False,
                 proxy65_open=False):
        super().__init__()
        self.hosts = tuple(hosts)
        self.host = self.hosts[0]
        self.accounts = {}
        for user, password in (accounts or {}).items():
            self.accounts[user if "@" in user else f"{user}@{self.host}"] = password
        self.components = dict(components or {})
        self.proxy65 = proxy65
        self.proxy65_open = proxy65_open
        self.proxy65_jid = f"proxy.{self.host}"
        self.c2s_port = free_port()
        self.component_port = free_port()
        self.proxy65_port = free_port()

    def _listens_for_components(self):
        return bool(self.components)

    def _ports(self):
        ports = [self.c2s_port]
        if self._listens_for_components():
            ports.append(self.component_port)
        return ports + [self.proxy65_port] if self.proxy65 else ports

    def _is_ready(self):
        return all(accepts(LOOPBACK, port) for port in self._ports())


class Prosody(XmppServer):
    """Prosody 0.12. `global_lines` and `lines` are put into the configuration as they are, before
    and after the virtual hosts; `modules` are enabled besides the basic ones."""

    name = "prosody"

    def __init__(self, *args, modules=(), global_lines="", lines="", log_level="info", **options):
        super().__init__(*args, **options)
        self.modules = ["posix", "disco", "roster", "saslauth", "ping", *modules]
        self.global_lines = global_lines
        self.lines = lines
        self.log_level = log_level

    def _listens_for_components(self):
        return super()._listens_for_components() or "component_secret" in self.lines

    def _command(self):
        program = find_program("prosody")
        self._write_accounts()
        path = self.folder / "prosody.cfg.lua"
        path.write_text(self.config_text())
        return [program, "--config", str(path), "-F"]

    def config_text(self):
        quote = lambda names: "; ".join(f'"{name}"' for name in names)
        lines = [
            "-- Written by tests/support/servers.py",
            f'pidfile = "{self.folder}/prosody.pid"',
            f'data_path = "{self.folder}/data"',
            f'log = {{ {{ levels = {{ min = "{self.log_level}" }}, to = "console" }} }}',
            f"run_as_root = {'true' if os.geteuid() == 0 else 'false'}",
            f"modules_enabled = {{ {quote(self.modules)} }}",
            'modules_disabled = { "s2s" }',
            'authentication = "internal_plain"',
            "c2s_require_encryption = false",
            "allow_unencrypted_plain_auth = true",
            f'interfaces = {{ "{LOOPBACK}" }}',
            f"c2s_ports = {{ {self.c2s_port} }}",
            "c2s_direct_tls_ports = { }",
            "http_ports = { }",
            "https_ports = { }",
            f"component_ports = {{ {self.component_port} }}",
            f'component_interfaces = {{ "{LOOPBACK}" }}',
        ]
        if self.proxy65:
            lines.append(f"proxy65_ports = {{ {self.proxy65_port} }}")
            lines.append(f'proxy65_interfaces = {{ "{LOOPBACK}" }}')
        lines.append(self.global_lines)
        lines += [f'VirtualHost "{host}"' for host in self.hosts]
        if self.proxy65:
            lines.append(f'Component "{self.proxy65_jid}" "proxy65"')
            lines.append(f'  proxy65_address = "{LOOPBACK}"')
            lines.append(f"  proxy65_open_access = {'true' if self.proxy65_open else 'false'}")
        for jid, secret in self.components.items():
            lines.append(f'Component "{jid}"\n  component_secret = "{secret}"')
        lines.append(self.lines)
        return "\n".join(lines) + "\n"

    def _write_accounts(self):
        # internal_plain keeps an account in a file; a name is encoded like a URL, dots too.
        encode = lambda text: re.sub(r"[^A-Za-z0-9]", lambda m: f"%{ord(m[0]):02x}", text)
        for jid, password in self.accounts.items():
            user, _, host = jid.partition("@")
            folder = self.folder / "data" / encode(host) / "accounts"
            folder.mkdir(parents=True, exist_ok=True)
            (folder / f"{encode(user)}.dat").write_text(
                f'return {{ ["password"] = "{password}"; }};\n')


class Ejabberd(XmppServer):
    """ejabberd 23.01, run by `erl` itself: no distribution, so no epmd and no cookie.

    `listen` and `modules` are YAML put under those keys as they are (indented by two spaces).
    Without components there is no listener on component_port unless `listen` has one."""

    name = "ejabberd"

    def __init__(self, *args, listen="", modules="", log_level="info", **options):
        super().__init__(*args, **options)
        self.listen_lines = listen
        self.module_lines = modules
        self.log_level = log_level
        self.ready_file = self.folder / "ready"

    def _listens_for_components(self):
        return super()._listens_for_components() or "ejabberd_service" in self.listen_lines

    def _command(self):
        program = find_program("erl")
        (self.folder / "ejabberd.yml").write_text(self.config_text())
        self.ready_file.unlink(missing_ok=True)
        return [program, "-noinput", "+sbwt", "none", "+sbwtdcpu", "none", "+sbwtdio", "none",
                "-mnesia", "dir", f'"{self.folder}/database"', "-s", "ejabberd",
                "-eval", self._start_expression()]

    def _start_expression(self):
        # Accounts can be made only when everything runs; a second start finds them there already.
        register = "".join(
            "ejabberd_auth:try_register(<<\"{}\">>, <<\"{}\">>, <<\"{}\">>), ".format(
                *jid.split("@"), password)
            for jid, password in self.accounts.items())
        return ("{ok, _} = application:ensure_all_started(ejabberd), " + register +
                f'ok = file:write_file("{self.ready_file}", <<"ready">>).')

    def _environment(self):
        return dict(os.environ, HOME=str(self.folder),
                    EJABBERD_CONFIG_PATH=str(self.folder / "ejabberd.yml"),
                    EJABBERD_LOG_PATH=str(self.folder / "ejabberd.log"),
                    ERL_CRASH_DUMP_SECONDS="0",
                    ERL_LIBS="/usr/lib/x86_64-linux-gnu")

    def _is_ready(self):
        return self.ready_file.exists() and super()._is_ready()

    def log_text(self):
        log = self.folder / "ejabberd.log"
        return super().log_text() + (log.read_text(errors="replace") if log.exists() else "")

    def config_text(self):
        text = "# Written by tests/support/servers.py\nhosts:\n"
        text += "".join(f'  - "{host}"\n' for host in self.hosts)
        text += (
            f"loglevel: {self.log_level}\n"
            "auth_method: internal\n"
            "auth_password_format: plain\n"
            "listen:\n"
            f'  -\n    port: {self.c2s_port}\n    ip: "{LOOPBACK}"\n    module: ejabberd_c2s\n'
            "    starttls: false\n    shaper: none\n    access: all\n")
        if self.components:
            text += (f'  -\n    port: {self.component_port}\n    ip: "{LOOPBACK}"\n'
                     "    module: ejabberd_service\n    access: all\n    shaper: none\n"
                     "    hosts:\n")
            for jid, secret in self.components.items():
                text += f'      "{jid}":\n        password: "{secret}"\n'
        text += self.listen_lines
        text += "modules:\n  mod_disco: {}\n  mod_roster: {}\n  mod_ping: {}\n"
        if self.proxy65:
            text += (f'  mod_proxy65:\n    host: "{self.proxy65_jid}"\n    name: "Bytestreams"\n'
                     f'    ip: "{LOOPBACK}"\n    hostname: "{LOOPBACK}"\n'
                     f"    port: {self.proxy65_port}\n    shaper: none\n"
                     f"    access: {'all' if self.proxy65_open else 'local'}\n"
                     "    max_connections: infinity\n")
        text += self.module_lines
        # ejabberd has no ready-made rule for "users of this server".
        text += "acl:\n  local:\n    user_regexp: \"\"\naccess_rules:\n  local:\n    allow: local\n"
        return text


class HAProxy(Server):
    """HAProxy 2.6 in TCP mode: `port` on loopback goes to backend_port, with splice(2) or not."""

    name = "haproxy"

    def __init__(self, backend_port, splice=True, threads=1, connections_max=2000):
        super().__init__()
        self.port = free_port()
        self.backend_port = backend_port
        self.splice = splice
        self.threads = threads
        self.connections_max = connections_max

    def _command(self):
        program = find_program("haproxy")
        path = self.folder / "haproxy.cfg"
        path.write_text(self.config_text())
        return [program, "-f", str(path), "-db"]

    def config_text(self):
        splice = ["  option splice-auto", "  option splice-request", "  option splice-response"]
        return "\n".join([
            "global", f"  nbthread {self.threads}", f"  maxconn {self.connections_max}",
            "defaults", "  mode tcp", "  timeout connect 10s", "  timeout client 10m",
            "  timeout server 10m", f"frontend front", f"  bind {LOOPBACK}:{self.port}",
            "  default_backend back", "backend back", *(splice if self.splice else []),
            f"  server sink {LOOPBACK}:{self.backend_port}", ""])

    def _is_ready(self):
        # Asking by connecting would open a connection to the back end as well.
        return _is_listening(self.port)


def _is_listening(port):
    """Whether a socket of this machine listens on the IPv4 TCP port, seen without touching it."""
    for line in pathlib.Path("/proc/net/tcp").read_text().splitlines()[1:]:
        fields = line.split()
        if fields[3] == "0A" and int(fields[1].rpartition(":")[2], 16) == port:
            return True
    return False


class Bellhop(Server):
    """bellhopd with a configuration of its own.

    server:   a started Prosody or Ejabberd, or a port number on loopback
    secret:   default: what the server has for this JID
    config:   {"proxy": {"idle_timeout": "5s"}, ...} is laid over the basic configuration
    wait_for: "attached" returns from start() when the server has accepted the component,
              "listening" when the SOCKS5 port is bound, "started" at once. With a log level
              above info there is no line to wait for, so "attached" means "listening".
    port:     the SOCKS5 port; a free one unless given
    http_port, admin_socket, state: of the admin side; of its own folder, so that none collide
    environment: variables laid over those of this process
    """

    name = "bellhopd"
    stop_timeout = 45.0  # longer than the default drain_timeout of 30 s

    def __init__(self, binary, server, jid="bellhop.localhost", secret=None, config=None,
                 wait_for="attached", port=None, environment=None):
        super().__init__()
        self.binary = pathlib.Path(binary).resolve()
        self.jid = jid
        is_port = isinstance(server, int)
        self.server_port = server if is_port else server.component_port
        if secret is None:
            secret = "secret" if is_port else server.components.get(jid, "secret")
        self.secret = secret
        self.port = port or free_port()
        self.http_port = free_port()
        self.config = config or {}
        self.wait_for = wait_for
        self.environment = environment or {}

    def _environment(self):
        return {**os.environ, **self.environment}

    def _command(self):
        if not self.binary.exists():
            raise ServerFailed(f"{self.binary} does not exist; build it first")
        secret = self.folder / "secret"
        secret.touch(mode=0o600)
        secret.write_text(self.secret + "\n")
        path = self.folder / "bellhop.toml"
        path.write_text(self.config_text())
        self.log_start = self.output.stat().st_size if self.output.exists() else 0
        return [str(self.binary), "--config", str(path)]

    def config_text(self):
        component = {"jid": self.jid, "server": f"{LOOPBACK}:{self.server_port}",
                     "secret_file": "secret", **self.config.get("component", {})}
        tables = {
            "public": {"host": LOOPBACK},
            "proxy": {"listen": [f"{LOOPBACK}:{self.port}"]},
            "admin": {"socket": str(self.admin_socket),
                      "http_listen": [f"{LOOPBACK}:{self.http_port}"]},
            "monitoring": {"state_dir": str(self.state)},
        }
        for name, values in self.config.items():
            if name != "component":
                tables[name] = {**tables.get(name, {}), **values}
        text = "[[component]]\n" + _toml_lines(component)
        for name, values in tables.items():
            text += f"[{name}]\n" + _toml_lines(values)
        return text

    @property
    def admin_socket(self):
        return self.folder / "admin.sock"

    @property
    def state(self):
        return self.folder / "state"

    def _is_ready(self):
        if self.wait_for == "started":
            return True
        quiet = self.config.get("log", {}).get("level") in ("warn", "error")
        if self.wait_for == "listening" or quiet:
            return _is_listening(self.port)
        return self.events("component_attached", since_start=True)

    def log_lines(self):
        """All lines bellhopd has written to standard error."""
        return self.log_text().splitlines()

    def events(self, name=None, since_start=False, **fields):
        """Log events as dictionaries, in order: those called `name` whose fields equal `fields`.

        Events before the last start() are left out with since_start."""
        text = self.output.read_bytes() if self.output.exists() else b""
        lines = text[self.log_start if since_start else 0:].decode(errors="replace").splitlines()
        found = [parse_event(line) for line in lines]
        return [event for event in found
                if event.get("event") and (name is None or event["event"] == name)
                and all(event.get(key) == str(value) for key, value in fields.items())]

    def wait_event(self, name, timeout=10.0, count=1, **fields):
        """The count-th event of that name and those fields, waiting for it if need be."""
        def look():
            found = self.events(name, **fields)
            return found[count - 1] if len(found) >= count else None
        what = f"event={name} {fields or ''} number {count}"
        try:
            return wait_until(look, timeout, what)
        except ServerFailed as failure:
            raise ServerFailed(f"{failure}\n{self.log_tail()}") from None


def bytes_by_sender(session, address):
    """(bytes from the connection that came from `address`, bytes from the other one) of a
    session_ended event; address is (host, port). The proxy cannot tell requester and target apart,
    so its log has the two connections in the order in which they came."""
    first, second = int(session["bytes_from_first"]), int(session["bytes_from_second"])
    came_first = session["first"] == f"{address[0]}:{address[1]}"
    return (first, second) if came_first else (second, first)


_FIELD = re.compile(r'(\w+)=("(?:[^"\\]|\\.)*"|\S*)')


def parse_event(line):
    """The key=value pairs of a log line; quotes round a value are taken off."""
    event = {}
    for key, value in _FIELD.findall(line):
        if value.startswith('"'):
            value = re.sub(r"\\(.)", r"\1", value[1:-1])
        event[key] = value
    return event


def _toml_lines(values):
    return "".join(f"{key} = {_toml_value(value)}\n" for key, value in values.items())


def _toml_value(value):
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return str(value)
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(_toml_value(item) for item in value) + "]"
    return '"' + str(value).replace("\\", "\\\\").replace('"', '\\"') + '"'


@atexit.register
def stop_all():
    """Stops every server of this process that still runs."""
    for server in list(_running):
        server.stop()
