#!/usr/bin/python3
"""Stands in for bellhopd's admin HTTP listener: serves the web page with the same headers and
answers its API with made-up data that fit together, to the byte: what a session moved, the totals,
the history and the quotas are all sums over the same flows.

    tests/web/stand_in.py [PORT]     serves it until Ctrl-C, to look at the page by hand

The token `full` has the full role, `read` the reading one; without a token one may read."""

import contextlib
import datetime
import http.server
import json
import math
import pathlib
import re
import sys
import threading
import time
from dataclasses import dataclass, field

PAGE = pathlib.Path(__file__).resolve().parents[2] / "api" / "dashboard"
CSP = ("default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
       "img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'")
TYPES = {".html": "text/html; charset=utf-8", ".css": "text/css; charset=utf-8",
         ".js": "text/javascript; charset=utf-8", "": "text/plain; charset=utf-8"}
ROLES = {"full": "ACCESS_FULL", "read": "ACCESS_READ", None: "ACCESS_READ"}

HOUR, DAY = 3600, 86400
YEARS = 730 * DAY
# Age up to which a step is kept, and the step, in seconds.
TIERS = ((900, 1), (4 * HOUR, 10), (14 * DAY, 60), (YEARS, HOUR))
HEAVY_JIDS = 10
HOSTILE_LOCAL = "\"><img src=x onerror=alert(1)>'&lt;b&gt;"
HOSTILE = f"{HOSTILE_LOCAL}@evil.example"


class Refusal(Exception):
    """What the API answers instead; `status` is the one of HTTP."""

    def __init__(self, status, code, message, details=()):
        super().__init__(message)
        self.status = status
        self.body = {"code": code, "message": message, "details": list(details)}


def moment(seconds):
    """A timestamp of the JSON mapping."""
    at = datetime.datetime.fromtimestamp(seconds, datetime.timezone.utc)
    return at.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def seconds_of(timestamp):
    return datetime.datetime.fromisoformat(timestamp.replace("Z", "+00:00")).timestamp()


def message(**fields):
    """A message of the JSON mapping: what has its default value is left out."""
    return {name: value for name, value in fields.items() if value not in (0, "0", "", [], None,
                                                                           False)}


def uint64(value):
    return str(int(value))


@dataclass
class Flow:
    """What one user moves: a wave around `base` bytes per second, since `begin`."""
    requester: str
    target: str
    base: float
    period: float
    begin: float
    session_begin: float
    kind: str = "socks5"
    limit: int = 0
    end: float = math.inf
    name: str = field(default="")

    @property
    def jid(self):
        return self.requester.partition("/")[0]

    @property
    def domain(self):
        return self.jid.rpartition("@")[2]

    def _moved_until(self, at):
        """The integral of the rate since the begin, in whole bytes."""
        since = min(at, self.end) - self.begin
        if since <= 0:
            return 0
        waves = ((self.period, 0.5), (DAY, 0.3))
        return int(self.base * (since + sum(
            part * length / math.tau * (1 - math.cos(math.tau * since / length))
            for length, part in waves)))

    def moved(self, start, end):
        return self._moved_until(end) - self._moved_until(start)

    def peak(self, start, end):
        """The fastest second; of long spans two seconds are looked at."""
        count = min(int(end - start), 2)
        starts = (start + int(i * (end - start) / max(count, 1)) for i in range(count))
        return max((self.moved(at, at + 1) for at in starts), default=0)


def flows_of(now):
    """Fourteen users of five domains; one of them means harm."""
    people = (
        ("alice@example.org/phone", "bob@example.org/laptop", 9.4e6, 47, 700, 1830),
        ("bob@example.org/laptop", "carol@example.net/desk", 6.1e6, 31, 650, 512),
        ("carol@example.net/desk", "alice@example.org/phone", 4.2e6, 19, 600, 9200),
        ("dave@example.net/pda", "erin@example.com/home", 2.8e6, 83, 500, 75),
        ("erin@example.com/home", "frank@example.com/work", 1.9e6, 53, 480, 260),
        ("frank@example.com/work", "dave@example.net/pda", 1.2e6, 29, 300, 4100),
        ("grace@example.com/tab", "heidi@chat.example.org/x", 8.8e5, 61, 200, 33),
        ("heidi@chat.example.org/x", "grace@example.com/tab", 6.1e5, 71, 120, 610),
        ("ivan@chat.example.org/bot", "judy@example.org/vim", 3.9e5, 37, 90, 86000),
        ("judy@example.org/vim", "mallory@example.net/y", 2.1e5, 43, 60, 1200),
        ("mallory@example.net/y", "niaj@example.com/z", 1.3e5, 59, 30, 330),
        ("niaj@example.com/z", "olivia@example.org/q", 7.2e4, 67, 10, 47),
        ("olivia@example.org/q", "niaj@example.com/z", 3.1e4, 23, 5, 2700),
        (f"{HOSTILE}/<script>alert(2)</script>", f"{'long' * 100}@evil.example/\u202egpj.exe",
         3.1e6, 41, 1, 95))
    return [Flow(requester, target, base, period, now - days * DAY, now - age,
                 limit=1_000_000 if i == 3 else 0, name=f"sessions/01JD{i:022d}")
            for i, (requester, target, base, period, days, age) in enumerate(people)]


