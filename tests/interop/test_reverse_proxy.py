"""The file store behind nginx and Caddy, each set up by the example that operators copy: what
clients do through them, and whose address counts."""

import asyncio
import os
import pathlib
import ssl
import tempfile
import unittest

from harness import on_servers  # first: the others stand where it says
from certificates import Certificate
from http_wire import HttpConnection
from reverse_proxies import Caddy, Nginx
from servers import LOOPBACK, ServerFailed, find_program, free_port
from test_dav import WithAccount
from test_files import MIB, Files, fetch, files_config

REQUESTS_MAX = 60  # of one client within a second; more than any test here needs but the one on it
CLIENTS = ("127.0.9.1", "127.0.9.2")  # beside 127.0.0.1, which is the proxy's own address
OFTEN, SELDOM = "127.0.9.3", "127.0.9.4"
INVENTED = "203.0.113.7"


class BehindProxy(WithAccount):
    proxy_class = None

    @classmethod
    def setUpClass(cls):
        super(Files, cls).setUpClass()
        try:
            find_program(cls.proxy_class.name)
        except ServerFailed as missing:
            raise unittest.SkipTest(str(missing)) from missing
        folder = pathlib.Path(cls.enterClassContext(tempfile.TemporaryDirectory()))
        certificate = Certificate(folder, "localhost")
        cls.tls = ssl.create_default_context(cafile=certificate.authority)
        cls.http = free_port()
        cls.proxy = cls.proxy_class(cls.http, certificate)
        cls.addClassCleanup(cls.proxy.stop)
        cls.url = cls.proxy.url
        cls.start_bellhop_for_class(config=files_config(
            cls.http, public_url=cls.url, trusted_proxies=[LOOPBACK, "::1"],
            requests_per_address_max=REQUESTS_MAX))
        cls.proxy.start()

    # HUP-07, HUP-23, HUP-28
    async def test_a_file_is_uploaded_and_its_ranges_fetched(self):
        body = os.urandom(3 * MIB + 5)
        slot = await self.granted(name="Ä photo &amp; more.jpg", size=len(body))
        self.assertTrue(slot.get_url.startswith("https://"), slot.get_url)
        self.assertEqual(slot.upload(body), 201)
        self.assertEqual(slot.upload(body), 409)
        status, headers, got = fetch("GET", slot.get_url, tls=self.tls)
        self.assertEqual((status, got), (200, body))
        self.assertEqual(headers["X-Content-Type-Options"], "nosniff")
        for field, status, wanted in (("bytes=100-199", 206, body[100:200]),
                                      ("bytes=-5", 206, body[-5:]),
                                      (f"bytes={len(body)}-", 416, None)):
            answer = fetch("GET", slot.get_url, headers={"Range": field}, tls=self.tls)
            self.assertEqual(answer[0], status, field)
            self.assertTrue(wanted is None or answer[2] == wanted, field)

    # HUP-24: and what a proxy keeps for itself would be lost here
    async def test_an_upload_that_was_cut_off_goes_on(self):
        body = os.urandom(4 * MIB)
        slot = await self.granted(name="big.bin", size=len(body), media_type="application/zip")
        path = "/" + slot.put_url.split("/", 3)[3]
        part = self.bellhop.folder / "files" / "partial" / path.split("/")[2]
        connection = await HttpConnection.open(self.proxy.port, tls=self.tls,
                                               host=f"localhost:{self.proxy.port}")
        await connection.send(connection.head("PUT", path, {
            **slot.headers, "Content-Type": "application/zip", "Content-Length": len(body)}))
        await connection.send(body[:3 * MIB])
        await self.eventually("what was sent is there before the rest is",
                              lambda: part.exists() and part.stat().st_size > 2 * MIB)
        connection.close()
        asked = {"Content-Range": f"bytes */{len(body)}"}
        status, headers, _ = slot.request("PUT", b"", asked)
        self.assertEqual(status, 308)
        offset = int(headers["Upload-Offset"])
        self.assertGreater(offset, 2 * MIB)
        status, _, _ = slot.request("PUT", body[offset:], {
            "Content-Range": f"bytes {offset}-{len(body) - 1}/{len(body)}"})
        self.assertEqual(status, 201)
        self.assertEqual(fetch("GET", slot.get_url, tls=self.tls)[2], body)

    # DAV-11, DAV-29, DAV-31
    async def test_destinations_are_https_and_locks_hold(self):
        url = await self.open_folder()
        self.assertEqual(self.request("PUT", url + "a%20b", b"hello")[0], 201)
        status, _, _ = self.request("MOVE", url + "a%20b", headers={"Destination": url + "c%26d"})
        self.assertEqual(status, 201)
        status, _, _ = self.request("COPY", url + "c%26d", headers={"Destination": url + "e"})
        self.assertEqual(status, 201)
        self.assertEqual(self.get(url + "e"), (200, b"hello"))
        self.assertEqual(self.get(url + "a%20b")[0], 404)
        foreign = url.replace("localhost", "elsewhere.example")
        status, _, _ = self.request("MOVE", url + "e", headers={"Destination": foreign + "f"})
        self.assertEqual(status, 502)
        lock = (b"<lockinfo xmlns='DAV:'><lockscope><exclusive/></lockscope>"
                b"<locktype><write/></locktype></lockinfo>")
        status, headers, _ = self.request("LOCK", url + "e", lock)
        self.assertEqual(status, 200)
        token = headers["Lock-Token"]
        self.assertEqual(self.request("PUT", url + "e", b"x")[0], 423)
        tagged = {"If": f"<{url}e> ({token})"}
        self.assertEqual(self.request("PUT", url + "e", b"x", tagged)[0], 204)

    async def addresses_of(self, what):
        """Who moved the bytes of a file, by the log, once `what` is done; and the file's slot."""
        slot = await self.granted(size=1000)
        self.assertEqual(slot.upload(bytes(1000)), 201)
        before = len(self.bellhop.events("session_ended", kind="download"))
        count = what(slot)

        def seen():
            return [event["first"] for event in
                    self.bellhop.events("session_ended", kind="download")[before:]]
        # A session lasts some seconds longer than the last request.
        await self.eventually("the downloads end", lambda: len(seen()) >= count, timeout=15)
        return seen()

    # What clients say of themselves counts as little as what they have of a connection in common.
    async def test_the_address_that_counts_is_the_clients(self):
        lies = {"X-Forwarded-For": INVENTED, "X-Real-IP": INVENTED,
                "Forwarded": f"for={INVENTED};proto=http"}

        def download(slot):
            for client in CLIENTS:
                answer = fetch("GET", slot.get_url, headers=lies, tls=self.tls, source=client)
                self.assertEqual(answer[0], 200)
            return len(CLIENTS)
        self.assertEqual(await self.addresses_of(download), list(CLIENTS))

    async def test_whoever_is_no_proxy_is_not_believed(self):
        def download(slot):
            url = slot.get_url.replace(self.url, f"http://{LOOPBACK}:{self.http}")
            lies = {"X-Forwarded-For": INVENTED, "X-Forwarded-Proto": "https"}
            answer = fetch("GET", url, headers=lies, source=CLIENTS[0])
            self.assertEqual(answer[0], 200)
            return 1
        self.assertEqual(await self.addresses_of(download), [CLIENTS[0]])

    async def test_limits_hold_for_each_client_and_not_for_the_proxy(self):
        async def ask_often(client):
            with await HttpConnection.open(self.proxy.port, tls=self.tls, source=client,
                                           host=f"localhost:{self.proxy.port}") as connection:
                return [(await connection.request("GET", "/f/x/y", {"X-Forwarded-For": INVENTED}))
                        .status for _ in range(REQUESTS_MAX * 3)]
        statuses = await asyncio.wait_for(ask_often(OFTEN), 20)
        self.assertIn(429, statuses)
        self.assertEqual(statuses[0], 404)
        answer = fetch("GET", self.url + "/f/x/y", tls=self.tls, source=SELDOM)
        self.assertEqual(answer[0], 404)


@on_servers("prosody")
class BehindNginx(BehindProxy):
    proxy_class = Nginx


@on_servers("prosody")
class BehindCaddy(BehindProxy):
    proxy_class = Caddy
