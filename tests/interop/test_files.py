"""The file store as clients meet it: discovery, slots from both servers, slixmpp's own upload, curl
for ranges and for going on with what was cut off, quotas, restarts, kill -9."""

import hashlib
import http.client
import os
import subprocess
import urllib.parse

from harness import (COMPONENT, QUICK_RECONNECT, STRANGER, Attached, on_both_servers, on_servers)
from real_client import RealClient
from servers import LOOPBACK, free_port
from xmpp_client import NS_DISCO_INFO

NS_UPLOAD = "urn:xmpp:http:upload:0"
NS_UPLOAD_OLD = "urn:xmpp:http:upload"
NS_DATA = "jabber:x:data"
MIB = 1024 * 1024


def files_config(port, **more):
    return {"component": {"services": ["proxy", "upload"]}, "component_stream": QUICK_RECONNECT,
            "files": {"dir": "files", "plain_listen": [f"{LOOPBACK}:{port}"], "free_bytes_min": 0,
                      "public_url": f"http://{LOOPBACK}:{port}", **more}}


class Slot:
    """What a server granted, and requests for it."""

    def __init__(self, answer, xmlns=NS_UPLOAD, tls=None):
        self.tls = tls
        self.put = answer.find_all(xmlns, "put")[0]
        self.put_url = self.put.get("url") or self.put.text
        get = answer.find_all(xmlns, "get")[0]
        self.get_url = get.get("url") or get.text
        self.headers = {header.get("name"): header.text
                        for header in answer.find_all(xmlns, "header")}

    def request(self, method, body=None, headers=None, url=None):
        """Status, headers and body of one request, on a connection of its own."""
        return fetch(method, url or self.put_url, body, {**self.headers, **(headers or {})},
                     self.tls)

    def upload(self, body, **headers):
        return self.request("PUT", body, headers)[0]


def fetch(method, url, body=None, headers=None, tls=None, source=LOOPBACK):
    """Status, headers and body; `tls` is the SSLContext for https, `source` where it comes from."""
    parts = urllib.parse.urlsplit(url)
    options = {"timeout": 20, "source_address": (source, 0)}
    connection = (http.client.HTTPSConnection(parts.netloc, context=tls, **options)
                  if parts.scheme == "https" else
                  http.client.HTTPConnection(parts.netloc, **options))
    try:
        connection.request(method, parts.path + (f"?{parts.query}" if parts.query else ""), body,
                           headers or {})
        response = connection.getresponse()
        return response.status, dict(response.getheaders()), response.read()
    finally:
        connection.close()


class Files(Attached):
    """With a store of the class's own."""

    more = {}
    tls = None  # what clients need for https

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.http = free_port()
        cls.url = f"http://{LOOPBACK}:{cls.http}"
        cls.start_bellhop_for_class(config=files_config(cls.http, **cls.more))

    async def slot(self, user="alice", name="photo.jpg", size=1000, media_type="image/jpeg",
                   inner=""):
        client = await self.client(user, f"r{os.urandom(4).hex()}")
        answer = await client.iq(
            "get", COMPONENT,
            f"<request xmlns='{NS_UPLOAD}' filename='{name}' size='{size}' "
            f"content-type='{media_type}'>{inner}</request>")
        return answer

    async def granted(self, **options):
        answer = await self.slot(**options)
        self.assertEqual(answer.kind, "result", answer)
        return Slot(answer, tls=self.tls)


