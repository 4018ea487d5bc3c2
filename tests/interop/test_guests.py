"""Files of a WebDAV folder for others: who is on a file's list and confirms over XMPP gets it."""

import asyncio
import time
import urllib.error
import urllib.request

from harness import COMPONENT, STRANGER, on_both_servers
from real_client import RealClient
from test_dav import NS_REGISTER, PASSWORD, credentials
from test_files import Files, client_session, fetch
from xmpp_client import NS_DISCO_INFO

NS_HTTP_AUTH = "http://jabber.org/protocol/http-auth"
NS_WEBDAV_FILES = "http://www.xmpp.org/extensions/xep-0129.html#ns"
ANSWER_SECONDS = 60  # that a user has


async def register(client, user):
    return await client.iq(
        "set", COMPONENT, f"<query xmlns='{NS_REGISTER}'><username>{user}</username>"
        f"<password>{PASSWORD}</password></query>")


class AskedClient(RealClient):
    """slixmpp with its own xep_0070; does with each question what `answer` says."""

    def __init__(self, server, user):
        super().__init__(server, user)
        self.register_plugin("xep_0070")
        self.answer = "confirm"
        self.questions = []
        self.add_event_handler("http_confirm", self.on_question)

    def on_question(self, stanza):
        confirm = stanza["confirm"]
        self.questions.append((stanza.name, confirm["id"], confirm["method"], confirm["url"]))
        if self.answer == "ignore":
            return
        if stanza.name == "iq":
            reply = stanza.reply()
            if self.answer == "refuse":
                reply["type"] = "error"
                reply["error"]["type"] = "auth"
                reply["error"]["condition"] = "not-authorized"
            reply.send()
            return
        # What a person types who reads the message in a client that does not know the protocol.
        reply = self.make_message(stanza["from"], "OK" if self.answer == "confirm" else "No",
                                  mtype="normal")
        reply["thread"] = stanza["thread"]
        reply.send()


@on_both_servers
class Guests(Files):
    async def share(self, name, body=b"hello", jids=()):
        """Stores a file of alice's, with these JIDs on its list; its URL."""
        alice = await self.client("alice", f"of-{name}")
        await register(alice, "alice")  # a second time is a change
        jid = f"alice@{self.server.host}"
        url = f"http://127.0.0.1:{self.http}/dav/{jid}/{name}"
        self.assertEqual(fetch("PUT", url, body, credentials(jid))[0], 201)
        inner = "".join(f"<jid>{listed}</jid>" for listed in jids)
        if inner:
            status, _, answer = fetch("PROPPATCH", url, (
                "<propertyupdate xmlns='DAV:'><set><prop>"
                f"<jidlist xmlns='{NS_WEBDAV_FILES}'>{inner}</jidlist>"
                "</prop></set></propertyupdate>").encode(), credentials(jid))
            self.assertEqual((status, b"200 OK" in answer), (207, True), answer)
        return url

    async def fetch_as(self, user, transaction, method, url):
        """Status, headers and body; the server may take as long as a user may."""
        def ask():
            request = urllib.request.Request(url, None, credentials(user, transaction),
                                             method=method)
            try:
                with urllib.request.urlopen(request, timeout=ANSWER_SECONDS + 20) as response:
                    return response.status, response.headers, response.read()
            except urllib.error.HTTPError as refused:
                return refused.code, refused.headers, refused.read()
        return await asyncio.to_thread(ask)

    # WDX-01, HVX-01, HVX-06
    async def test_the_way_in_is_announced(self):
        alice = await self.client("alice")
        info = await alice.iq("get", COMPONENT, f"<query xmlns='{NS_DISCO_INFO}'/>")
        features = [feature.get("var") for feature in info.find_all(NS_DISCO_INFO, "feature")]
        self.assertIn(NS_HTTP_AUTH, features)
        self.assertIn(NS_WEBDAV_FILES, features)
        url = await self.share("announced.txt")
        status, headers, _ = await self.fetch_as("", "", "GET", url)
        self.assertEqual(status, 401)
        self.assertEqual(headers.get_all("WWW-Authenticate"),
                         ['Basic realm="Bellhop", charset="UTF-8"', 'Basic realm="xmpp"'])

    # HVX-02, HVX-03, HVX-04, WDX-02, WDX-03, WDX-05
    async def test_who_is_listed_and_confirms_gets_the_file(self):
        bob = f"bob@{self.server.host}"
        url = await self.share("shared.txt", jids=[bob])
        alone = await self.share("alone.txt")
        async with client_session(AskedClient(self.server, "bob")) as client:
            full = str(client.boundjid)
            self.assertEqual((await self.fetch_as(full, "t1", "HEAD", url))[0], 200)
            self.assertEqual((await self.fetch_as(full, "t1", "GET", url))[2], b"hello")
            self.assertEqual(client.questions, [("iq", "t1", "HEAD", url)])
            self.assertEqual((await self.fetch_as(bob, "t2", "GET", url))[2], b"hello")
            self.assertEqual(client.questions[1:], [("message", "t2", "GET", url)])
            # Of what they may not have at all nobody is asked.
            for method, path in (("GET", alone), ("GET", url + "-no"), ("DELETE", url),
                                 ("PROPFIND", url)):
                self.assertEqual((await self.fetch_as(full, "t3", method, path))[0], 403, path)
            other = f"eve@stranger.example/{client.boundjid.resource}"
            self.assertEqual((await self.fetch_as(other, "t4", "GET", url))[0], 403)
            self.assertEqual(len(client.questions), 2)

    # HVX-04
    async def test_who_refuses_or_is_not_there_does_not_get_it(self):
        bob = f"bob@{self.server.host}"
        url = await self.share("refused.txt", jids=[STRANGER, bob])
        async with client_session(AskedClient(self.server, STRANGER)) as client:
            full, bare = str(client.boundjid), client.boundjid.bare
            client.answer = "refuse"
            self.assertEqual((await self.fetch_as(full, "t1", "GET", url))[0], 403)
            self.assertEqual((await self.fetch_as(bare, "t2", "GET", url))[0], 403)
            self.assertEqual([question[1] for question in client.questions], ["t1", "t2"])
        # The server answers for a client that is not there.
        self.assertEqual((await self.fetch_as(f"{bob}/gone", "t3", "GET", url))[0], 403)

    async def test_a_question_that_waits_holds_up_no_stop(self):
        bob = f"bob@{self.server.host}"
        url = await self.share("waiting.txt", jids=[bob])
        async with client_session(AskedClient(self.server, "bob")) as client:
            client.answer = "ignore"
            asked = asyncio.create_task(self.fetch_as(str(client.boundjid), "t1", "GET", url))
            await self.eventually("a question", lambda: client.questions)
            began = time.monotonic()
            status = await asyncio.to_thread(self.bellhop.end_process)
            self.assertLess(time.monotonic() - began, 10)
            self.assertEqual((status, (await asked)[0]), (0, 503))
        self.bellhop.start()