class Filter:
    """Enough of AIP-160 for the page: comparisons, AND, OR (which binds tighter), parentheses."""

    FIELDS = ("name", "kind", "requester", "target", "domain", "bytes", "rate", "age_seconds",
              "idle_seconds")
    TOKEN = re.compile(
        r'\s*(?:([()])|(AND|OR)\b|(\w+)\s*(=|:|<=|>=|<|>)\s*("(?:[^"\\]|\\.)*"|[^\s()]+)|(\S+))')

    def __init__(self, text):
        self.tokens = [found.groups() for found in self.TOKEN.finditer(text) if found[0].strip()]
        for found in self.TOKEN.finditer(text):
            if found[3] and found[3] not in self.FIELDS or found[6]:
                raise Refusal(400, "INVALID_ARGUMENT",
                              f'column {found.start() + 1}: unknown field "{found[3] or found[6]}"',
                              [{"reason": "bad-filter"}])

    def matches(self, row):
        self.rest = list(self.tokens)
        return not self.rest or self.all_of(row)

    def all_of(self, row):
        result = self.one_of(row)
        while self.rest and self.rest[0][0] != ")":
            if self.rest[0][1] == "AND":
                self.rest.pop(0)
            result = self.one_of(row) and result
        return result

    def one_of(self, row):
        result = self.single(row)
        while self.rest and self.rest[0][1] == "OR":
            self.rest.pop(0)
            result = self.single(row) or result
        return result

    def single(self, row):
        bracket, _, name, operator, wanted, _ = self.rest.pop(0)
        if bracket == "(":
            result = self.all_of(row)
            self.rest.pop(0)
            return result
        if wanted.startswith('"'):
            wanted = re.sub(r"\\(.)", r"\1", wanted[1:-1])
        value = row[name]
        if operator == ":":
            return wanted == "*" or wanted in str(value)
        if operator == "=":
            return str(value) == wanted
        number = float(wanted.rstrip("kMG")) * {"k": 1e3, "M": 1e6, "G": 1e9}.get(wanted[-1], 1)
        return {"<": value < number, ">": value > number,
                "<=": value <= number, ">=": value >= number}[operator]