@on_both_servers
class Uploads(Files):
    # HUP-01, HUP-11, DSC-10
    async def test_clients_discover_the_store_with_its_limit(self):
        alice = await self.client("alice")
        self.assertIn(COMPONENT, await alice.disco_items(self.server.host))
        info = await alice.iq("get", COMPONENT, f"<query xmlns='{NS_DISCO_INFO}'/>")
        features = [feature.get("var") for feature in info.find_all(NS_DISCO_INFO, "feature")]
        self.assertIn(NS_UPLOAD, features)
        identities = [(identity.get("category"), identity.get("type"))
                      for identity in info.find_all(NS_DISCO_INFO, "identity")]
        self.assertIn(("store", "file"), identities)
        values = [value.text for value in info.find_all(NS_DATA, "value")]
        self.assertIn(str(1024 * MIB), values)

    # HUP-02, HUP-07, HUP-08, HUP-23, HUP-26, HUP-28
    async def test_a_file_is_uploaded_and_fetched(self):
        slot = await self.granted(name="Ä photo.jpg", size=1000)
        self.assertEqual(list(slot.headers), ["Authorization"])
        self.assertTrue(slot.get_url.endswith("%C3%84%20photo.jpg"), slot.get_url)
        self.assertNotIn("alice", slot.get_url)
        self.assertEqual(fetch("GET", slot.get_url)[0], 404)
        body = os.urandom(1000)
        self.assertEqual(slot.upload(body), 201)
        status, headers, got = fetch("GET", slot.get_url)
        self.assertEqual((status, got), (200, body))
        self.assertEqual(headers["Content-Type"], "image/jpeg")
        self.assertEqual(headers["X-Content-Type-Options"], "nosniff")
        self.assertTrue(headers["Content-Disposition"].startswith("inline"))
        status, head, nothing = fetch("HEAD", slot.get_url)
        self.assertEqual((status, nothing), (200, b""))
        del head["Date"], headers["Date"]
        self.assertEqual(head, headers)
        self.assertEqual(slot.upload(body), 409, "once")

    # HUP-14's old namespace, which old clients still speak: no headers, so the URL is the authority
    async def test_old_clients_get_slots_in_their_namespace(self):
        alice = await self.client("alice")
        answer = await alice.iq(
            "get", COMPONENT,
            f"<request xmlns='{NS_UPLOAD_OLD}'><filename>a.txt</filename><size>5</size></request>")
        self.assertEqual(answer.kind, "result", answer)
        slot = Slot(answer, NS_UPLOAD_OLD)
        self.assertEqual(slot.headers, {})
        self.assertEqual(slot.upload(b"hello"), 201)
        self.assertEqual(fetch("GET", slot.get_url)[2], b"hello")

    # HUP-20, HUP-24
    async def test_lies_and_strangers_are_refused(self):
        slot = await self.granted(size=10)
        self.assertEqual(fetch("PUT", slot.put_url, b"0123456789")[0], 401)
        wrong = {"Authorization": slot.headers["Authorization"][:-2] + "xx"}
        self.assertEqual(slot.request("PUT", b"0123456789", wrong)[0], 403)
        self.assertEqual(slot.upload(b"012345678"), 413)
        self.assertEqual(slot.upload(b"0123456789x"), 413)
        self.assertEqual(slot.upload(b"0123456789"), 201)
        answer = await self.slot(user=STRANGER)
        self.assertEqual((answer.kind, answer.condition), ("error", "forbidden"))

    # HUP-03, HUP-04, HUP-12
    async def test_what_cannot_be_is_refused_before_any_byte_moves(self):
        too_large = await self.slot(size=1024 * MIB + 1)
        self.assertEqual(too_large.condition, "not-acceptable")
        self.assertEqual(too_large.find_all(NS_UPLOAD, "max-file-size")[0].text, str(1024 * MIB))
        for size in ("0", "-1", "x", "99999999999999999999"):
            self.assertEqual((await self.slot(size=size)).condition, "bad-request", size)
        gone = ("<ephemeral xmlns='urn:xmpp:http:upload:purpose:0' "
                "expire-before='2001-01-01T00:00:00Z'/>")
        self.assertEqual((await self.slot(inner=gone)).condition, "bad-request")

    async def test_slixmpp_uploads_with_its_own_plugin(self):
        client = RealClient(self.server, "bob")
        client.register_plugin("xep_0363")
        async with client_session(client):
            body = os.urandom(3 * MIB + 17)
            path = self.bellhop.folder / "upload.bin"
            path.write_bytes(body)
            # Its own search passes coroutines to asyncio.wait(), which Python 3.11 refuses.
            info = await client["xep_0030"].get_info(jid=COMPONENT)
            self.assertIn(NS_UPLOAD, info["disco_info"]["features"])
            client["xep_0363"].upload_service = info["from"]
            url = await client["xep_0363"].upload_file(str(path))
            self.assertEqual(fetch("GET", url)[2], body)


class client_session:
    """A slixmpp client that is logged in."""

    def __init__(self, client):
        self.client = client

    async def __aenter__(self):
        await self.client.log_in()
        return self.client

    async def __aexit__(self, *_):
        await self.client.log_out()


