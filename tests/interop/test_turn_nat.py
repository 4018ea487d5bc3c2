"""Two clients behind two NATs that cannot meet, and Bellhop on a public address between them: a
network in namespaces of the kernel, ICE by aioice."""

import asyncio
import json
import random
import re
import unittest

from turn_harness import (PORT_BLOCKS, RELAYED_PORTS, TURN_SECRET, aioice, write_secret)
from harness import COMPONENT, ROOT, SECRET, binary
from net_lab import RELAY, NetLab, why_not
from servers import Bellhop, free_port
from turn_wire import credentials

PARTY = ROOT / "tests" / "support" / "ice_party.py"
ANSWER_TIMEOUT = 60  # seconds
STUN_PORT = 3478
DATAGRAMS = 100  # that each party sends
RETRIES = 6  # of a STUN request, as RFC 8489 has it
FEW_RETRIES = 2  # so that a session without a path fails within seconds


class BellhopInside(Bellhop):
    """A bellhopd that runs in a namespace."""

    def __init__(self, namespace, *args, **options):
        super().__init__(*args, **options)
        self.namespace = namespace

    def _command(self):
        return self.namespace.inside(*super()._command())


class Party:
    """An aioice client in a namespace."""

    def __init__(self, process):
        self.process = process

    @classmethod
    async def start(cls, namespace, log):
        with open(log, "ab") as output:
            return cls(await asyncio.create_subprocess_exec(
                *namespace.inside("/usr/bin/python3", PARTY), stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE, stderr=output))

    def tell(self, **fields):
        self.process.stdin.write(json.dumps(fields).encode() + b"\n")

    async def hear(self):
        line = await asyncio.wait_for(self.process.stdout.readline(), ANSWER_TIMEOUT)
        if not line:
            raise ConnectionError("the ICE client has ended")
        return json.loads(line)

    async def stop(self):
        if self.process.returncode is None:
            self.process.kill()
        await self.process.wait()


@unittest.skipUnless(aioice, "python3-aioice is not installed")
class BehindNat(unittest.IsolatedAsyncioTestCase):
    async def asyncSetUp(self):
        asyncio.get_running_loop().set_debug(False)
        await asyncio.sleep(0)  # the debug mode ends with the step in which it is switched off
        if reason := why_not():
            self.skipTest(reason)
        self.lab = NetLab()
        self.addCleanup(self.lab.close)
        first = random.choice(PORT_BLOCKS)
        self.bellhop = BellhopInside(
            self.lab.relay, binary(), free_port(), jid=COMPONENT, secret=SECRET,
            wait_for="started", config={
                "component": {"services": ["turn"]}, "public": {"host": RELAY},
                "runtime": {"drain_timeout": "100ms"},
                # Nothing is allowed that is not by default: the relayed addresses are public.
                "turn": {"listen": [f"{RELAY}:{STUN_PORT}"], "realm": "localhost",
                         "port_min": first, "port_max": first + RELAYED_PORTS - 1,
                         "secret_files": ["turn.secret"]}})
        self.addCleanup(self.bellhop.stop)
        write_secret(self.bellhop)
        self.bellhop.start()
        self.bellhop.wait_event("started")

    async def session(self, has_turn):
        """What both sides found, and what became of their session."""
        parties = []
        for namespace in self.lab.clients:
            parties.append(await Party.start(namespace, self.bellhop.folder / "ice.log"))
            self.addAsyncCleanup(parties[-1].stop)
        server = [RELAY, STUN_PORT]
        for name, party in zip(("alice", "bob"), parties):
            party.tell(controlling=name == "alice", stun=server, turn=server if has_turn else None,
                       user=credentials(TURN_SECRET, name),
                       retries=RETRIES if has_turn else FEW_RETRIES)
        offers = await asyncio.gather(*(party.hear() for party in parties))
        for party, offer in zip(parties, reversed(offers)):
            party.tell(**offer)
        results = await asyncio.gather(*(party.hear() for party in parties))
        for party in parties:
            party.tell()
        return offers, results

    @staticmethod
    def types(offer):
        return set(re.findall(r"typ (\w+)", " ".join(offer["candidates"])))

    # STN-02
    async def test_without_the_relay_the_two_do_not_meet(self):
        offers, results = await self.session(has_turn=False)
        for offer, number in zip(offers, (2, 3)):
            # Bellhop tells each what its NAT made of it.
            self.assertEqual(self.types(offer), {"host", "srflx"})
            self.assertIn(f"45.10.0.{number} ", " ".join(offer["candidates"]))
        self.assertEqual([result["connected"] for result in results], [False, False])

    # TURN-D07, TURN-D09, TURN-D10, TURN-P03
    async def test_two_clients_behind_nat_meet_through_the_relay_only(self):
        offers, results = await self.session(has_turn=True)
        for offer, result in zip(offers, results):
            self.assertEqual(self.types(offer), {"host", "srflx", "relay"})
            self.assertTrue(result["connected"], results)
            self.assertIn("relay", (result["local"], result["remote"]))
            self.assertEqual(result["received"], DATAGRAMS)
        carried = 0
        for name in ("alice", "bob"):
            ended = self.bellhop.wait_event("session_ended", requester=f"turn-{name}@localhost")
            carried += int(ended["bytes_from_first"]) + int(ended["bytes_from_second"])
        self.assertGreater(carried, 2 * DATAGRAMS)


if __name__ == "__main__":
    unittest.main()
