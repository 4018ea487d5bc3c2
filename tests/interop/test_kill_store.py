"""A few kills of a store under load; tests/endurance/kill_store does hundreds."""

import random
import sys

from harness import COMPONENT, ROOT, SECRET, Attached, binary, on_servers

sys.path.insert(0, str(ROOT / "tests" / "endurance"))

from kill_run import KillRun  # noqa: E402

KILLS = 10


@on_servers("prosody")
class KilledStore(Attached):
    # HUP-23, HUP-31
    async def test_what_was_acknowledged_survives_ten_kills_under_load(self):
        seed = random.randrange(10**6)
        run = KillRun(binary(), self.server, COMPONENT, SECRET, seed)
        self.addCleanup(run.bellhop.stop)
        with self.subTest(seed=seed):
            counts = await run.run(KILLS)
            self.assertEqual(counts["kills"], KILLS)
            self.assertGreater(counts["changes acknowledged"], KILLS)
