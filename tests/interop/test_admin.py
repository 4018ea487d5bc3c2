"""The admin API against a Bellhop that relays real streams: every test is a client of the API and
the users whose bytes it looks at. How the XMPP server behaves plays no part: one is enough."""

import asyncio
import contextlib
import hashlib
import json
import os
import pathlib
import re
import signal
import socket
import sqlite3
import subprocess

import grpc
from google.protobuf import duration_pb2, timestamp_pb2

from admin_client import AdminClient, Http, Refusal, health, reflection, services, v1
from harness import COMPONENT, QUICK_RECONNECT, Attached, on_servers, raise_file_limit
from servers import LOOPBACK, find_program, free_port
from xmpp_client import dst_addr

MIB = 1 << 20
STEADY_SESSIONS = 1000  # run all the time while others come and go
CHURNED_SESSIONS = 5000  # come and go
CHURNERS = 4  # at one time
RATE_TOLERANCE = 0.10  # of a limit
RATE_SETTLES = 2.0  # seconds after which a new limit is kept
SERIES_MAX = 2000  # of one scrape
CONNECTIONS_MAX = 100  # admin.connections_max as it comes
FLOOD = 300
SETTLED_KIB = 2048  # what may stay of a flood in the pools of the library


def seconds(number):
    """A Duration."""
    duration = duration_pb2.Duration()
    duration.FromNanoseconds(int(number * 1e9))
    return duration


class AdminAttached(Attached):
    """A Bellhop for each test, and a client of its admin socket."""

    config = {}

    async def asyncSetUp(self):
        await super().asyncSetUp()
        await asyncio.sleep(0)  # the debug mode ends with the step in which it is switched off
        self.start_bellhop(config=dict(self.config))
        self.admin = self.connect_admin(self.bellhop.admin_socket)
        self.http = Http(self.bellhop.http_port)

    def connect_admin(self, target, credentials=None, **options):
        """A client that lives as long as the test."""
        client = AdminClient(target, credentials, **options)
        self.addAsyncCleanup(client.close)
        return client

    def rewrite_config(self, **sections):
        """Lays sections over the configuration and writes the file, as an operator would."""
        for name, values in sections.items():
            self.bellhop.config[name] = {**self.bellhop.config.get(name, {}), **values}
        self.write_config(self.bellhop.config_text())

    def write_config(self, text):
        # As editors do: nobody ever reads half of a file.
        fresh = self.bellhop.folder / "bellhop.toml.new"
        fresh.write_text(text)
        fresh.rename(self.bellhop.folder / "bellhop.toml")

    async def refusal(self, method, client=None, **fields):
        """The error that this call must be answered with."""
        with self.assertRaises(Refusal) as caught:
            await (client or self.admin).call(method, **fields)
        return caught.exception

    async def running(self, **fields):
        """All running sessions that a filter matches, page after page."""
        sessions, token = [], None
        while token != "":
            page = await self.admin.call("ListSessions", page_token=token, **fields)
            sessions += page.sessions
            token = page.next_page_token
        return sessions

    async def only_session(self):
        sessions = await self.running()
        self.assertEqual(len(sessions), 1)
        return sessions[0]

    async def eventually_is(self, what, check, timeout=10.0):
        """Waits until the coroutine function check() gives something true; that."""
        deadline = asyncio.get_running_loop().time() + timeout
        while not (value := await check()):
            if asyncio.get_running_loop().time() > deadline:
                self.fail(f"{what}: not within {timeout:g} s\n{self.bellhop.log_tail()}")
            await asyncio.sleep(0.02)
        return value

    def background(self, coroutine):
        """A task that ends with the test."""
        task = asyncio.get_running_loop().create_task(coroutine)

        async def end():
            # A wait that has just got what it waited for swallows the cancellation.
            while not task.done():
                task.cancel()
                await asyncio.wait({task}, timeout=0.1)
        self.addAsyncCleanup(end)
        return task

    def pour(self, ends):
        """Sends from the first to the second end as fast as goes; a counter of what arrived."""
        flow = Flow()
        chunk = os.urandom(MIB)

        async def send():
            with contextlib.suppress(OSError):
                while True:
                    await asyncio.get_running_loop().sock_sendall(ends[0].socket, chunk)

        async def receive():
            with contextlib.suppress(OSError):
                while data := await asyncio.get_running_loop().sock_recv(ends[1].socket, MIB):
                    flow.received += len(data)
        self.background(send())
        self.background(receive())
        return flow

    async def assert_rate(self, flow, limit):
        """Within RATE_SETTLES what arrives keeps to a limit, for two seconds."""
        loop = asyncio.get_running_loop()
        deadline = loop.time() + RATE_SETTLES
        # What was in sockets on both sides when the limit came arrives at once.
        while loop.time() < deadline and await flow.rate_over(0.25) > limit * (1 + RATE_TOLERANCE):
            pass
        self.assertAlmostEqual(await flow.rate_over(2), limit, delta=limit * RATE_TOLERANCE)

    async def exchange(self, ends, there, back=0):
        """Carries so many bytes each way."""
        for sender, receiver, size in ((ends[0], ends[1], there), (ends[1], ends[0], back)):
            data = os.urandom(size)
            _, received = await asyncio.gather(sender.send(data), receiver.receive_exactly(size))
            self.assertEqual(hashlib.sha256(received).digest(), hashlib.sha256(data).digest())

    @staticmethod
    def close_all(*streams):
        for stream in streams:
            for end in stream:
                end.close()

    def state_lines(self, name):
        """The complete JSON lines of a file in the state folder."""
        path = self.bellhop.state / name
        text = path.read_text() if path.exists() else ""
        return [json.loads(line) for line in text.splitlines(keepends=True)
                if line.endswith("\n")]

    def accounted(self):
        """{session id: [bytes, is ended]} as the accounting records add up."""
        records = {(row["session"], row["sequence"]): row
                   for row in self.state_lines("accounting.jsonl")}
        sums = {}
        for row in records.values():
            entry = sums.setdefault(row["session"], [0, False])
            entry[0] += row["first_to_second_bytes"] + row["second_to_first_bytes"]
            entry[1] |= row["final"]
        return sums


class Flow:
    """Bytes that have arrived somewhere."""

    def __init__(self):
        self.received = 0

    async def rate_over(self, interval):
        """Bytes per second within the next `interval` seconds."""
        loop = asyncio.get_running_loop()
        began, before = loop.time(), self.received
        await asyncio.sleep(interval)
        return (self.received - before) / (loop.time() - began)

    async def is_faster(self, rate):
        """Whether more than `rate` bytes per second arrive now."""
        return await self.rate_over(0.1) > rate


