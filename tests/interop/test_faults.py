"""What happens when something goes wrong: servers that restart, clients that vanish, floods."""

import asyncio
import hashlib
import os
import secrets
import signal
import socket
import tempfile

from harness import (COMPONENT, PLAIN_COMPONENT, QUICK_RECONNECT, Attached, on_both_servers,
                     on_servers, raise_file_limit)
from xmpp_client import Socks5

SILENT = 10_000  # connections that say nothing
SPARE_FILES = 16  # one stream and the pipes that may be kept for the next one
SETTLED_KIB = 1024  # what may stay of a flood in pools and tables


@on_both_servers
class Faults(Attached):
    # CMP-07, CMP-08, CMP-12
    async def test_a_server_crash_does_not_touch_a_running_stream(self):
        bellhop = self.start_bellhop(config={"component_stream": QUICK_RECONNECT})
        alice, bob = await self.alice_and_bob()
        stream = await self.open_stream(alice, bob)
        await self.assert_carries(*stream)
        self.server.kill()
        bellhop.wait_event("component_lost")
        await self.assert_carries(*stream)
        self.server.start()
        bellhop.wait_event("component_attached", count=2)
        await self.assert_carries(*stream)
        alice, bob = await self.alice_and_bob()
        await self.assert_carries(*await self.open_stream(alice, bob))

    # CMP-07
    async def test_an_orderly_server_restart_is_survived(self):
        bellhop = self.start_bellhop(config={"component_stream": QUICK_RECONNECT})
        self.server.restart()
        bellhop.wait_event("component_attached", count=2)
        alice, bob = await self.alice_and_bob()
        await self.assert_carries(*await self.open_stream(alice, bob))

    async def test_bellhop_may_start_before_the_server(self):
        self.server.end_process()
        bellhop = self.start_bellhop(config={"component_stream": QUICK_RECONNECT},
                                     wait_for="listening")
        self.server.start()
        bellhop.wait_event("component_attached")

    # CMP-06, CMP-16
    async def test_a_wrong_secret_is_said_in_one_line_and_tried_again_later(self):
        wrong = "wrong-" + secrets.token_hex(8)
        bellhop = self.start_bellhop(secret=wrong, wait_for="listening")
        refused = bellhop.wait_event("component_refused")
        self.assertEqual(refused["condition"], "not-authorized")
        self.assertEqual(refused["component"], COMPONENT)
        self.assertTrue(refused["reason"])
        self.assertNotIn(wrong, bellhop.log_text())
        self.assertTrue(bellhop.is_running())
        # The next attempt comes after 30 s: until the end of this test there is only this line.
        self.assertEqual(bellhop.end_process(), 0)
        self.assertEqual(len(bellhop.events("component_refused")), 1)

    # CMP-06
    async def test_a_refused_component_comes_back_when_the_server_is_put_right(self):
        bellhop = self.start_bellhop(
            jid="nobody.localhost", wait_for="listening",
            config={"component_stream": {"refused_delay": "1s"}})
        bellhop.wait_event("component_refused", count=2)
        self.assertTrue(bellhop.is_running())

    # CMP-06
    async def test_an_unknown_host_is_said_in_one_line(self):
        bellhop = self.start_bellhop(jid="nobody.localhost", wait_for="listening")
        refused = bellhop.wait_event("component_refused")
        self.assertEqual(refused["component"], "nobody.localhost")
        expected = {"prosody": "host-unknown", "ejabberd": "not-authorized"}
        self.assertEqual(refused["condition"], expected[self.kind])
        self.assertTrue(refused["reason"])

    async def test_sigterm_lets_a_running_transfer_end(self):
        bellhop = self.start_bellhop(config={"runtime": {"drain_timeout": "20s"}})
        alice, bob = await self.alice_and_bob()
        requester_end, target_end = await self.open_stream(alice, bob)
        await self.assert_carries(requester_end, target_end)
        bellhop.signal(signal.SIGTERM)
        bellhop.wait_event("stopping")
        with self.assertRaises((ConnectionError, OSError)):
            await Socks5.connected(bellhop.port, "a" * 40)
        await self.assert_carries(requester_end, target_end)
        requester_end.finish_sending()
        self.assertEqual(await target_end.receive_all(), b"")
        target_end.close()
        self.assertEqual(bellhop.wait(5), 0)
        self.assertEqual(bellhop.events("stopped")[0]["dropped"], "0")

    async def test_sigterm_drops_what_is_left_when_the_time_is_up_and_says_so(self):
        bellhop = self.start_bellhop(config={"runtime": {"drain_timeout": "1s"}})
        alice, bob = await self.alice_and_bob()
        requester_end, target_end = await self.open_stream(alice, bob)
        bellhop.signal(signal.SIGTERM)
        self.assertTrue(await requester_end.ends())
        self.assertTrue(await target_end.ends())
        self.assertEqual(bellhop.wait(5), 0)
        self.assertEqual(bellhop.events("stopped")[0]["dropped"], "1")
        self.assertEqual(len(bellhop.events("session_ended", requester=alice.jid)), 1)

    # S5B-33
    async def test_a_client_that_vanishes_takes_its_peer_along(self):
        bellhop = self.start_bellhop()
        alice, bob = await self.alice_and_bob()
        for end in (0, 1):
            stream = await self.open_stream(alice, bob)
            await self.assert_carries(*stream, size=1000)
            stream[end].reset()
            self.assertTrue(await stream[1 - end].ends())
            session = bellhop.wait_event("session_ended", count=end + 1)
            self.assertEqual((session["bytes_from_first"], session["bytes_from_second"]),
                             ("1000", "1000"))
            self.assertTrue(session["reason"])

    # S5B-31
    async def test_a_client_that_stops_reading_holds_up_its_own_sender_only(self):
        bellhop = self.start_bellhop()
        alice, bob = await self.alice_and_bob()
        requester_end, target_end = await self.open_stream(alice, bob, receive_buffer=65536)
        other = await self.open_stream(alice, bob)
        await self.assert_carries(*other)
        before = bellhop.memory_kib()
        chunk = os.urandom(1 << 20)
        sent = await self.fill(requester_end, chunk)
        # Sockets hold some MiB in the kernel; a proxy that queues would take everything.
        self.assertLess(sent, 64 << 20)
        self.assertLess(bellhop.memory_kib() - before, 2048)
        await self.assert_carries(*other)

        requester_end.finish_sending()
        expected = hashlib.sha256()
        for offset in range(0, sent, len(chunk)):
            expected.update(chunk[:min(len(chunk), sent - offset)])
        received = await target_end.receive_all()
        self.assertEqual(len(received), sent)
        self.assertEqual(hashlib.sha256(received).digest(), expected.digest())

    @staticmethod
    async def fill(connection, chunk):
        """Sends chunk after chunk until nothing goes any more for a second; bytes sent."""
        loop = asyncio.get_running_loop()
        sent = 0
        while sent < (80 << 20):
            try:
                sent += connection.socket.send(chunk[sent % len(chunk):])
            except BlockingIOError:
                writable = asyncio.Event()
                loop.add_writer(connection.socket, writable.set)
                try:
                    await asyncio.wait_for(writable.wait(), 1)
                except asyncio.TimeoutError:
                    break
                finally:
                    loop.remove_writer(connection.socket)
        return sent

    async def test_streams_leave_no_descriptors_behind(self):
        bellhop = self.start_bellhop()
        alice, bob = await self.alice_and_bob()
        await self.close_all([await self.open_stream(alice, bob) for _ in range(20)])
        await self.eventually("the first streams end",
                              lambda: len(bellhop.events("session_ended")) == 20)
        files = bellhop.fd_count()
        for round_number in range(2, 5):
            streams = [await self.open_stream(alice, bob) for _ in range(20)]
            await asyncio.gather(*(self.assert_carries(*stream, 10_000) for stream in streams))
            await self.close_all(streams)
            await self.eventually("the streams end", lambda: len(
                bellhop.events("session_ended")) == 20 * round_number)
        await self.eventually("no descriptor stays", lambda: bellhop.fd_count() <= files + 4)

    @staticmethod
    async def close_all(streams):
        for stream in streams:
            for end in stream:
                end.close()

    # What the unit's Type=notify waits for.
    async def test_it_tells_the_service_manager_that_it_is_ready_and_that_it_stops(self):
        folder = self.enterContext(tempfile.TemporaryDirectory())
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
            manager.bind(f"{folder}/notify")
            manager.settimeout(10)
            bellhop = self.start_bellhop(environment={"NOTIFY_SOCKET": f"{folder}/notify"})
            self.assertIn(b"READY=1", manager.recv(4096).split(b"\n"))
            self.assertTrue(bellhop.events("listener_bound"))
            bellhop.signal(signal.SIGTERM)
            self.assertIn(b"STOPPING=1", manager.recv(4096).split(b"\n"))
            self.assertEqual(bellhop.wait(5), 0)

    async def test_an_unusable_secret_file_is_a_clear_end(self):
        bellhop = self.start_bellhop(wait_for="started", config={
            "component": {"secret_file": "no-such-file"}})
        self.assertNotEqual(bellhop.wait(5), 0)
        self.assertIn("no-such-file", bellhop.log_text())


