"""`bellhopctl doctor` against real servers: what it says when all is well, and of each trouble that
it is meant to find."""

import asyncio
import json
import pathlib

from harness import COMPONENT, SECRET, Attached, binary, on_both_servers, on_servers
from servers import LOOPBACK, Bellhop, Ejabberd, Prosody, free_port

CHECKS = ["upstream.attached", "ports.bound", "discovery.listed", "discovery.answers",
          "discovery.rival", "address.public", "address.resolves", "address.reaches", "proxy.loop",
          "upload.address", "upload.loop", "upload.room", "limits.descriptors",
          "limits.buffers", "storage.works"]
EXIT_OK = 0
EXIT_CHECK_FAILED = 6


class Doctored(Attached):
    """A Bellhop for each test, and what doctor says of it."""

    async def ctl(self, *words):
        """What a command of bellhopctl prints, and its exit status."""
        program = pathlib.Path(binary()).parent / "ctl" / "bellhopctl"
        process = await asyncio.create_subprocess_exec(
            program, "--address", f"unix:{self.bellhop.admin_socket}", "-o", "json", *words,
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE)
        out, err = await asyncio.wait_for(process.communicate(), timeout=60)
        self.last_status = process.returncode
        self.assertEqual(err, b"")
        return out.decode(), process.returncode

    async def doctor(self, *checks):
        """The results by id, and the exit status."""
        out, status = await self.ctl("doctor", *checks)
        results = {}
        for line in out.splitlines():
            result = json.loads(line)
            results[result["id"]] = result
            self.assertLess(float(result["duration"].rstrip("s")), 5.0, result)
            self.assertTrue(result["summary"].endswith("."), result)
        return results, status

    def assert_outcome(self, result, status, text, fix=None):
        """How a check ended, and words that its sentence must have."""
        self.assertEqual(result["status"], f"CHECK_STATUS_{status}", result)
        self.assertIn(text, result["summary"])
        if status in ("FAILED", "WARNING"):
            self.assertIn(fix or "", result["fix"])
        else:
            self.assertEqual(result.get("fix", ""), "")


@on_both_servers
class Doctor(Doctored):
    async def test_doctor_finds_nothing_wrong_with_a_bellhop_that_works(self):
        # Few, so that the limit of files is high enough wherever the tests run.
        self.start_bellhop(config={"proxy": {"connections_max": 500}})
        results, status = await self.doctor()
        self.assertEqual(list(results), CHECKS)
        # The tests run on loopback, so this one is right to complain.
        self.assert_outcome(results.pop("address.public"), "WARNING", LOOPBACK, "[public] host")
        results.pop("limits.buffers")  # depends on the machine's kernel settings
        for check in ("address", "loop", "room"):
            self.assert_outcome(results.pop(f"upload.{check}"), "SKIPPED", "offers uploads")
        for result in results.values():
            self.assertEqual(result["status"], "CHECK_STATUS_PASSED", result)
        self.assertEqual(status, EXIT_OK)
        self.assertIn("localhost lists", results["discovery.listed"]["summary"])
        self.assertIn("4 MiB came through", results["proxy.loop"]["summary"])
        # The loop was a session like any other, and nothing of it is left.
        (ended,) = self.bellhop.events("session_ended", since_start=True)
        self.assertEqual((ended["requester"], ended["target"]), (COMPONENT, COMPONENT))
        results, status = await self.doctor("upstream.attached", "proxy.loop")
        self.assertEqual(list(results), ["upstream.attached", "proxy.loop"])
        self.assertEqual(status, EXIT_OK)

    async def test_doctor_tells_when_the_server_is_away(self):
        self.start_bellhop()
        port, self.bellhop.server_port = self.bellhop.server_port, free_port()
        self.bellhop.wait_for = "listening"
        self.bellhop.restart()
        self.bellhop.server_port = port
        self.bellhop.wait_event("started", since_start=True)
        results, status = await self.doctor()
        self.assert_outcome(results["upstream.attached"], "FAILED", COMPONENT)
        for check in ("listed", "answers", "rival"):
            self.assert_outcome(results[f"discovery.{check}"], "SKIPPED", "not attached")
        # What does not need the server works.
        self.assert_outcome(results["proxy.loop"], "PASSED", "4 MiB")
        self.assertEqual(status, EXIT_CHECK_FAILED)