class Api:
    """The methods that the page calls. One thread at a time."""

    def __init__(self, now):
        self.flows = flows_of(now)
        self.start_time = now - 3 * DAY - 4321
        self.upstream_state = "UPSTREAM_STATE_ATTACHED"
        self.is_storing = True
        self.has_turn = True

    def running(self):
        return [flow for flow in self.flows if flow.end == math.inf]

    def rates(self, flows, now):
        second = math.floor(now)
        over = lambda span: uint64(  # noqa: E731
            sum(flow.moved(second - span, second) for flow in flows) // span)
        return message(lastSecondBytesPerSecond=over(1), tenSecondsBytesPerSecond=over(10),
                       minuteBytesPerSecond=over(60))

    def group(self, flows, now, key=""):
        return message(
            key=key, totalBytes=uint64(sum(flow.moved(self.start_time, now) for flow in flows)),
            sessionCount=uint64(sum(flow.end == math.inf for flow in flows)),
            rates=self.rates(flows, now))

    # NodeService

    def get_node(self, _request, _now, _role):
        return {"node": message(
            version="0.2.0", state="NODE_STATE_SERVING", startTime=moment(self.start_time),
            shardCount=2, sessionCount=uint64(len(self.running())), pendingConnectionCount="3",
            descriptorCount="71", descriptorLimit="20000", residentBytes=uint64(23_500_000),
            listenAddresses=["0.0.0.0:7777", "[::]:7777"],
            streamhosts=["bellhop.example.org:7777"])}

    def get_caller(self, _request, _now, role):
        return {"identity": "page", "access": role}

    # BandwidthService

    def get_bandwidth(self, request, now, _role):
        return message(time=moment(now), total=self.group(self.flows, now))

    def groups(self, group_by):
        key_of = {"GROUP_BY_KIND": lambda flow: flow.kind, "GROUP_BY_JID": lambda flow: flow.jid,
                  "GROUP_BY_DOMAIN": lambda flow: flow.domain}.get(group_by, lambda flow: "")
        result = {}
        for flow in self.flows:
            result.setdefault(key_of(flow), []).append(flow)
        return result

    def query_history(self, request, now, _role):
        end = seconds_of(request["endTime"]) if "endTime" in request else now
        start = seconds_of(request["startTime"]) if "startTime" in request else end - 900
        finest = next((step for age, step in TIERS if start >= now - age - 1), HOUR)
        if start < self.start_time:
            finest = max(finest, 60)  # of earlier runs there are minutes
        wanted = float(request.get("step", "1s").rstrip("s"))
        step = math.ceil(max(wanted, (end - start) / 1000) / finest) * finest
        by_jid = request.get("groupBy") == "GROUP_BY_JID"
        series = [self.series(key, flows, start, min(end, now), step, by_jid)
                  for key, flows in self.groups(request.get("groupBy", "")).items()]
        series.sort(key=lambda one: -sum(int(point["bytes"]) for point in one["points"]))
        return {"series": series[:HEAVY_JIDS] if by_jid else series, "step": f"{step}s"}

    def series(self, key, flows, start, end, step, by_jid):
        points = []
        for begin in range(math.ceil(start / step) * step, math.ceil(end), step):
            until = min(begin + step, end)
            moved = sum(flow.moved(begin, until) for flow in flows)
            if by_jid or step == 1:
                peak = 0 if by_jid else moved
            else:
                peak = min(moved, sum(flow.peak(begin, until) for flow in flows))
            if moved:
                points.append(message(
                    time=moment(begin), bytes=uint64(moved + (moved // 200 if by_jid else 0)),
                    errorBytes=uint64(moved // 200 if by_jid else 0),
                    peakBytesPerSecond=uint64(peak),
                    sessionCount=uint64(0 if by_jid else len(flows))))
        return message(key=key) | {"points": points}

    def list_top_talkers(self, request, now, _role):
        window = float(request.get("window", "3600s").rstrip("s"))
        found = [(sum(flow.moved(now - window, now) for flow in flows), key)
                 for key, flows in self.groups(request.get("groupBy", "GROUP_BY_JID")).items()]
        total = sum(moved for moved, _ in found)
        error = total // 4096
        found = sorted(found, reverse=True)[:request.get("pageSize") or 10]
        return message(totalBytes=uint64(total), errorBytesMax=uint64(error), talkers=[
            message(key=key, bytes=uint64(moved + i * error // 10),
                    errorBytes=uint64(i * error // 10))
            for i, (moved, key) in enumerate(found)])

    # SessionService

    def session(self, flow, now):
        moved = flow.moved(flow.session_begin, now)
        return message(
            name=flow.name, kind=flow.kind, state="SESSION_STATE_ACTIVE",
            requester=flow.requester, target=flow.target, domain=flow.domain,
            firstEndpoint="192.0.2.7:40112", secondEndpoint="198.51.100.9:51230",
            createTime=moment(flow.session_begin), lastProgressTime=moment(now),
            firstToSecondBytes=uint64(moved - moved // 100),
            secondToFirstBytes=uint64(moved // 100), rates=self.rates([flow], now),
            limitBytesPerSecond=uint64(flow.limit))

    def list_sessions(self, request, now, _role):
        chosen = Filter(request.get("filter", ""))
        rows = []
        for flow in self.running():
            row = {"name": flow.name, "kind": flow.kind, "requester": flow.requester,
                   "target": flow.target, "domain": flow.domain, "idle_seconds": 0,
                   "bytes": flow.moved(flow.session_begin, now),
                   "rate": flow.moved(now - 10, now) / 10, "create_time": flow.session_begin,
                   "age_seconds": now - flow.session_begin}
            if chosen.matches(row):
                rows.append((row, flow))
        key, _, direction = request.get("orderBy", "").partition(" ")
        rows.sort(key=lambda pair: pair[0][key or "create_time"], reverse=direction == "desc")
        size = request.get("pageSize") or 100
        return message(
            sessions=[self.session(flow, now) for _, flow in rows[:size]],
            nextPageToken="more" if len(rows) > size and not key else "",
            totalSize=uint64(len(self.running())))

    def end_session(self, request, now, role):
        if role != "ACCESS_FULL":
            raise Refusal(403, "PERMISSION_DENIED", "EndSession needs the full role")
        for flow in self.running():
            if flow.name == request.get("name"):
                flow.end = now
                ended = self.session(flow, now)
                return {"session": ended | {"state": "SESSION_STATE_ENDED", "endReason": "ended"}}
        raise Refusal(404, "NOT_FOUND", "no such session runs")

    # UpstreamService, PolicyService

    def list_upstreams(self, _request, _now, _role):
        since = moment(self.start_time + 60)
        return {"upstreams": [
            message(name="upstreams/bellhop.example.org", jid="bellhop.example.org",
                    server="127.0.0.1:5347", state=self.upstream_state, stateTime=since,
                    lastError="connection refused"),
            message(name="upstreams/proxy.example.net", jid="proxy.example.net",
                    server="xmpp.example.net:5347", state="UPSTREAM_STATE_REFUSED",
                    stateTime=since, isEncrypted=True,
                    lastError="the server refused the handshake: <b>not-authorized</b>")]}

    def list_quotas(self, _request, now, _role):
        today, month = now - now % DAY, now - 20 * DAY
        result = []
        for subject, daily, monthly, count in (
                ("domain:example.org", 2_000_000_000_000, 40_000_000_000_000, 50),
                ("jid:dave@example.net", 60_000_000_000, 5_000_000_000_000, 1),
                ("jid:alice@example.org", 10**11, 0, 0), ("jid:*", 10**12, 0, 20)):
            name = subject.partition(":")[2]
            flows = [flow for flow in self.flows if name in (flow.jid, flow.domain)]
            usage = message(
                dailyBytes=uint64(sum(flow.moved(today, now) for flow in flows)),
                storedBytes=uint64(61_000_000_000 if name.startswith("alice") else 0),
                storedFileCount=uint64(812 if name.startswith("alice") else 0),
                monthlyBytes=uint64(sum(flow.moved(month, now) for flow in flows)),
                sessionCount=sum(flow.end == math.inf for flow in flows))
            result.append(message(
                name=f"quotas/{subject}", subject=subject, dailyBytes=uint64(daily),
                monthlyBytes=uint64(monthly), sessionCount=count,
                storedBytes=uint64(10**11 if name.startswith("alice") else 0),
                storedFileCount=uint64(10_000 if name.startswith("alice") else 0),
                fileBytes=uint64(2**30 if name == "*" else 0),
                origin={"source": "file" if name == "*" else "runtime"},
                usage=None if name == "*" else usage))
        return {"quotas": result}

    def get_storage(self, request, _now, _role):
        if not self.is_storing:
            return {}
        owners = [("alice@example.org", 812, 61_000_000_000), (HOSTILE, 3, 9_000_000_000),
                  ("bob@example.org", 40, 800_000_000)]
        return message(
            sizeBytes=uint64(72_000_000_000), fileCount=uint64(861),
            expectedBytes=uint64(1_200_000_000), expectedFileCount=uint64(6),
            diskFreeBytes=uint64(201_000_000_000), diskReserveBytes=uint64(1_000_000_000),
            ownerCount=uint64(5), isOffered=True,
            largestOwners=[message(owner=owner, fileCount=uint64(files), sizeBytes=uint64(size))
                           for owner, files, size in owners[:request.get("ownerCount", 10)]])

    def get_turn(self, _request, now, _role):
        if not self.has_turn:
            return {}
        relays = [message(address=address, localAddress=local, freePortCount=free,
                          portCount=16384)
                  for address, local, free in (("203.0.113.7", "10.0.0.2", 1_200),
                                               ("2001:db8::7", "2001:db8::7", 16_384))]
        # 50 packets a second each way for every allocation.
        return {"turn": message(
            isOpen=True, listenAddresses=["0.0.0.0:3478", "[::]:3478"],
            services=["stun:turn.example.org:3478", "turn:turn.example.org:3478?transport=udp"],
            relays=relays, allocationCount=40, allocationLimit=10_000, channelCount=2,
            connectionCount=3, packetCount=uint64(int((now - self.start_time) * 4_000)),
            droppedPacketCount=uint64(12), kernelDroppedPacketCount=uint64(7),
            refusalCount=uint64(1_234))}

    def list_rate_limits(self, _request, _now, _role):
        return {"rateLimits": [
            message(name=f"rateLimits/{subject}", subject=subject,
                    bytesPerSecond=uint64(speed), origin={"source": source})
            for subject, speed, source in (("total", 125_000_000, "file"),
                                           ("jid:*", 20_000_000, "default"),
                                           (f"jid:{HOSTILE}", 65_536, "runtime"))]}


METHODS = {
    "NodeService/GetNode": Api.get_node, "NodeService/GetCaller": Api.get_caller,
    "BandwidthService/GetBandwidth": Api.get_bandwidth,
    "BandwidthService/QueryHistory": Api.query_history,
    "BandwidthService/ListTopTalkers": Api.list_top_talkers,
    "SessionService/ListSessions": Api.list_sessions,
    "SessionService/EndSession": Api.end_session,
    "UpstreamService/ListUpstreams": Api.list_upstreams,
    "FileService/GetStorage": Api.get_storage,
    "TurnService/GetTurn": Api.get_turn,
    "PolicyService/ListQuotas": Api.list_quotas,
    "PolicyService/ListRateLimits": Api.list_rate_limits,
}


@dataclass
class Call:
    """One request to the API, as it came."""
    method: str
    request: dict
    token: str | None


class StandIn:
    """The server, in threads of its own. `calls` grows with each request to the API."""

    def __init__(self, port=0):
        self.api = Api(time.time())
        self.calls = []
        self.news = threading.Condition()
        self.is_down = False        # connections are closed without an answer
        self.needs_token = False
        self.refusals = {}          # method -> Refusal
        self.tokens = dict(ROLES)
        server = http.server.ThreadingHTTPServer
        self.server = server(("127.0.0.1", port), self.handler())
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/"
        self.thread = threading.Thread(target=self.server.serve_forever, daemon=True)
        self.thread.start()

    def stop(self):
        self.server.shutdown()
        self.server.server_close()

    def wait_for(self, wanted, seconds=10, first=None):
        """Waits until a call for which `wanted` is true has come, counting from `first` or from
        now on; None if none did."""
        with self.news:
            first = len(self.calls) if first is None else first
            found = lambda: next(  # noqa: E731
                (call for call in self.calls[first:] if wanted(call)), None)
            self.news.wait_for(found, seconds)
            return found()

    def answer(self, method, headers, body):
        """Status and answer of one request; checks what the daemon checks."""
        if headers.get("Content-Type") != "application/json" or headers.get("X-Bellhop") != "1":
            return 403, {"code": "PERMISSION_DENIED", "message": "not from the page"}
        token = (headers.get("Authorization") or "").removeprefix("Bearer ") or None
        with self.news:
            try:
                request = json.loads(body or "{}")
                self.calls.append(Call(method, request, token))
                self.news.notify_all()
                if token not in self.tokens or (token is None and self.needs_token):
                    raise Refusal(401, "UNAUTHENTICATED", "the token is not good")
                if method in self.refusals:
                    raise self.refusals[method]
                if method not in METHODS:
                    raise Refusal(404, "UNIMPLEMENTED", f"no method {method}")
                return 200, METHODS[method](self.api, request, time.time(), self.tokens[token])
            except Refusal as refusal:
                return refusal.status, refusal.body

    def handler(stand_in):
        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_):
                pass

            def handle(self):
                with contextlib.suppress(ConnectionResetError):  # a tab was closed
                    super().handle()

            def reply(self, status, content_type, body):
                self.send_response(status)
                self.send_header("Content-Type", content_type)
                self.send_header("Content-Length", str(len(body)))
                self.send_header("Content-Security-Policy", CSP)
                self.send_header("X-Content-Type-Options", "nosniff")
                self.send_header("Cache-Control", "no-store")
                # A page that has gone, or wants something else by now, does not read.
                with contextlib.suppress(BrokenPipeError, ConnectionResetError):
                    self.end_headers()
                    self.wfile.write(body)

            def is_cut(self):
                if stand_in.is_down:
                    self.close_connection = True
                return stand_in.is_down

            def do_GET(self):
                path = PAGE / (self.path.partition("?")[0].lstrip("/") or "index.html")
                if self.is_cut():
                    return
                if path.is_file() and path.resolve().is_relative_to(PAGE):
                    self.reply(200, TYPES.get(path.suffix, TYPES[""]), path.read_bytes())
                else:
                    self.reply(404, TYPES[""], b"not found\n")

            def do_POST(self):
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                if self.is_cut():
                    return
                method = self.path.removeprefix("/api/v1/")
                status, answer = stand_in.answer(method, self.headers, body)
                self.reply(status, "application/json", json.dumps(answer).encode())

        return Handler


if __name__ == "__main__":
    STAND_IN = StandIn(int(sys.argv[1]) if len(sys.argv) > 1 else 0)
    print(f"{STAND_IN.url}#token=full", flush=True)
    try:
        STAND_IN.thread.join()
    except KeyboardInterrupt:
        STAND_IN.stop()
