"""What the log gives away: nothing that opens anything."""

import re

from harness import SECRET, STRANGER, Attached, on_both_servers
from xmpp_client import Socks5, dst_addr

HASH = re.compile(r"(?<![0-9a-f])[0-9a-f]{40}(?![0-9a-f])", re.I)


@on_both_servers
class Log(Attached):
    async def scenario(self, level):
        """A transfer and a few refusals at this log level; the hashes the clients used."""
        self.start_bellhop(config={"log": {"level": level}})
        alice, bob = await self.alice_and_bob()
        eve = await self.client(STRANGER)
        hashes = set()
        for requester in (alice, eve):
            sid = self.new_sid()
            hash40 = dst_addr(sid, requester.jid, bob.jid)
            hashes.add(hash40)
            target_end, requester_end = await self.socks(hash40), await self.socks(hash40)
            with Socks5(self.bellhop.port) as third:
                await third.connect()
                await third.send(b"\x05\x01\x00" + Socks5.request_bytes(hash40))
                await third.receive_exactly(49)
            answer = await requester.activate(self.bellhop.jid, sid, bob.jid)
            if answer.kind == "result":
                await self.assert_carries(requester_end, target_end, 1000)
            target_end.close()
            requester_end.close()
        await alice.activate(self.bellhop.jid, "unknown", bob.jid)
        self.bellhop.wait_event("session_ended")
        self.assertEqual(self.bellhop.end_process(), 0)
        return hashes

    # CMP-16: the handshake digest is a hash nobody else knows, so any other hash would be it.
    async def test_a_debug_log_holds_neither_secret_nor_digest(self):
        hashes = await self.scenario("debug")
        text = self.bellhop.log_text()
        self.assertIn("session_ended", text)
        self.assertNotIn(SECRET, text)
        found = {match.lower() for match in HASH.findall(text)}
        self.assertEqual(found - hashes, set())

    # S5B-39
    async def test_an_info_log_holds_no_hash_at_all(self):
        await self.scenario("info")
        text = self.bellhop.log_text()
        self.assertIn("session_ended", text)
        self.assertNotIn(SECRET, text)
        self.assertEqual(HASH.findall(text), [])
