"""Folders over WebDAV as users get them: an account by in-band registration, then files by HTTP."""

import base64

from harness import COMPONENT, on_both_servers
from test_files import Files, fetch
from xmpp_client import NS_DISCO_INFO

NS_REGISTER = "jabber:iq:register"
PASSWORD = "correct horse battery"


def credentials(user, password=PASSWORD):
    return {"Authorization": "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()}


@on_both_servers
class Folders(Files):
    async def register(self, client, user):
        return await client.iq(
            "set", COMPONENT, f"<query xmlns='{NS_REGISTER}'><username>{user}</username>"
            f"<password>{PASSWORD}</password></query>")

    # REG-01, REG-02, REG-03, REG-06, DAV-28
    async def test_an_account_opens_a_folder_and_takes_it_along(self):
        alice = await self.client("alice")
        info = await alice.iq("get", COMPONENT, f"<query xmlns='{NS_DISCO_INFO}'/>")
        features = [feature.get("var") for feature in info.find_all(NS_DISCO_INFO, "feature")]
        self.assertIn(NS_REGISTER, features)
        jid = f"alice@{self.server.host}"
        url = f"http://127.0.0.1:{self.http}/dav/{jid}/a.txt"
        self.assertEqual(fetch("PUT", url, b"hello", credentials(jid))[0], 401)
        self.assertEqual((await self.register(alice, "alice")).kind, "result")
        self.assertEqual(fetch("PUT", url, b"hello", credentials(jid))[0], 201)
        self.assertEqual(fetch("GET", url, None, credentials(jid))[2], b"hello")
        self.assertEqual(fetch("GET", url)[0], 401)
        gone = await alice.iq("set", COMPONENT, f"<query xmlns='{NS_REGISTER}'><remove/></query>")
        self.assertEqual(gone.kind, "result")
        self.assertEqual(fetch("GET", url, None, credentials(jid))[0], 401)
