"""The web page of a Bellhop that relays real streams: what tests/web asks of it against a stand-in
is asked again, as far as it can be."""

import asyncio
import os
import pathlib
import re
import sys

from harness import ROOT, on_servers
from test_admin import AdminAttached

CHROMIUM = pathlib.Path("/usr/bin/chromium")
SECONDS_MAX = 110


@on_servers("prosody")
class Page(AdminAttached):
    async def test_page_shows_streams_that_flow(self):
        if not os.access(CHROMIUM, os.X_OK):
            self.skipTest(f"{CHROMIUM} is not installed")
        alice, bob = await self.alice_and_bob()
        for _ in range(3):
            self.pour(await self.open_stream(alice, bob))
        # A browser that shares two cores with streams at full speed is too slow to be looked at.
        await self.admin.call("SetRateLimit",
                              rate_limit={"subject": "total", "bytes_per_second": 8 << 20})
        link = await self.admin.call("CreatePageLink")
        address, token = re.fullmatch(r"(http://[^/]+)/#token=(\S+)", link.url).groups()
        process = await asyncio.create_subprocess_exec(
            sys.executable, ROOT / "tests" / "web" / "run", "--only", "page",
            env={**os.environ, "BASE_URL": address, "TOKEN": token},
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT)
        out, _ = await asyncio.wait_for(process.communicate(), SECONDS_MAX)
        text = out.decode()
        self.assertEqual(process.returncode, 0, text)
        passed, failed = re.search(r"^(\d+) passed, (\d+) failed", text, re.M).groups()
        self.assertEqual(failed, "0", text)
        self.assertGreaterEqual(int(passed), 10, text)
        for name in ("both charts are drawn", "the head says how bellhop is",
                     "a session is ended after a question"):
            self.assertIn(f"PASS page: {name}", text)