@on_servers("prosody")
class DoctorOfAddresses(Doctored):
    """How the XMPP server behaves plays no part: one is enough."""

    async def test_doctor_finds_a_name_without_an_address(self):
        self.start_bellhop(config={"public": {"host": "nothing.invalid"}})
        results, status = await self.doctor()
        self.assert_outcome(results["address.resolves"], "FAILED", "nothing.invalid", "A or AAAA")
        self.assert_outcome(results["address.reaches"], "WARNING", "nothing.invalid")
        # Through the listener instead.
        self.assert_outcome(results["proxy.loop"], "PASSED", f"{LOOPBACK}:{self.bellhop.port}")
        self.assertEqual(status, EXIT_CHECK_FAILED)

    async def test_doctor_finds_an_advertised_port_that_nobody_listens_on(self):
        closed = free_port()
        self.start_bellhop(config={"proxy": {"streamhosts": [f"{LOOPBACK}:{closed}"]}})
        results, status = await self.doctor("address.reaches")
        self.assert_outcome(results["address.reaches"], "FAILED", f"{LOOPBACK}:{closed}",
                            "proxy.listen")
        self.assertEqual(status, EXIT_CHECK_FAILED)

    async def test_doctor_finds_another_proxy_behind_the_advertised_address(self):
        other = Bellhop(binary(), free_port(), wait_for="listening")
        self.addCleanup(other.stop)
        other.start()
        self.start_bellhop(config={"proxy": {"streamhosts": [f"{LOOPBACK}:{other.port}"]}})
        results, status = await self.doctor("address.reaches", "proxy.loop")
        self.assert_outcome(results["address.reaches"], "FAILED", f"{LOOPBACK}:{other.port}",
                            "listens there")
        self.assert_outcome(results["proxy.loop"], "FAILED", "did not relay", "another machine")
        self.assertEqual(status, EXIT_CHECK_FAILED)

    async def test_doctor_waits_for_nothing_that_stays_silent(self):
        silent = await asyncio.start_server(lambda *_: asyncio.sleep(3600), LOOPBACK, 0)
        port = silent.sockets[0].getsockname()[1]
        self.addCleanup(silent.close)
        self.start_bellhop(config={"proxy": {"streamhosts": [f"{LOOPBACK}:{port}"]}})
        results, _ = await self.doctor("address.reaches", "proxy.loop")
        self.assert_outcome(results["address.reaches"], "FAILED", "no answer came in time")
        self.assert_outcome(results["proxy.loop"], "PASSED", f"{LOOPBACK}:{self.bellhop.port}")

    async def test_doctor_tells_a_slow_loop_from_a_broken_one(self):
        self.start_bellhop()
        _, status = await self.ctl("policy", "rate", "set", "total", "64Ki")
        self.assertEqual(status, EXIT_OK)
        results, status = await self.doctor("proxy.loop")
        self.assert_outcome(results["proxy.loop"], "WARNING", "bytes came through", "rate limit")
        self.assertEqual(status, EXIT_OK)

    async def test_doctor_tells_that_bellhop_drains(self):
        self.start_bellhop()
        _, status = await self.ctl("drain", "--no-wait")
        self.assertEqual(status, EXIT_OK)
        results, status = await self.doctor("ports.bound", "proxy.loop")
        self.assert_outcome(results["ports.bound"], "FAILED", "draining", "undrain")
        self.assert_outcome(results["proxy.loop"], "FAILED", "did not relay")
        self.assertEqual(status, EXIT_CHECK_FAILED)


class OtherServers(Doctored):
    """A server of each test's own."""

    @classmethod
    def setUpClass(cls):
        super(Attached, cls).setUpClass()

    def start_server(self, server):
        self.addCleanup(server.stop)
        self.server = server.start()


@on_servers("prosody")
class DoctorOfDiscovery(OtherServers):
    async def test_doctor_names_the_proxy_of_prosody_that_is_still_on(self):
        await self.expect_rival(Prosody)

    async def test_doctor_names_the_proxy_of_ejabberd_that_is_still_on(self):
        await self.expect_rival(Ejabberd)

    async def expect_rival(self, kind):
        self.start_server(kind(components={COMPONENT: SECRET}, proxy65=True, proxy65_open=True))
        self.start_bellhop()
        results, status = await self.doctor("discovery.rival")
        self.assert_outcome(results["discovery.rival"], "WARNING", "proxy.localhost", "proxy65")
        self.assertEqual(status, EXIT_OK)

    async def test_doctor_finds_that_the_server_does_not_list_the_component(self):
        jid = "bellhop.elsewhere.example"
        self.start_server(Prosody(components={jid: SECRET}))
        self.start_bellhop(jid=jid, config={"component": {"parent_domain": "localhost"}})
        results, status = await self.doctor()
        self.assert_outcome(results["discovery.listed"], "FAILED", jid, "disco_items")
        self.assert_outcome(results["discovery.answers"], "PASSED", jid)
        self.assertEqual(status, EXIT_CHECK_FAILED)