@on_servers("prosody")
class Resuming(Files):
    more = {"file_bytes_max": "64 MiB"}

    def curl(self, *arguments):
        done = subprocess.run(["curl", "-sS", "--max-time", "60", *arguments], capture_output=True,
                              check=False)
        return done.returncode, done.stdout

    # HUP-24, HUP-31: cut off anywhere, by curl's own means
    async def test_an_upload_that_was_cut_off_goes_on(self):
        body = os.urandom(5 * MIB)
        slot = await self.granted(name="big.bin", size=len(body), media_type="application/zip")
        path = self.bellhop.folder / "big.bin"
        path.write_bytes(body)
        status, headers, _ = slot.request("PUT", body[:1 * MIB], {
            "Content-Range": f"bytes 0-{MIB - 1}/{len(body)}"})
        self.assertEqual((status, headers["Upload-Offset"]), (308, str(MIB)))
        self.assertEqual(fetch("GET", slot.get_url)[0], 404, "nothing is visible of a part")
        self.bellhop.kill()
        self.bellhop.start()
        asked = {"Content-Range": f"bytes */{len(body)}"}
        status, headers, _ = slot.request("PUT", b"", asked)
        self.assertEqual((status, headers["Upload-Offset"]), (308, str(MIB)))
        status, _, _ = slot.request("PUT", body[MIB:], {
            "Content-Range": f"bytes {MIB}-{len(body) - 1}/{len(body)}"})
        self.assertEqual(status, 201)
        self.assertEqual(hashlib.sha256(fetch("GET", slot.get_url)[2]).digest(),
                         hashlib.sha256(body).digest())

    async def test_tus_clients_create_resume_and_terminate(self):
        body = os.urandom(300_000)
        slot = await self.granted(size=len(body))
        tus = {"Tus-Resumable": "1.0.0"}
        piece = {**tus, "Content-Type": "application/offset+octet-stream"}
        status, headers, _ = slot.request("POST", b"", {**tus, "Upload-Length": str(len(body))})
        self.assertEqual(status, 201)
        self.assertEqual(urllib.parse.urljoin(slot.put_url, headers["Location"]), slot.put_url)
        status, _, _ = slot.request("PATCH", body[:100_000], {**piece, "Upload-Offset": "0"})
        self.assertEqual(status, 204)
        status, headers, _ = slot.request("HEAD", headers=tus)
        self.assertEqual((status, headers["Upload-Offset"]), (200, "100000"))
        self.assertEqual(slot.request("PATCH", b"x", {**piece, "Upload-Offset": "5"})[0], 409)
        status, headers, _ = slot.request("PATCH", body[100_000:],
                                          {**piece, "Upload-Offset": "100000"})
        self.assertEqual((status, headers["Upload-Offset"]), (204, str(len(body))))
        self.assertEqual(fetch("GET", slot.get_url)[2], body)
        self.assertEqual(slot.request("DELETE", headers=tus)[0], 204)
        self.assertEqual(fetch("GET", slot.get_url)[0], 404)

    # HUP-28: curl asks for the rest of what it has
    async def test_curl_fetches_ranges_and_the_rest(self):
        body = os.urandom(2 * MIB)
        slot = await self.granted(size=len(body))
        self.assertEqual(slot.upload(body), 201)
        self.assertEqual(self.curl("-r", "0-0,-1", slot.get_url)[1].count(b"Content-Range"), 2)
        self.assertEqual(self.curl("-r", "100-199", slot.get_url), (0, body[100:200]))
        path = self.bellhop.folder / "rest.bin"
        path.write_bytes(body[:MIB])
        self.assertEqual(self.curl("-C", "-", "-o", str(path), slot.get_url)[0], 0)
        self.assertEqual(path.read_bytes(), body)

    # HUP-30
    async def test_no_disguise_leads_out_of_the_store(self):
        (self.bellhop.folder / "files" / "secret.txt").write_text("secret")
        for path in ("/../files/secret.txt", "/f/../secret.txt", "/f/%2e%2e/secret.txt",
                     "/f/..%2fsecret.txt", "/f/%252e%252e/secret.txt", "/f/..%5csecret.txt",
                     "/f/%00/x", "//secret.txt", "/f/secret.txt", "/secret.txt", "/index.db"):
            status, _, body = fetch("GET", f"http://{LOOPBACK}:{self.http}{path}")
            self.assertIn(status, (400, 404), path)
            self.assertNotIn(b"secret\n", body, path)


@on_servers("prosody")
class Room(Files):
    more = {"file_bytes_max": "1 MiB"}

    @classmethod
    def setUpClass(cls):
        super(Files, cls).setUpClass()
        cls.http = free_port()
        cls.url = f"http://{LOOPBACK}:{cls.http}"
        config = files_config(cls.http, **cls.more)
        config["quota"] = {"stored_bytes_per_jid": "1 MiB"}
        cls.start_bellhop_for_class(config=config)

    # HUP-05, HUP-17
    async def test_a_hundred_requests_at_once_get_no_byte_too_much(self):
        alice = await self.client("alice")
        request = (f"<request xmlns='{NS_UPLOAD}' filename='a.bin' size='{64 * 1024}'/>")
        ids = [alice.ask("get", COMPONENT, request) for _ in range(100)]
        answers = [await alice.answer(iq_id) for iq_id in ids]
        granted = [Slot(answer) for answer in answers if answer.kind == "result"]
        refused = [answer for answer in answers if answer.kind == "error"]
        self.assertEqual(len(granted), 16)
        for answer in refused:
            self.assertEqual(answer.condition, "resource-constraint")
            self.assertEqual(len(answer.find_all(NS_UPLOAD, "retry")), 1)
        self.assertEqual(granted[0].request("DELETE")[0], 204)
        answer = await alice.iq("get", COMPONENT, request)
        self.assertEqual(answer.kind, "result", "what was given back can be had again")
