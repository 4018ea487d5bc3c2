"""`bellhopctl doctor` against real servers: what it says when all is well, and of each trouble that
it is meant to find."""

import asyncio
import json
import pathlib

from harness import COMPONENT, SECRET, Attached, binary, on_both_servers, on_servers
from servers import LOOPBACK, Bellhop, Ejabberd, Prosody, free_port

CHECKS = ["upstream.attached", "ports.bound", "discovery.listed", "discovery.answers",
          "discovery.rival", "address.public", "address.resolves", "address.reaches", "proxy.loop",
          "upload.address", "upload.loop", "upload.room", "turn.address", "turn.loop",
          "turn.credentials", "limits.descriptors",
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
        for check in ("address", "loop", "credentials"):
            self.assert_outcome(results.pop(f"turn.{check}"), "SKIPPED", "offers TURN")
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


TURN_SECRET = "a-turn-secret-of-the-tests"


def with_turn(port):
    """A configuration whose component offers TURN at `port`."""
    return {"component": {"services": ["proxy", "turn"]},
            "turn": {"listen": [f"{LOOPBACK}:{port}"], "relay_addresses": [LOOPBACK],
                     "secret_files": ["turn.secret"]}}


class Relaying:
    """A Bellhop that has the secret of the tests."""

    def start_bellhop(self, **options):
        bellhop = Bellhop(binary(), self.server, jid=COMPONENT, secret=SECRET, **options)
        self.addCleanup(bellhop.stop)
        self.bellhop = bellhop
        secret = bellhop.folder / "turn.secret"
        secret.touch(mode=0o600)
        secret.write_text(TURN_SECRET + "\n")
        return bellhop.start()


@on_servers("prosody")
class DoctorOfCalls(Relaying, Doctored):
    # TURN-A01, TURN-C01
    async def test_doctor_calls_itself_through_turn_by_udp_and_tcp(self):
        port = free_port()
        self.start_bellhop(config=with_turn(port))
        results, status = await self.doctor("turn.address", "turn.loop")
        for transport in ("udp", "tcp"):
            self.assert_outcome(results["turn.loop"], "PASSED",
                                f"turn:{LOOPBACK}:{port}?transport={transport} in ")
        # The tests run on loopback, so this one is right to complain.
        self.assert_outcome(results["turn.address"], "WARNING", LOOPBACK, "[public] host")
        self.assertEqual(status, EXIT_OK)
        # Allocations are sessions like any other, and nothing of them is left.
        self.bellhop.wait_event("session_ended", kind="turn", count=4)
        out, _ = await self.ctl("turn", "show")
        turn = json.loads(out)["turn"]
        self.assertEqual(turn.get("allocationCount", 0), 0)
        self.assertEqual(int(turn["packetCount"]), 8, "there and back, in and out")

    async def test_doctor_tells_that_turn_is_announced_where_it_cannot_be_tried(self):
        port = free_port()
        nowhere = "192.0.2.7"  # RFC 5737: no machine has it
        config = with_turn(port)
        config["turn"] |= {"listen": [f"0.0.0.0:{port}"], "public_relay_addresses": [nowhere]}
        self.start_bellhop(config=config)
        results, status = await self.doctor("turn.loop")
        self.assert_outcome(results["turn.loop"], "WARNING", nowhere, "forward the port")
        self.assertEqual(status, EXIT_OK)

    async def test_doctor_tells_that_the_relay_drains(self):
        self.start_bellhop(config=with_turn(free_port()))
        await self.ctl("drain", "--no-wait")
        results, status = await self.doctor("turn.loop")
        self.assert_outcome(results["turn.loop"], "FAILED", "refused", "undrain")
        self.assertEqual(status, EXIT_CHECK_FAILED)

    async def test_doctor_is_not_told_by_a_server_that_tells_users_only(self):
        self.start_bellhop(config=with_turn(free_port()))
        results, _ = await self.doctor("turn.credentials")
        self.assertIn(results["turn.credentials"]["status"],
                      ("CHECK_STATUS_SKIPPED", "CHECK_STATUS_WARNING"))

    async def test_credentials_by_the_admin_api_are_a_users_and_end_with_a_rule(self):
        self.start_bellhop(config=with_turn(free_port()))
        out, status = await self.ctl("turn", "credentials", "alice@localhost", "--ttl", "10m")
        self.assertEqual(status, EXIT_OK)
        made = json.loads(out)
        self.assertEqual(made["realm"], "localhost")
        self.assertNotIn("alice", made["username"])
        (audited,) = self.bellhop.events("admin_change", method="TurnService/CreateTurnCredentials")
        self.assertIn("alice@localhost", audited["request"])
        self.assertNotIn(made["password"], self.bellhop.log_text())
        out, _ = await self.ctl("explain", "alice@localhost", "--kind", "turn")
        self.assertTrue(json.loads(out)["isAllowed"])
        await self.ctl("--yes", "policy", "access", "set", "alice@localhost", "deny")
        out, _ = await self.ctl("explain", "alice@localhost", "--kind", "turn")
        self.assertEqual(json.loads(out)["reason"], "user-not-allowed")


class OtherServers(Doctored):
    """A server of each test's own."""

    @classmethod
    def setUpClass(cls):
        super(Attached, cls).setUpClass()

    def start_server(self, server):
        self.addCleanup(server.stop)
        self.server = server.start()


@on_servers("prosody")
class DoctorOfCredentials(Relaying, OtherServers):
    """What Prosody tells of TURN, where it lets the component ask."""

    async def judged(self, port, secret=TURN_SECRET, more=""):
        lines = f"""VirtualHost "localhost"
modules_enabled = {{ "turn_external" }}
turn_external_secret = "{secret}"
turn_external_host = "{LOOPBACK}"
turn_external_port = {port}
turn_external_tcp = true
external_service_access = {{ "localhost", "{COMPONENT}" }}
{more}
"""
        self.start_server(Prosody(accounts={"alice": "secret"}, components={COMPONENT: SECRET},
                                  lines=lines))
        self.start_bellhop(config=with_turn(self.port))
        results, _ = await self.doctor("turn.credentials")
        return results["turn.credentials"]

    async def asyncSetUp(self):
        await super().asyncSetUp()
        self.port = free_port()

    # EXD-09, TURN-A11
    async def test_doctor_believes_the_credentials_of_prosody(self):
        self.assert_outcome(await self.judged(self.port), "PASSED", "open this relay")

    async def test_doctor_finds_that_prosody_has_another_secret(self):
        self.assert_outcome(await self.judged(self.port, secret="another-secret-16"), "FAILED",
                            "does not believe", "turn.secret_files")

    async def test_doctor_finds_another_relay(self):
        rival = """external_services = { { type = "turn"; transport = "udp";
          host = "rival.example.org"; port = 3478; secret = "x"; algorithm = "turn" } }"""
        self.assert_outcome(await self.judged(self.port, more=rival), "WARNING",
                            "turn:rival.example.org:3478", "external_services")


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
