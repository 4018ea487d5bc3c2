"""The lines in deploy/attach by which a server hands out credentials for Bellhop's TURN: real
servers take them as they are, and what clients get was made with the shared secret."""

import base64
import datetime
import hmac
import re
import time
import unittest

from harness import ACCOUNTS, ROOT, Attached, on_both_servers
from servers import Ejabberd, Prosody
from xmpp_client import XmppClient

SECRET = "a-turn-secret-of-the-tests"
LIFETIME = 12 * 3600
SERVICES = [("stun", "udp", "192.0.2.1", "3478"), ("turn", "udp", "192.0.2.1", "3478"),
            ("turn", "tcp", "192.0.2.1", "3478"), ("turns", "tcp", "turn.example.org", "5349")]
# mod_turn_external has one switch for TCP.
MORE_SERVICES = {"prosody": [("stun", "tcp", "192.0.2.1", "3478")], "ejabberd": []}
NAMESPACES = {"prosody": ("urn:xmpp:extdisco:1", "urn:xmpp:extdisco:2"),
              "ejabberd": ("urn:xmpp:extdisco:2",)}
LOCAL_ACCOUNTS = {user: password for user, password in ACCOUNTS.items() if "@" not in user}


def turn_snippet(file_name):
    """The text of a snippet with the test's secret in it."""
    text = (ROOT / "deploy" / "attach" / file_name).read_text()
    if "change-me-16-bytes" not in text:
        raise AssertionError(f"{file_name} no longer contains its placeholder")
    return text.replace("change-me-16-bytes", SECRET)


def make_prosody():
    # One host, so that the lines stand right below it.
    return Prosody(accounts=LOCAL_ACCOUNTS, lines=turn_snippet("prosody-turn.cfg.lua"))


def make_ejabberd():
    return Ejabberd(accounts=LOCAL_ACCOUNTS, modules=turn_snippet("ejabberd-turn.yml"))


SERVERS = {"prosody": make_prosody, "ejabberd": make_ejabberd}


@on_both_servers
class TurnAttach(Attached):
    @classmethod
    def setUpClass(cls):
        cls.server = SERVERS[cls.kind]()
        cls.addClassCleanup(cls.server.stop)
        cls.server.start()

    async def ask(self, payload):
        """The services in the server's answer to alice, each a dict of its attributes."""
        client = await self.enterAsyncContext(XmppClient(self.server, "alice"))
        answer = await client.iq("get", self.server.host, payload)
        self.assertEqual(answer.kind, "result", answer)
        namespace = re.search(r"xmlns='([^']+)'", payload)[1]
        return [dict(each.attrib) for each in answer.find_all(namespace, "service")]

    def assert_credentials_open_turn(self, service):
        """EXD-02, TURN-A11: what Bellhop checks a message by."""
        expiry = int(service["username"].partition(":")[0])
        self.assertLess(abs(expiry - time.time() - LIFETIME), 60)
        digest = hmac.new(SECRET.encode(), service["username"].encode(), "sha1").digest()
        self.assertEqual(service["password"], base64.b64encode(digest).decode())
        if "expires" in service:
            told = datetime.datetime.fromisoformat(service["expires"].replace("Z", "+00:00"))
            self.assertEqual(int(told.timestamp()), expiry)

    # EXD-09
    async def test_the_server_hands_out_credentials_that_the_shared_secret_makes(self):
        services = await self.ask("<services xmlns='urn:xmpp:extdisco:2'/>")
        found = [(each["type"], each["transport"], each["host"], each["port"])
                 for each in services]
        self.assertEqual(sorted(found), sorted(SERVICES + MORE_SERVICES[self.kind]))
        for service in services:
            if service["type"] == "stun":
                self.assertNotIn("password", service)
            else:
                self.assert_credentials_open_turn(service)

    # EXD-07, EXD-09
    async def test_the_server_names_the_turn_service_that_clients_take_first(self):
        for namespace in NAMESPACES[self.kind]:
            services = await self.ask(f"<services xmlns='{namespace}' type='turn'/>")
            self.assertEqual([each["transport"] for each in services], ["udp", "tcp"], namespace)
            for service in services:
                self.assertEqual(service["type"], "turn")
                self.assert_credentials_open_turn(service)


if __name__ == "__main__":
    unittest.main()