@on_servers("prosody")
class AdminSessions(AdminAttached):
    async def test_admin_lists_every_session_once_while_others_come_and_go(self):
        if raise_file_limit(2 * STEADY_SESSIONS + 500) < 2 * STEADY_SESSIONS + 500:
            self.skipTest("too few open files are allowed here")
        alice, bob = await self.alice_and_bob()
        for _ in range(STEADY_SESSIONS):
            await self.open_stream(alice, bob)
        names = {session.name for session in await self.running()}
        self.assertEqual(len(names), STEADY_SESSIONS)
        churned = Flow()

        async def churn(requester):
            while True:
                self.close_all(await self.open_stream(requester, bob))
                churned.received += 1
        tasks = [self.background(churn(await self.client("bob", f"churn{number}")))
                 for number in range(CHURNERS)]
        while churned.received < CHURNED_SESSIONS:
            seen = [session.name for session in await self.running(page_size=97)]
            self.assertEqual(len(seen), len(set(seen)), "a session is listed twice")
            self.assertEqual(seen, sorted(seen))
            self.assertLessEqual(names, set(seen), "a session that ran all the time is missing")
            self.assertFalse([task for task in tasks if task.done()])

    async def test_admin_filters_sessions_and_says_what_is_wrong_with_a_filter(self):
        alice, bob = await self.alice_and_bob()
        small, large = await self.open_stream(alice, bob), await self.open_stream(bob, alice)
        await self.exchange(small, 1000)
        await self.exchange(large, 100_000)
        for text, requesters in (
                (f'requester = "{alice.jid}"', [alice.jid]), ("bytes > 50k", [bob.jid]),
                ("bytes > 50k AND requester:alice", []), ("NOT bytes > 50k", [alice.jid]),
                ("domain = localhost", [alice.jid, bob.jid]), ("kind = upload", [])):
            with self.subTest(filter=text):
                found = await self.running(filter=text)
                self.assertEqual([session.requester for session in found], requesters)
        for text in ("sise > 1", "bytes >", "(", "bytes > many", "requester = \"" + "x" * 5000):
            with self.subTest(filter=text[:20]):
                refused = await self.refusal("ListSessions", filter=text)
                self.assertEqual((refused.code, refused.reason, refused.field, refused.domain),
                                 (grpc.StatusCode.INVALID_ARGUMENT, "bad-filter", "filter",
                                  "bellhop"))
        self.assertIn("column 1", (await self.refusal("ListSessions", filter="sise > 1")).message)
        watch = self.admin.watch("WatchSessions", filter="sise > 1")
        with self.assertRaises(Refusal) as caught:
            await watch.next()
        self.assertEqual(caught.exception.reason, "bad-filter")

    async def test_admin_refuses_pages_that_are_none(self):
        alice, bob = await self.alice_and_bob()
        for _ in range(2):
            await self.open_stream(alice, bob)
        page = await self.admin.call("ListSessions", page_size=1)
        self.assertEqual((len(page.sessions), page.total_size), (1, 2))
        self.assertTrue(page.next_page_token)
        for fields, reason, field in (
                ({"page_size": -1}, "bad-argument", "page_size"),
                ({"page_token": "made up"}, "bad-page-token", "page_token"),
                ({"page_token": page.next_page_token, "filter": "bytes > 1"}, "bad-page-token",
                 "page_token"),
                ({"order_by": "colour"}, "bad-argument", "order_by")):
            with self.subTest(fields=fields):
                refused = await self.refusal("ListSessions", **fields)
                self.assertEqual((refused.reason, refused.field), (reason, field))

    async def test_admin_shows_a_session_as_it_is(self):
        alice, bob = await self.alice_and_bob()
        ends = await self.open_stream(alice, bob)
        await self.exchange(ends, 12_345, 777)
        listed = await self.only_session()
        session = (await self.admin.call("GetSession", name=listed.name)).session
        addresses = ["{}:{}".format(*end.socket.getsockname()) for end in ends]
        self.assertEqual((session.kind, session.state, session.requester, session.target,
                          session.domain, session.end_reason),
                         ("socks5", v1.SESSION_STATE_ACTIVE, alice.jid, bob.jid, "localhost", ""))
        # The target came first.
        self.assertEqual([session.first_endpoint, session.second_endpoint], addresses[::-1])
        self.assertEqual((session.first_to_second_bytes, session.second_to_first_bytes,
                          session.dropped_bytes), (777, 12_345, 0))
        self.assertGreaterEqual(session.last_progress_time.ToNanoseconds(),
                                session.create_time.ToNanoseconds())
        self.close_all(ends)
        await self.eventually_is("the session ends", self.none_runs)
        refused = await self.refusal("GetSession", name=session.name)
        self.assertEqual((refused.code, refused.reason), (grpc.StatusCode.NOT_FOUND, "not-found"))
        refused = await self.refusal("GetSession", name="sessions/nonsense")
        self.assertEqual((refused.code, refused.field), (grpc.StatusCode.INVALID_ARGUMENT, "name"))

    async def none_runs(self):
        return not await self.running()

    async def test_admin_watches_sessions_from_a_snapshot_to_their_ends(self):
        alice, bob = await self.alice_and_bob()
        before = await self.open_stream(alice, bob)
        first = (await self.only_session()).name
        watch = self.admin.watch("WatchSessions", interval=seconds(0.2))
        self.assertEqual((await watch.next()).snapshot.name, first)
        self.assertEqual((await watch.next()).WhichOneof("update"), "snapshot_complete")
        after = await self.open_stream(alice, bob)
        begun = (await watch.next()).changed
        self.assertEqual((begun.state, begun.first_to_second_bytes),
                         (v1.SESSION_STATE_ACTIVE, 0))
        self.assertNotEqual(begun.name, first)
        await self.exchange(after, 5000)
        await watch.until(lambda m: m.changed.name == begun.name
                          and m.changed.second_to_first_bytes == 5000)
        await self.exchange(before, 300)
        await watch.until(lambda m: m.changed.name == first
                          and m.changed.second_to_first_bytes == 300)
        self.close_all(after)
        ended = await watch.until(lambda m: m.changed.state == v1.SESSION_STATE_ENDED)
        self.assertEqual((ended.changed.name, ended.changed.second_to_first_bytes),
                         (begun.name, 5000))
        self.assertIn(ended.changed.end_reason, ("completed", "reset"))
        self.close_all(before)
        ended = await watch.until(lambda m: m.changed.state == v1.SESSION_STATE_ENDED)
        self.assertEqual(ended.changed.name, first)

    async def test_admin_tells_of_sessions_rules_and_calls_in_one_stream(self):
        alice, bob = await self.alice_and_bob()
        watch = self.admin.watch("WatchEvents")
        await watch.until(lambda m: m.WhichOneof("update") == "snapshot_complete")
        ends = await self.open_stream(alice, bob)
        await self.admin.call("SetQuota", quota={"subject": "jid:x@localhost", "daily_bytes": 5})
        self.close_all(ends)
        seen = []
        while len(seen) < 4:
            event = (await watch.next()).changed
            seen.append((event.type, event.revision, event))
        self.assertEqual(sorted(kind for kind, _, _ in seen),
                         sorted([v1.EVENT_TYPE_SESSION, v1.EVENT_TYPE_SESSION,
                                 v1.EVENT_TYPE_POLICY, v1.EVENT_TYPE_AUDIT]))
        revisions = [revision for _, revision, _ in seen]
        self.assertEqual(revisions, list(range(revisions[0], revisions[0] + 4)))
        audit = next(event for kind, _, event in seen if kind == v1.EVENT_TYPE_AUDIT).audit
        self.assertEqual((audit.method, audit.result), ("PolicyService/SetQuota", "ok"))

    async def test_admin_snapshots_are_never_behind_the_changes_before_them(self):
        alice, bob = await self.alice_and_bob()
        for _ in range(1500):  # more than is on its way to a reader at one time
            await self.open_stream(alice, bob)
        for method in ("WatchSessions", "WatchEvents"):
            with self.subTest(method=method):
                await self.assert_no_ghosts(method)

    async def assert_no_ghosts(self, method):
        """Sessions end while their snapshot is being sent to a slow reader: none of them may seem
        to run in the end."""
        slow = self.connect_admin(self.bellhop.admin_socket,
                                  **{"http2.bdp_probe": 0, "http2.lookahead_bytes": 65536})
        watch = slow.watch(method)
        alive = set()

        def note(message):
            kind = message.WhichOneof("update")
            if kind not in ("snapshot", "changed"):
                return kind
            value = getattr(message, kind)
            session = value.session if method == "WatchEvents" else value
            if session.state == v1.SESSION_STATE_ACTIVE:
                alive.add(session.name)
            elif session.name:
                alive.discard(session.name)
            return kind
        note(await watch.next())
        ended = await self.admin.call("ListSessions", page_size=100, order_by="create_time desc")
        for session in ended.sessions:
            await self.admin.call("EndSession", name=session.name)
        await watch.until(lambda message: note(message) == "snapshot_complete")
        ghosts = alive & {session.name for session in ended.sessions}
        self.assertEqual(len(ghosts), 0, f"{method}: sessions that have ended seem to run")
        missed = alive ^ {session.name for session in await self.running()}
        self.assertEqual(len(missed), 0, f"{method}: the picture is another one than the list")

    async def test_admin_ends_a_session_and_its_sockets_are_closed(self):
        alice, bob = await self.alice_and_bob()
        ended, other = await self.open_stream(alice, bob), await self.open_stream(bob, alice)
        await self.exchange(ended, 4000)
        session = (await self.running(filter=f'requester = "{alice.jid}"'))[0]
        answer = await self.admin.call("EndSession", name=session.name)
        self.assertEqual((answer.session.name, answer.session.state, answer.session.end_reason,
                          answer.session.second_to_first_bytes),
                         (session.name, v1.SESSION_STATE_ENDED, "ended", 4000))
        for end in ended:
            self.assertTrue(await end.ends())
        await self.exchange(other, 1000)
        self.assertEqual(self.bellhop.wait_event("session_ended")["reason"], "ended")
        refused = await self.refusal("EndSession", name=session.name)
        self.assertEqual(refused.code, grpc.StatusCode.NOT_FOUND)

    async def test_admin_ends_exactly_as_many_sessions_as_expected_or_none(self):
        alice, bob = await self.alice_and_bob()
        streams = [await self.open_stream(alice, bob) for _ in range(5)]
        spared = await self.open_stream(bob, alice)
        wanted = f'requester = "{alice.jid}"'
        counted = await self.admin.call("EndSessions", filter=wanted, validate_only=True)
        self.assertEqual(counted.session_count, 5)
        refused = await self.refusal("EndSessions", filter=wanted, expected_count=4)
        self.assertEqual((refused.code, refused.reason, refused.field),
                         (grpc.StatusCode.FAILED_PRECONDITION, "count-mismatch", "expected_count"))
        refused = await self.refusal("EndSessions")
        self.assertEqual((refused.code, refused.field),
                         (grpc.StatusCode.INVALID_ARGUMENT, "filter"))
        for stream in streams:
            await self.exchange(stream, 10)
        ended = await self.admin.call("EndSessions", filter=wanted, expected_count=5)
        self.assertEqual(ended.session_count, 5)
        for stream in streams:
            for end in stream:
                self.assertTrue(await end.ends())
        await self.exchange(spared, 1000)
        self.assertEqual(len(await self.running()), 1)

    async def test_admin_limits_a_running_session_and_lifts_the_limit(self):
        alice, bob = await self.alice_and_bob()
        flow = self.pour(await self.open_stream(alice, bob))
        await self.eventually("bytes flow", lambda: flow.received > 0)
        name = (await self.only_session()).name
        for limit in (2 * MIB, MIB // 2):
            answer = await self.admin.call(
                "UpdateSession", session={"name": name, "limit_bytes_per_second": limit})
            self.assertEqual(answer.session.limit_bytes_per_second, limit)
            await self.assert_rate(flow, limit)
        await self.admin.call("UpdateSession", session={"name": name})
        await self.eventually_is("the limit is gone", lambda: flow.is_faster(10 * MIB))
        for limit in (1023, (1 << 40) + 1):
            refused = await self.refusal(
                "UpdateSession", session={"name": name, "limit_bytes_per_second": limit})
            self.assertEqual(refused.field, "session.limit_bytes_per_second")
        refused = await self.refusal("UpdateSession", session={"name": name},
                                     update_mask={"paths": ["requester"]})
        self.assertEqual(refused.field, "update_mask")


@on_servers("prosody")
class AdminPolicy(AdminAttached):
    async def test_admin_rate_limit_of_a_jid_holds_for_its_running_sessions_together(self):
        alice, bob = await self.alice_and_bob()
        flows = [self.pour(await self.open_stream(alice, bob)) for _ in range(2)]
        other = self.pour(await self.open_stream(bob, alice))
        await self.eventually("bytes flow", lambda: all(flow.received for flow in flows))
        await self.admin.call("SetRateLimit", rate_limit={
            "subject": "jid:alice@localhost", "bytes_per_second": 2 * MIB})
        await self.eventually_is("the others go on", lambda: other.is_faster(10 * MIB))
        both = SumOf(flows)
        await self.assert_rate(both, 2 * MIB)
        before = [flow.received for flow in flows]
        await both.rate_over(1)
        for flow, received in zip(flows, before):
            self.assertGreater(flow.received - received, MIB // 4, "a session gets nothing")
        await self.admin.call("DeleteRateLimit", name="rateLimits/jid:alice@localhost")
        await self.eventually_is("the limit is gone", lambda: both.is_faster(10 * MIB))
        refused = await self.refusal("DeleteRateLimit", name="rateLimits/jid:alice@localhost")
        self.assertEqual(refused.code, grpc.StatusCode.NOT_FOUND)

    async def test_admin_deny_rule_ends_sessions_and_refuses_new_ones_until_deleted(self):
        alice, bob = await self.alice_and_bob()
        denied, other = await self.open_stream(alice, bob), await self.open_stream(bob, alice)
        rule = {"subject": "jid:alice@localhost", "action": v1.RULE_ACTION_DENY,
                "comment": "too much"}
        tried = await self.admin.call("SetAccessRule", access_rule=rule, validate_only=True)
        self.assertEqual(tried.ended_session_count, 1)
        await self.exchange(denied, 1000)
        answer = await self.admin.call("SetAccessRule", access_rule=rule)
        self.assertEqual(answer.ended_session_count, 1)
        self.assertEqual(answer.access_rule.origin.source, "runtime")
        for end in denied:
            self.assertTrue(await end.ends())
        self.assertEqual(self.bellhop.wait_event("session_ended")["reason"], "policy")
        self.assertEqual((await alice.ask_address(COMPONENT)).condition, "forbidden")
        self.assertEqual(await self.activation_error(alice, bob), ("forbidden", "auth"))
        why = await self.admin.call("ExplainAccess", jid=alice.jid)
        self.assertEqual((why.is_allowed, why.reason), (False, "user-not-allowed"))
        await self.exchange(other, 1000)
        await self.admin.call("DeleteAccessRule", name=answer.access_rule.name)
        await self.exchange(await self.open_stream(alice, bob), 1000)

    async def test_admin_rule_expires_by_itself(self):
        alice, bob = await self.alice_and_bob()
        expires = timestamp_pb2.Timestamp()
        expires.GetCurrentTime()
        expires.seconds += 2
        await self.admin.call("SetAccessRule", access_rule={
            "subject": "domain:localhost", "action": v1.RULE_ACTION_DENY, "expire_time": expires})
        self.assertEqual(await self.activation_error(alice, bob), ("forbidden", "auth"))

        async def is_allowed():
            return (await self.admin.call("ExplainAccess", jid=alice.jid)).is_allowed
        await self.eventually_is("the rule expires", is_allowed)
        await self.exchange(await self.open_stream(alice, bob), 1000)

        async def is_gone():
            rules = (await self.admin.call("ListAccessRules")).access_rules
            return all(rule.origin.source != "runtime" for rule in rules)
        await self.eventually_is("the rule is removed", is_gone)

    async def activation_error(self, requester, target):
        """(condition, type) of the error that an activation is answered with."""
        sid = self.new_sid()
        hash40 = dst_addr(sid, requester.jid, target.jid)
        ends = await self.socks(hash40), await self.socks(hash40)
        answer = await requester.activate(COMPONENT, sid, target.jid)
        self.close_all(ends)
        return answer.condition, answer.error_type

    async def test_admin_quota_ends_the_session_that_exceeds_it_and_refuses_the_next(self):
        alice, bob = await self.alice_and_bob()
        ends = await self.open_stream(alice, bob)
        await self.exchange(ends, 100_000)
        await self.admin.call("SetQuota", quota={
            "subject": "jid:alice@localhost", "daily_bytes": 300_000})
        await self.exchange(ends, 100_000)
        usage = (await self.admin.call("GetUsage", subject="jid:alice@localhost")).usage
        self.assertEqual((usage.daily_bytes, usage.monthly_bytes, usage.session_count),
                         (200_000, 200_000, 1))
        await self.exchange(ends, 100_000)
        for end in ends:
            self.assertTrue(await end.ends())
        self.assertEqual(self.bellhop.wait_event("session_ended")["reason"], "quota")
        self.assertEqual(await self.activation_error(alice, bob), ("resource-constraint", "wait"))
        why = await self.admin.call("ExplainAccess", jid=alice.jid)
        self.assertEqual((why.is_allowed, why.reason), (False, "bytes-of-jid"))
        step = next(step for step in why.steps if not step.is_passed)
        self.assertEqual((step.check, step.origin.source), ("daily quota of the JID", "runtime"))
        self.assertIn("300000 of 300000", step.detail)
        # Somebody else goes on, and so does she when it is lifted.
        await self.exchange(await self.open_stream(bob, alice), 1000)
        await self.admin.call("DeleteQuota", name="quotas/jid:alice@localhost")
        await self.exchange(await self.open_stream(alice, bob), 1000)

    async def test_admin_rules_and_usage_survive_a_restart_and_a_crash(self):
        alice, bob = await self.alice_and_bob()
        subject = "jid:alice@localhost"
        await self.admin.call("SetQuota", quota={"subject": subject, "daily_bytes": 1_000_000})
        await self.admin.call("SetRateLimit", rate_limit={
            "subject": "jid:bob@localhost", "bytes_per_second": 5000})
        await self.admin.call("SetAccessRule", access_rule={
            "subject": "jid:eve@localhost", "action": v1.RULE_ACTION_DENY, "comment": "why"})
        ends = await self.open_stream(alice, bob)
        await self.exchange(ends, 60_000)
        self.close_all(ends)
        self.assertEqual(self.bellhop.end_process(), 0)
        await self.start_again()
        await self.assert_kept(subject, 60_000)
        ends = await self.open_stream(alice, bob)
        await self.exchange(ends, 30_000)
        # Usage is stored every ten seconds; what is stored is what may not be lost.
        await self.eventually("the usage is stored", lambda: self.stored_usage(subject) >= 90_000,
                              timeout=15)
        self.bellhop.kill()
        await self.start_again()
        await self.assert_kept(subject, 90_000)
        await self.exchange(await self.open_stream(alice, bob), 1000)
        self.assertEqual((await self.admin.call("GetUsage", subject=subject)).usage.daily_bytes,
                         91_000)

    async def start_again(self):
        await self.admin.close()
        self.bellhop.start()
        self.admin = self.connect_admin(self.bellhop.admin_socket)

    async def assert_kept(self, subject, used):
        answer = await self.admin.call("GetUsage", subject=subject)
        self.assertEqual((answer.usage.daily_bytes, answer.quota.daily_bytes), (used, 1_000_000))
        limits = (await self.admin.call("ListRateLimits")).rate_limits
        self.assertEqual([(row.subject, row.bytes_per_second) for row in limits
                          if row.origin.source == "runtime"], [("jid:bob@localhost", 5000)])
        rules = (await self.admin.call("ListAccessRules")).access_rules
        self.assertEqual([(row.subject, row.comment, row.origin.detail) for row in rules
                          if row.origin.source == "runtime"],
                         [("jid:eve@localhost", "why", f"uid:{os.getuid()}")])

    def stored_usage(self, subject):
        with contextlib.closing(sqlite3.connect(self.bellhop.state / "bellhop.db")) as database:
            return database.execute("SELECT coalesce(sum(bytes), 0) FROM usage WHERE subject = ?",
                                    (subject,)).fetchone()[0]

    async def test_admin_refuses_rules_that_are_none(self):
        for method, fields, field in (
                ("SetQuota", {"quota": {"subject": "nobody", "daily_bytes": 1}}, "quota.subject"),
                ("SetRateLimit", {"rate_limit": {"subject": "total", "bytes_per_second": 1023}},
                 "rate_limit.bytes_per_second"),
                ("SetAccessRule", {"access_rule": {"subject": "jid:a@localhost"}},
                 "access_rule.action"),
                ("GetUsage", {"subject": "jid:*"}, "subject"),
                ("ExplainAccess", {"jid": "@@"}, "jid")):
            with self.subTest(method=method):
                refused = await self.refusal(method, **fields)
                self.assertEqual((refused.code, refused.field),
                                 (grpc.StatusCode.INVALID_ARGUMENT, field))


class SumOf(Flow):
    """Several flows as one."""

    def __init__(self, flows):
        self.flows = flows

    @property
    def received(self):
        return sum(flow.received for flow in self.flows)


@on_servers("prosody")
class AdminBandwidth(AdminAttached):
    config = {"monitoring": {"accounting_interval": "1s"}}

    async def test_admin_sums_over_sessions_are_the_total_and_what_the_users_saw(self):
        alice, bob = await self.alice_and_bob()
        plan = [(alice, bob, 100_001, 7), (alice, bob, 1_000_003, 0), (bob, alice, 50_000, 60_000)]
        streams = []
        for requester, target, there, back in plan:
            streams.append(await self.open_stream(requester, target))
            await self.exchange(streams[-1], there, back)
        seen = sum(there + back for _, _, there, back in plan)
        sessions = await self.running()
        moved = {session.name: session.first_to_second_bytes + session.second_to_first_bytes
                 for session in sessions}
        self.assertEqual(sorted(moved.values()), sorted(row[2] + row[3] for row in plan))
        for group_by in (v1.GROUP_BY_KIND, v1.GROUP_BY_DOMAIN, v1.GROUP_BY_JID):
            answer = await self.admin.call("GetBandwidth", group_by=group_by)
            self.assertEqual(answer.total.total_bytes, seen)
            self.assertEqual(sum(group.total_bytes for group in answer.groups), seen)
            self.assertEqual(sum(group.session_count for group in answer.groups), 3)
        self.close_all(streams[1])
        await self.eventually("a session ends",
                              lambda: len(self.bellhop.events("session_ended")) == 1)
        answer = await self.admin.call("GetBandwidth", group_by=v1.GROUP_BY_JID)
        by_jid = {group.key: (group.total_bytes, group.session_count) for group in answer.groups}
        self.assertEqual(by_jid, {"alice@localhost": (1_100_011, 1), "bob@localhost": (110_000, 1)})
        await self.assert_history(seen)
        talkers = await self.admin.call("ListTopTalkers", window=seconds(60))
        self.assertEqual([(row.key, row.bytes, row.error_bytes) for row in talkers.talkers],
                         [("alice@localhost", 1_100_011, 0), ("bob@localhost", 110_000, 0)])
        self.assertEqual(talkers.total_bytes, seen)
        domains = await self.admin.call("ListTopTalkers", group_by=v1.GROUP_BY_DOMAIN)
        self.assertEqual([(row.key, row.bytes) for row in domains.talkers], [("localhost", seen)])

    async def assert_history(self, seen):
        """The past of this test has exactly these bytes, whatever it is grouped by."""
        for fields in ({}, {"group_by": v1.GROUP_BY_KIND}, {"domain": "localhost"},
                       {"group_by": v1.GROUP_BY_JID}, {"step": seconds(60)}):
            with self.subTest(fields=fields):
                end = timestamp_pb2.Timestamp()
                end.GetCurrentTime()
                end.seconds += 1
                answer = await self.admin.call("QueryHistory", end_time=end, **fields)
                self.assertEqual(sum(point.bytes for line in answer.series
                                     for point in line.points), seen)

    async def test_admin_watches_bandwidth(self):
        alice, bob = await self.alice_and_bob()
        watch = self.admin.watch("WatchBandwidth", interval=seconds(0.2),
                                 group_by=v1.GROUP_BY_JID)
        self.assertEqual((await watch.next()).total.total_bytes, 0)
        ends = await self.open_stream(alice, bob)
        await self.exchange(ends, 70_000)
        seen = await watch.until(lambda m: m.total.total_bytes == 70_000)
        self.assertEqual([(group.key, group.session_count) for group in seen.groups],
                         [("alice@localhost", 1)])

    async def test_admin_history_survives_a_restart(self):
        alice, bob = await self.alice_and_bob()
        await self.exchange(await self.open_stream(alice, bob), 123_456)
        await self.admin.call("EndSessions", filter="name:*")
        self.assertEqual(self.bellhop.end_process(), 0)
        await self.admin.close()
        self.bellhop.start()
        self.admin = self.connect_admin(self.bellhop.admin_socket)
        await self.assert_history(123_456)

    async def test_admin_accounting_adds_up_to_the_counters_after_a_stop(self):
        alice, bob = await self.alice_and_bob()
        streams = []
        for number in range(1, 6):
            streams.append(await self.open_stream(alice, bob))
            await self.exchange(streams[-1], 10_000 * number, number)
        # Interim records of one of them at least.
        await self.eventually("a record comes", lambda: self.accounted())
        await self.exchange(streams[0], 5000)
        self.close_all(*streams[:3])
        await self.eventually("the sessions end",
                              lambda: len(self.bellhop.events("session_ended")) == 3)
        total = (await self.admin.call("GetBandwidth")).total.total_bytes
        self.close_all(*streams)
        self.assertEqual(self.bellhop.end_process(), 0)
        ended = {event["session"]: int(event["bytes_from_first"]) + int(event["bytes_from_second"])
                 for event in self.bellhop.events("session_ended")}
        self.assertEqual(self.accounted(), {name: [moved, True] for name, moved in ended.items()})
        self.assertEqual(sum(ended.values()), total)
        self.assertEqual(total, 155_015)

    async def test_admin_accounting_lacks_only_the_running_interval_after_a_crash(self):
        alice, bob = await self.alice_and_bob()
        ended, running = await self.open_stream(alice, bob), await self.open_stream(alice, bob)
        await self.exchange(ended, 40_000)
        await self.exchange(running, 90_000)
        self.close_all(ended)
        await self.eventually("what has moved is recorded", lambda: sorted(
            self.accounted().values()) == [[40_000, True], [90_000, False]])
        await self.exchange(running, 3000)  # within the interval that begins now
        self.bellhop.kill()
        known = self.accounted()
        self.assertIn(sorted(known.values()),
                      ([[40_000, True], [90_000, False]], [[40_000, True], [93_000, False]]))
        self.bellhop.start()
        after = await self.open_stream(alice, bob)
        await self.exchange(after, 2000)
        self.close_all(after)
        self.assertEqual(self.bellhop.end_process(), 0)
        self.assertEqual(len(self.accounted()), 3)
        self.assertEqual({name: self.accounted()[name] for name in known}, known)


@on_servers("prosody")
class AdminNode(AdminAttached):
    config = {"component_stream": QUICK_RECONNECT}

    async def test_admin_writes_who_did_what_to_the_audit_log(self):
        await self.admin.call("ListSessions")  # changes nothing: no line
        await self.admin.call("SetQuota", quota={"subject": "total", "session_count": 7})
        await self.refusal("EndSession", name="sessions/01ARZ3NDEKTSV4RRFFQ69G5FAV")
        rows = [(row["audit"]["identity"], row["audit"]["method"], row["audit"]["result"])
                for row in self.state_lines("audit.jsonl")]
        who = f"uid:{os.getuid()}"
        self.assertEqual(rows, [(who, "PolicyService/SetQuota", "ok"),
                                (who, "SessionService/EndSession", "not-found")])
        request = json.loads(self.state_lines("audit.jsonl")[0]["audit"]["request"])
        self.assertIn("total", json.dumps(request))
        self.assertRegex(self.state_lines("audit.jsonl")[0]["time"], r"^20\d\d-\d\d-\d\dT.*Z$")
        caller = await self.admin.call("GetCaller")
        self.assertEqual((caller.identity, caller.access), (who, v1.ACCESS_FULL))

    async def test_admin_refuses_a_broken_configuration_and_changes_nothing(self):
        before = await self.admin.call("GetConfig")
        good = self.bellhop.config_text()
        broken = good.replace("[proxy]\n", '[proxy]\nidle_timeout = "soon"\nrate_total = "1 MiB"\n')
        line = broken.splitlines().index('idle_timeout = "soon"') + 1
        self.write_config(broken)
        for method, fields in (("ReloadConfig", {}), ("CheckConfig", {"text": broken})):
            answer = await self.admin.call(method, **fields)
            self.assertEqual([(problem.line, bool(problem.message)) for problem in answer.problems],
                             [(line, True)])
            self.assertIn(f":{line}:", answer.problems[0].text)
            self.assertEqual((list(answer.live_changes), list(answer.restart_changes)), ([], []))
        self.assertEqual(await self.admin.call("GetConfig"), before)
        self.bellhop.wait_event("config_refused")
        self.assertNotIn(self.bellhop.secret, str(before))
        self.write_config(good)
        self.assertFalse((await self.admin.call("ReloadConfig")).problems)

    async def test_admin_reloads_a_hundred_times_under_a_transfer_without_a_lost_byte(self):
        alice, bob = await self.alice_and_bob()
        requester_end, target_end = await self.open_stream(alice, bob)
        sent, received = hashlib.sha256(), hashlib.sha256()
        chunk = os.urandom(MIB)
        reloads_done = asyncio.Event()
        moved = Flow()

        async def send():
            while not reloads_done.is_set():
                await requester_end.send(chunk)
                sent.update(chunk)
            requester_end.finish_sending()

        async def receive():
            while data := await target_end.receive(MIB):
                received.update(data)
                moved.received += len(data)

        async def reload():
            for number in range(100):
                self.rewrite_config(proxy={"idle_timeout": f"{number + 60}s"},
                                    access={"deny_jids": [f"x{number}@localhost"]})
                answer = await self.admin.call("ReloadConfig")
                self.assertFalse(answer.problems)
                self.assertEqual(sorted(answer.live_changes),
                                 ["access.deny_jids", "proxy.idle_timeout"])
            reloads_done.set()
        await asyncio.gather(send(), receive(), reload())
        self.assertEqual(received.digest(), sent.digest())
        self.assertGreater(moved.received, MIB)
        option = (await self.admin.call("GetConfig", prefix="proxy.idle_timeout")).options[0]
        self.assertIn("159", option.value)
        self.assertTrue(option.is_live)

    async def test_admin_sighup_reloads(self):
        alice, bob = await self.alice_and_bob()
        ends = await self.open_stream(alice, bob)
        self.rewrite_config(access={"deny_jids": ["alice@localhost"]})
        self.bellhop.signal(signal.SIGHUP)
        self.bellhop.wait_event("config_reloaded")
        for end in ends:
            self.assertTrue(await end.ends())
        self.assertEqual((await alice.ask_address(COMPONENT)).condition, "forbidden")
        why = await self.admin.call("ExplainAccess", jid="alice@localhost")
        origin = next(step.origin for step in why.steps if not step.is_passed)
        self.assertEqual(origin.source, "file")
        self.assertIn("access.deny_jids", origin.detail)

    async def test_admin_log_level_comes_back_after_its_time(self):
        alice = await self.client("alice")
        await self.admin.call("SetLogLevel", level=v1.LOG_LEVEL_TRACE, ttl=seconds(1.5))
        level = await self.admin.call("GetLogLevel")
        self.assertEqual((level.level, level.configured_level),
                         (v1.LOG_LEVEL_TRACE, v1.LOG_LEVEL_INFO))
        self.assertTrue(level.HasField("revert_time"))
        await alice.activate(COMPONENT, "sid", "bob@localhost/raw")
        await self.eventually("details are logged", lambda: any(
            " debug event=request_refused" in line for line in self.bellhop.log_lines()))

        async def is_back():
            level = await self.admin.call("GetLogLevel")
            return level.level == v1.LOG_LEVEL_INFO and not level.HasField("revert_time")
        await self.eventually_is("the level comes back", is_back)
        for fields, field in (({}, "level"), ({"level": v1.LOG_LEVEL_INFO,
                                               "ttl": seconds(8 * 86400)}, "ttl")):
            refused = await self.refusal("SetLogLevel", **fields)
            self.assertEqual(refused.field, field)

    async def test_admin_drains_and_takes_sessions_again(self):
        alice, bob = await self.alice_and_bob()
        ends = await self.open_stream(alice, bob)
        watch = self.admin.watch("DrainNode")
        progress = await watch.next()
        self.assertEqual((progress.session_count, progress.is_done), (1, False))
        node = (await self.admin.call("GetNode")).node
        self.assertEqual((node.state, node.session_count), (v1.NODE_STATE_DRAINING, 1))
        self.assertEqual((await alice.ask_address(COMPONENT)).condition, "not-allowed")
        self.assertEqual((await self.http_ready())[0], 503)
        await self.exchange(ends, 1000)
        self.close_all(ends)
        self.assertTrue((await watch.until(lambda m: m.is_done)).is_done)
        self.assertIsNone(await watch.next())
        node = (await self.admin.call("UndrainNode")).node
        self.assertEqual(node.state, v1.NODE_STATE_SERVING)
        self.assertEqual((await self.http_ready())[0], 200)
        await self.exchange(await self.open_stream(alice, bob), 1000)

    async def http_ready(self):
        return self.http.request("GET", "/readyz")

    async def test_admin_drain_cuts_short_what_exceeds_its_time(self):
        alice, bob = await self.alice_and_bob()
        ends = await self.open_stream(alice, bob)
        last = (await self.admin.watch("DrainNode", timeout=seconds(0.3)).all())[-1]
        self.assertEqual((last.session_count, last.is_done, last.dropped_session_count),
                         (0, True, 1))
        for end in ends:
            self.assertTrue(await end.ends())

    async def test_admin_shuts_down_after_the_last_session(self):
        alice, bob = await self.alice_and_bob()
        ends = await self.open_stream(alice, bob)
        watch = self.admin.watch("ShutdownNode")
        self.assertEqual((await watch.next()).session_count, 1)
        self.assertEqual((await self.admin.call("GetNode")).node.state, v1.NODE_STATE_STOPPING)
        refused = await self.refusal("UndrainNode")
        self.assertEqual(refused.code, grpc.StatusCode.FAILED_PRECONDITION)
        await self.exchange(ends, 1000)
        self.close_all(ends)
        with contextlib.suppress(Refusal):  # the process may be gone before the stream ends
            await watch.all()
        self.assertEqual(self.bellhop.wait(10), 0)
        self.assertEqual(self.bellhop.events("stopped")[0]["dropped"], "0")
        self.assertFalse(self.bellhop.admin_socket.exists())

    async def test_admin_reconnects_an_upstream_and_streams_go_on(self):
        alice, bob = await self.alice_and_bob()
        ends = await self.open_stream(alice, bob)
        upstream = (await self.admin.call("ListUpstreams")).upstreams[0]
        self.assertEqual((upstream.name, upstream.jid, upstream.state, upstream.server),
                         (f"upstreams/{COMPONENT}", COMPONENT, v1.UPSTREAM_STATE_ATTACHED,
                          f"{LOOPBACK}:{self.server.component_port}"))
        await self.admin.call("ReconnectUpstream", name=upstream.name)
        self.bellhop.wait_event("component_attached", count=2)
        await self.exchange(ends, 1000)
        await self.exchange(await self.open_stream(alice, bob), 1000)
        refused = await self.refusal("ReconnectUpstream", name="upstreams/nobody.localhost")
        self.assertEqual(refused.code, grpc.StatusCode.NOT_FOUND)

    async def test_admin_health_tells_each_part(self):
        async def check(part):
            request = health.HealthCheckRequest(service=part)
            return (await self.admin.health.Check(request)).status
        serving, not_serving = (health.HealthCheckResponse.SERVING,
                                health.HealthCheckResponse.NOT_SERVING)
        for part in ("", "bellhop.xmpp", "bellhop.socks5", "bellhop.storage"):
            self.assertEqual(await check(part), serving, part)
        with self.assertRaises(grpc.aio.AioRpcError) as caught:
            await check("bellhop.nothing")
        self.assertEqual(caught.exception.code(), grpc.StatusCode.NOT_FOUND)
        watch = self.admin.health.Watch(health.HealthCheckRequest(service="bellhop.xmpp"))
        self.assertEqual((await asyncio.wait_for(watch.read(), 10)).status, serving)
        self.server.end_process()
        self.assertEqual((await asyncio.wait_for(watch.read(), 10)).status, not_serving)
        self.assertEqual([await check(""), await check("bellhop.socks5")], [not_serving, serving])
        self.server.start()
        self.assertEqual((await asyncio.wait_for(watch.read(), 20)).status, serving)
        await self.admin.watch("DrainNode").all()
        self.assertEqual([await check("bellhop.socks5"), await check("bellhop.xmpp")],
                         [not_serving, serving])

    async def test_admin_reflection_describes_every_service(self):
        async def ask(**fields):
            request = reflection.ServerReflectionRequest(**fields)
            call = self.admin.reflection.ServerReflectionInfo(iter([request]))
            return await asyncio.wait_for(call.read(), 10)
        listed = {row.name for row in
                  (await ask(list_services="")).list_services_response.service}
        self.assertLessEqual({*services(), "grpc.health.v1.Health"}, listed)
        for name in (*services(), "grpc.health.v1.Health"):
            answer = await ask(file_containing_symbol=name)
            self.assertTrue(answer.file_descriptor_response.file_descriptor_proto, name)


@on_servers("prosody")
class AdminAccess(AdminAttached):
    async def test_admin_read_socket_lets_look_and_change_nothing(self):
        self.bellhop.end_process()
        path = self.bellhop.folder / "read.sock"
        self.bellhop.config["admin"] = {"read_socket": str(path)}
        self.bellhop.start()
        alice, bob = await self.alice_and_bob()
        ends = await self.open_stream(alice, bob)
        reader = self.connect_admin(path)
        session = (await reader.call("ListSessions")).sessions[0]
        self.assertEqual((await reader.call("GetCaller")).access, v1.ACCESS_READ)
        for method, fields in (
                ("EndSession", {"name": session.name}), ("EndSessions", {"filter": "name:*"}),
                ("UpdateSession", {"session": {"name": session.name}}),
                ("SetQuota", {"quota": {"subject": "total"}}),
                ("DeleteQuota", {"name": "quotas/total"}), ("ReloadConfig", {}),
                ("SetLogLevel", {"level": v1.LOG_LEVEL_TRACE}), ("UndrainNode", {}),
                ("ReconnectUpstream", {"name": f"upstreams/{COMPONENT}"})):
            with self.subTest(method=method):
                refused = await self.refusal(method, client=reader, **fields)
                self.assertEqual((refused.code, refused.reason),
                                 (grpc.StatusCode.PERMISSION_DENIED, "permission-denied"))
        for method in ("DrainNode", "ShutdownNode"):
            with self.assertRaises(Refusal) as caught:
                await reader.watch(method).next()
            self.assertEqual(caught.exception.code, grpc.StatusCode.PERMISSION_DENIED)
        await self.exchange(ends, 1000)
        results = {row["audit"]["result"] for row in self.state_lines("audit.jsonl")}
        self.assertEqual(results, {"permission-denied"})
        self.assertEqual(self.bellhop.admin_socket.stat().st_mode & 0o777, 0o660)

    async def test_admin_certificates_have_roles_and_are_read_again(self):
        authority = Authority(self.bellhop.folder, "first")
        authority.issue("server", f"IP:{LOOPBACK}")
        port = free_port()
        self.bellhop.end_process()
        self.bellhop.config["admin"] = {
            "listen": [f"{LOOPBACK}:{port}"], "tls_certificate": "server.pem",
            "tls_key": "server.key", "tls_client_ca": "first.pem",
            "full_clients": ["operator.example"], "read_clients": ["viewer.example"]}
        self.bellhop.start()
        target = f"{LOOPBACK}:{port}"

        async def caller(credentials):
            client = self.connect_admin(target, credentials)
            try:
                return await client.call("GetCaller", timeout=5)
            finally:
                await client.close()
        for name, access in (("operator", v1.ACCESS_FULL), ("viewer", v1.ACCESS_READ)):
            who = await caller(authority.client(name))
            self.assertEqual((who.access, who.identity), (access, f"certificate {name}.example"))
        stranger = self.connect_admin(target, authority.client("stranger"))
        refused = await self.refusal("GetCaller", client=stranger)
        self.assertEqual((refused.code, refused.message),
                         (grpc.StatusCode.PERMISSION_DENIED, "this certificate has no role"))
        viewer = self.connect_admin(target, authority.client("viewer"))
        refused = await self.refusal("UndrainNode", client=viewer)
        self.assertEqual(refused.code, grpc.StatusCode.PERMISSION_DENIED)
        other = Authority(self.bellhop.folder, "second")
        for credentials in (authority.without_certificate(),
                            other.client("operator", trusts=authority)):
            with self.assertRaises(Refusal) as caught:
                await caller(credentials)
            self.assertEqual(caught.exception.code, grpc.StatusCode.UNAVAILABLE)
        with self.assertRaises(Refusal):  # no TLS at all
            await caller(None)

        # A new certificate of another authority, into the same files.
        other.issue("server", f"IP:{LOOPBACK}")

        async def is_renewed():
            with contextlib.suppress(Refusal):
                credentials = authority.client("operator", trusts=other)
                return (await caller(credentials)).access == v1.ACCESS_FULL
        await self.eventually_is("the new certificate is used", is_renewed)

    async def test_admin_refuses_an_oversized_message_and_lives_on(self):
        refused = await self.refusal("CheckConfig", text="#" * (5 * MIB))
        self.assertEqual(refused.code, grpc.StatusCode.RESOURCE_EXHAUSTED)
        refused = await self.refusal("CheckConfig", text="#" * (MIB + 1))
        self.assertEqual((refused.code, refused.field), (grpc.StatusCode.INVALID_ARGUMENT, "text"))
        self.assertTrue((await self.admin.call("CheckConfig", text="#" * MIB)).problems)

    async def test_admin_closes_connections_beyond_its_maximum_and_gets_everything_back(self):
        await self.admin.call("GetNode")
        files = self.bellhop.fd_count()
        memory = None
        for _ in range(4):
            flood = [self.raw_connection() for _ in range(FLOOD)]
            await self.eventually("those too many are closed", lambda: self.closed(flood)
                                  == FLOOD - CONNECTIONS_MAX + 1)
            # Whoever is in goes on.
            await self.admin.call("GetNode")
            for connection in flood:
                connection.close()
            await self.eventually("the descriptors are free again",
                                  lambda: self.bellhop.fd_count() <= files + 8)
            memory = memory or self.bellhop.memory_kib()  # with the pools of one flood
        await self.eventually("the memory is given back",
                              lambda: self.bellhop.memory_kib() < memory + SETTLED_KIB)
        await self.connect_admin(self.bellhop.admin_socket).call("GetNode")
        self.assertTrue(self.bellhop.events("admin_refused", reason="connections_max"))

    def raw_connection(self):
        connection = socket.socket(socket.AF_UNIX)
        self.addCleanup(connection.close)
        connection.connect(str(self.bellhop.admin_socket))
        connection.setblocking(False)
        return connection

    @staticmethod
    def closed(connections):
        """How many of them the other side has closed."""
        count = 0
        for connection in connections:
            with contextlib.suppress(BlockingIOError):
                while connection.recv(65536):
                    pass  # what the library greets with
                count += 1
        return count

    async def test_admin_watcher_that_never_reads_slows_nobody_and_is_told_what_it_lost(self):
        alice, bob = await self.alice_and_bob()
        ends = await self.open_stream(alice, bob)
        name = (await self.only_session()).name
        await self.exchange(ends, 16 * MIB)
        alone = await self.seconds_for(ends, 64 * MIB)
        # A library of clients that reads ahead as little as it may.
        sleeper = self.connect_admin(self.bellhop.admin_socket,
                                     **{"http2.bdp_probe": 0, "http2.lookahead_bytes": 65536})
        watch = sleeper.watch("WatchEvents")
        await watch.until(lambda m: m.WhichOneof("update") == "snapshot_complete")

        async def change(count):
            for number in range(count):
                await self.admin.call("UpdateSession", session={
                    "name": name, "limit_bytes_per_second": (1 << 40) - number % 2})

        async def has_lost():
            await change(200)
            # Each call is two events; so many are beyond what all buffers on the way can hold.
            return 2 * len(self.state_lines("audit.jsonl")) > 6000
        await self.eventually_is("events are lost", has_lost, timeout=60)
        beside = await self.seconds_for(ends, 64 * MIB)
        self.assertLess(beside, 3 * alone + 0.5)
        lost = await watch.until(lambda m: m.WhichOneof("update") == "lost", timeout=30)
        self.assertGreater(lost.lost.count, 0)
        self.assertEqual(self.metric("bellhop_admin_watch_lost_total"), lost.lost.count)

    def metric(self, name):
        text = self.http.request("GET", "/metrics")[2]
        return int(re.search(rf"^{name} (\d+)", text, re.M).group(1))

    async def seconds_for(self, ends, size):
        loop = asyncio.get_running_loop()
        began = loop.time()
        data = bytes(MIB)

        async def send():
            for _ in range(size // MIB):
                await ends[0].send(data)

        async def receive():
            left = size
            while left > 0:
                left -= len(await ends[1].receive(MIB))
        await asyncio.gather(send(), receive())
        return loop.time() - began


class Authority:
    """A certification authority of this test's own; everything lies in one folder."""

    def __init__(self, folder, name):
        self.folder = folder
        self.name = name
        self._openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
                      "-nodes", "-days", "2", "-subj", f"/CN={name} authority",
                      "-keyout", f"{name}.key", "-out", f"{name}.pem")

    def _openssl(self, *arguments):
        subprocess.run([find_program("openssl"), *arguments], cwd=self.folder, check=True,
                       stdin=subprocess.DEVNULL, capture_output=True)

    def issue(self, name, alternative):
        """Makes NAME.key and NAME.pem; what is there is replaced, whole files at a time."""
        self._openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                      "-subj", f"/CN={name}", "-addext", f"subjectAltName={alternative}",
                      "-keyout", "new.key", "-out", "new.csr")
        self._openssl("x509", "-req", "-in", "new.csr", "-CA", f"{self.name}.pem",
                      "-CAkey", f"{self.name}.key", "-CAcreateserial", "-days", "2",
                      "-copy_extensions", "copy", "-out", "new.pem")
        for suffix in ("key", "pem"):
            (self.folder / f"new.{suffix}").rename(self.folder / f"{name}.{suffix}")

    def _read(self, file_name):
        return pathlib.Path(self.folder / file_name).read_bytes()

    def client(self, name, trusts=None):
        """Credentials with a certificate for NAME.example of this authority."""
        self.issue(name, f"DNS:{name}.example")
        return grpc.ssl_channel_credentials(self._read(f"{(trusts or self).name}.pem"),
                                            self._read(f"{name}.key"), self._read(f"{name}.pem"))

    def without_certificate(self):
        return grpc.ssl_channel_credentials(self._read(f"{self.name}.pem"))


@on_servers("prosody")
class AdminHttp(AdminAttached):
    async def test_admin_metrics_are_clean_in_both_formats_and_name_no_user(self):
        alice, bob = await self.alice_and_bob()
        ends = await self.open_stream(alice, bob)
        await self.exchange(ends, 54_321)
        await self.exchange(await self.open_stream(bob, alice), 1000)
        await self.admin.call("EndSessions", filter="bytes = 1000")
        for accept, kind in (("", "text/plain"), ("application/openmetrics-text; version=1.0.0",
                                                  "application/openmetrics-text")):
            status, headers, text = self.http.request("GET", "/metrics", Accept=accept)
            self.assertEqual(status, 200)
            self.assertTrue(headers["Content-Type"].startswith(kind), headers["Content-Type"])
            self.assertIn('bellhop_relay_bytes_total{kind="socks5"} 55321\n', text)
            series = [line for line in text.splitlines() if line and not line.startswith("#")]
            self.assertLess(len(series), SERIES_MAX)
            self.assertNotIn("@", text)
            self.assertNotIn("alice", text)
            self.assertEqual(text.endswith("# EOF\n"), kind != "text/plain")
        text = self.http.request("GET", "/metrics")[2]
        checked = subprocess.run([find_program("promtool"), "check", "metrics"], input=text,
                                 text=True, capture_output=True, timeout=30, check=False)
        self.assertEqual((checked.returncode, checked.stdout + checked.stderr), (0, ""))

    async def test_admin_json_asks_for_its_header_and_for_its_own_host(self):
        status, answer = self.http.call("SessionService/ListSessions")
        self.assertEqual((status, answer["totalSize"]), (200, "0"))
        status, answer = self.http.call("SessionService/ListSessions", X_Bellhop=None)
        self.assertEqual((status, answer["details"][0]["reason"]), (403, "permission-denied"))
        for host in ("evil.example", f"evil.example:{self.bellhop.http_port}",
                     f"{LOOPBACK}.evil.example:{self.bellhop.http_port}", f"{LOOPBACK}:1", ""):
            for method, path in (("GET", "/"), ("GET", "/metrics"),
                                 ("POST", "/api/v1/NodeService/GetNode")):
                status, _, text = self.http.request(method, path, Host=host)
                self.assertEqual(status, 421, (host, path, text))
        status, *_ = self.http.request("GET", "/", Host=f"localhost:{self.bellhop.http_port}")
        self.assertEqual(status, 200)
        for name, message, expected in (
                ("SessionService/Nothing", {}, 404), ("../etc/passwd", {}, 404),
                ("SessionService/ListSessions", {"filter": "sise > 1"}, 400),
                ("SessionService/ListSessions", {"colour": "red"}, 400)):
            self.assertEqual(self.http.call(name, message)[0], expected, name)
        status, *_ = self.http.request("POST", "/api/v1/NodeService/GetNode", "{",
                                       Content_Type="application/json", X_Bellhop="1")
        self.assertEqual(status, 400)

    async def test_admin_tokens_carry_the_role_of_who_made_them(self):
        self.bellhop.end_process()
        path = self.bellhop.folder / "read.sock"
        self.bellhop.config["admin"] = {"read_socket": str(path)}
        self.bellhop.start()
        reader = self.connect_admin(path)
        full = await self.token_of(self.connect_admin(self.bellhop.admin_socket))
        read = await self.token_of(reader)
        quota = {"quota": {"subject": "total", "session_count": 5}}
        uid = os.getuid()
        for token, expected in ((None, 403), (read, 403), (full, 200)):
            status, answer = self.http.call("PolicyService/SetQuota", quota, token=token)
            self.assertEqual(status, expected, answer)
        # Role, maker and tag belong together.
        for forged in ("full" + read[4:], full[:-1] + ("0" if full[-1] != "0" else "1"), "x", ""):
            status, *_ = self.http.request(
                "POST", "/api/v1/NodeService/GetNode", "{}", Content_Type="application/json",
                X_Bellhop="1", Authorization=f"Bearer {forged}")
            self.assertEqual(status, 401, forged)
        status, who = self.http.call("NodeService/GetCaller", token=full)
        self.assertEqual((who["identity"], who["access"]), (f"page of uid:{uid}", "ACCESS_FULL"))
        rows = [(row["audit"]["identity"], row["audit"]["result"])
                for row in self.state_lines("audit.jsonl")]
        self.assertEqual(rows, [("loopback", "permission-denied"),
                                (f"page of uid:{uid}", "permission-denied"),
                                (f"page of uid:{uid}", "ok")])
        self.bellhop.restart()
        status, _ = self.http.call("NodeService/GetCaller", token=full)
        self.assertEqual(status, 401)

    async def token_of(self, client):
        url = (await client.call("CreatePageLink")).url
        address, _, token = url.partition("#token=")
        self.assertEqual(address, f"http://{LOOPBACK}:{self.bellhop.http_port}/")
        return token