# ejabberd accepts a second connection for the same name, so there is no conflict to see.
@on_servers("prosody")
class NameTaken(Attached):
    # CMP-06
    async def test_a_taken_name_is_said_in_one_line_and_the_first_holder_works(self):
        self.start_bellhop(jid=PLAIN_COMPONENT)
        second = self.start_bellhop(jid=PLAIN_COMPONENT, wait_for="listening")
        refused = second.wait_event("component_refused")
        self.assertEqual(refused["condition"], "conflict")
        self.assertTrue(refused["reason"])
        alice = await self.client("alice")
        self.assertEqual((await alice.ask_address(PLAIN_COMPONENT)).kind, "result")


# What a flood of connections does has nothing to do with the XMPP server: one is enough.
@on_servers("prosody")
class Flood(Attached):
    # S5B-34, S5B-35
    async def test_10000_silent_connections_disturb_nobody_and_leave_nothing(self):
        limit = raise_file_limit(SILENT + 1000)
        if limit < SILENT + 1000:
            self.skipTest(f"only {limit} open files are allowed here")
        bellhop = self.start_bellhop(config={
            "proxy": {"handshake_timeout": "12s", "activation_timeout": "12s"}})
        alice, bob = await self.alice_and_bob()
        await self.assert_carries(*await self.open_stream(alice, bob))
        files, memory = bellhop.fd_count(), bellhop.memory_kib()

        # The deadlines end the first flood, the clients the second one.
        for ended_by in ("deadlines", "clients"):
            flood = await self.flood(bellhop)
            if ended_by == "deadlines":
                await self.assert_carries(*await self.open_stream(alice, bob), size=16 << 20)
                await self.flood_ends(bellhop, files + SPARE_FILES)
            for connection in flood:
                connection.close()
            await self.flood_ends(bellhop, files + SPARE_FILES)
            await self.eventually("the memory is given back",
                                  lambda: bellhop.memory_kib() < memory + SETTLED_KIB)
        await self.assert_carries(*await self.open_stream(alice, bob))

    # S5B-15, S5B-35
    async def test_silent_connections_do_not_lock_out_their_own_address(self):
        bellhop = self.start_bellhop(config={"proxy": {"pending_per_address_max": 20}})
        alice, bob = await self.alice_and_bob()
        for _ in range(40):
            connection = Socks5(bellhop.port)
            self.addCleanup(connection.close)
            await connection.connect()
        await self.assert_carries(*await self.open_stream(alice, bob))

    async def flood(self, bellhop):
        """Opens 10,000 connections: most say nothing, some greet, some wait for a partner."""
        files = bellhop.fd_count()
        connections = []
        for number in range(SILENT):
            # Below the cap of unactivated connections for one address.
            connection = Socks5(bellhop.port, source=f"127.0.1.{1 + number // 500}")
            self.addCleanup(connection.close)
            await connection.connect()
            if number % 4 == 1:
                await connection.send(b"\x05\x01\x00")
            elif number % 4 == 2:
                await connection.send(b"\x05\x01\x00" + Socks5.request_bytes(secrets.token_hex(20)))
            connections.append(connection)
        await self.eventually("all connections are accepted",
                              lambda: bellhop.fd_count() >= files + SILENT)
        return connections

    async def flood_ends(self, bellhop, files):
        await self.eventually("the descriptors are free again",
                              lambda: bellhop.fd_count() <= files, timeout=30)
