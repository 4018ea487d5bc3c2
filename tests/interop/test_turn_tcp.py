"""TCP allocations (RFC 6062) with the client of coturn: real requests, and bytes that come back."""

import os
import re
import shutil
import subprocess
import unittest

from harness import binary
from servers import LOOPBACK, Bellhop, Prosody, free_port, accepts

TURN_JID = "turn.localhost"
SECRET = "s3cret-of-the-turn-tests"
USER, PASSWORD, REALM = "romeo", "romeo-pw", "localhost"
# Of its own, so that neither clients nor peers sit on a relayed port.
RELAY_ADDRESS = "127.0.0.9"
CLIENT = shutil.which("turnutils_uclient")
TIMEOUT = 60  # seconds; a client without answers would stay


class TurnBellhop(Bellhop):
    """bellhopd that relays TCP on loopback."""

    def __init__(self, xmpp, **options):
        self.turn_port = free_port()
        super().__init__(binary(), xmpp, jid=TURN_JID, secret=SECRET, config={
            "component": {"services": ["turn"]},
            "runtime": {"drain_timeout": "1s"},
            "turn": {"listen": [f"{LOOPBACK}:{self.turn_port}"],
                     "relay_addresses": [RELAY_ADDRESS], "allow_peers": ["127.0.0.0/8"],
                     "port_min": 30000, "port_max": 39999, "realm": REALM,
                     "users_file": "users", "secret_files": ["turn-secret"],
                     "tcp_relay": True, **options}})

    def _command(self):
        for name, text in (("users", f"{USER}:{PASSWORD}"), ("turn-secret", SECRET)):
            file = self.folder / name
            file.touch(mode=0o600)
            file.write_text(text + "\n")
        return super()._command()

    def _is_ready(self):
        return super()._is_ready() and accepts(LOOPBACK, self.turn_port)


@unittest.skipUnless(CLIENT, "turnutils_uclient is not installed (package coturn)")
class TurnTcp(unittest.TestCase):
    MESSAGES = 20

    @classmethod
    def setUpClass(cls):
        cls.xmpp = Prosody(components={TURN_JID: SECRET}, log_level="warn")
        cls.addClassCleanup(cls.xmpp.stop)
        cls.xmpp.start()

    def bellhop(self, **options):
        server = TurnBellhop(self.xmpp, **options)
        self.addCleanup(server.stop)
        server.start()
        return server

    def run_client(self, server, *flags):
        """What turnutils_uclient printed; it must end by itself."""
        command = [CLIENT, *flags, "-u", USER, "-w", PASSWORD, "-n", str(self.MESSAGES),
                   "-p", str(server.turn_port), LOOPBACK]
        return subprocess.run(command, timeout=TIMEOUT, text=True, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, env=dict(os.environ), check=False).stdout

    def totals(self, output):
        """(sent, received) messages, by its last line of them."""
        found = re.findall(r"tot_send_msgs=(\d+), tot_recv_msgs=(\d+)", output)
        self.assertTrue(found, output[-2000:])
        return tuple(map(int, found[-1]))

    # TURN-T04, TURN-T07
    def test_clients_of_coturn_reach_each_other_by_connect(self):
        server = self.bellhop()
        sent, received = self.totals(self.run_client(server, "-T", "-m", "2"))
        self.assertGreaterEqual(sent, self.MESSAGES)
        self.assertEqual(received, sent)

    # TURN-T06, TURN-T07
    def test_clients_of_coturn_are_reached_by_peers_that_connect(self):
        server = self.bellhop(threads=2)
        output = self.run_client(server, "-T", "-P", "-m", "2")
        sent, received = self.totals(output)
        self.assertGreaterEqual(sent, self.MESSAGES)
        # It never counts half of what it receives in this mode, against coturn as well.
        self.assertGreaterEqual(received, sent // 2)

    # TURN-T01
    def test_clients_of_coturn_learn_that_tcp_is_off(self):
        server = self.bellhop(tcp_relay=False)
        output = self.run_client(server, "-T", "-m", "1", "-v")
        self.assertRegex(output, r"error 442\b")


if __name__ == "__main__":
    unittest.main()
