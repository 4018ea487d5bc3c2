"""The file store over TLS of its own: slixmpp and curl, a certificate that is renewed while files
are under way, and what is no TLS."""

import asyncio
import os
import pathlib
import signal
import socket
import ssl
import subprocess
import tempfile
import time
import unittest.mock
import warnings

from harness import COMPONENT, on_servers  # first: the others stand where it says
from certificates import Certificate
from http_wire import HttpConnection
from real_client import RealClient
from servers import LOOPBACK, free_port
from test_files import MIB, Files, client_session, fetch, files_config

RENEWED_WITHIN = 30  # seconds; it is looked for every ten
PIECE = 64 << 10  # bytes


def path_of(url):
    return "/" + url.split("/", 3)[3]


@on_servers("prosody")
class OverTls(Files):
    @classmethod
    def setUpClass(cls):
        super(Files, cls).setUpClass()
        cls.certificate = Certificate(cls.enterClassContext(tempfile.TemporaryDirectory()),
                                      "localhost")
        cls.tls = ssl.create_default_context(cafile=cls.certificate.authority)
        cls.http = free_port()
        cls.url = f"https://localhost:{cls.http}"
        cls.start_bellhop_for_class(config=files_config(
            cls.http, plain_listen=[], listen=[f"{LOOPBACK}:{cls.http}"], public_url=cls.url,
            tls_certificate=str(cls.certificate.chain), tls_key=str(cls.certificate.key)))

    # HUP-07, HUP-32
    async def test_slixmpp_uploads_over_tls(self):
        body = os.urandom(2 * MIB + 11)
        path = self.bellhop.folder / "upload.bin"
        path.write_bytes(body)
        client = RealClient(self.server, "bob")
        client.register_plugin("xep_0363")
        trusted = {"SSL_CERT_FILE": str(self.certificate.authority)}
        with unittest.mock.patch.dict(os.environ, trusted):
            async with client_session(client):
                client["xep_0363"].upload_service = COMPONENT
                url = await client["xep_0363"].upload_file(str(path))
        self.assertTrue(url.startswith(self.url), url)
        self.assertEqual(fetch("GET", url, tls=self.tls)[2], body)

    # HUP-07, HUP-28
    async def test_curl_uploads_and_goes_on_with_a_download_over_tls(self):
        body = os.urandom(3 * MIB)
        slot = await self.granted(name="big.bin", size=len(body), media_type="application/zip")
        folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))
        (folder / "big.bin").write_bytes(body)
        (folder / "rest.bin").write_bytes(body[:MIB])
        curl = ["curl", "-sSf", "--max-time", "60", "--cacert", str(self.certificate.authority)]
        authorization = f"Authorization: {slot.headers['Authorization']}"
        for arguments in (["-T", str(folder / "big.bin"), "-H", authorization, slot.put_url],
                          ["-C", "-", "-o", str(folder / "rest.bin"), slot.get_url]):
            done = subprocess.run([*curl, *arguments], capture_output=True, text=True, check=False)
            self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual((folder / "rest.bin").read_bytes(), body)

    async def serial_served(self):
        with await HttpConnection.open(self.http, tls=self.tls) as connection:
            return int(connection.peer_certificate()["serialNumber"], 16)

    # HUP-32
    async def test_a_renewed_certificate_is_served_and_no_transfer_is_dropped(self):
        body = os.urandom(24 * MIB)  # more than the sockets of both sides hold
        stored, coming = [await self.granted(size=len(body)) for _ in range(2)]
        self.assertEqual(stored.upload(body), 201)
        down = await HttpConnection.open(self.http, tls=self.tls, read_ahead=64 << 10)
        up = await HttpConnection.open(self.http, tls=self.tls)
        self.addCleanup(down.close)
        self.addCleanup(up.close)
        await down.send(down.head("GET", path_of(stored.get_url), {}))
        await up.send(up.head("PUT", path_of(coming.put_url), {
            **coming.headers, "Content-Length": len(body)}))
        before = await self.serial_served()
        self.certificate.renew(before + 1)
        self.bellhop.signal(signal.SIGHUP)
        sent, serial, deadline = 0, before, time.monotonic() + RENEWED_WITHIN
        while serial == before:
            self.assertLess(time.monotonic(), deadline, "not renewed")
            await up.send(body[sent:sent + PIECE])  # it moves all the time, and nobody is refused
            sent += PIECE
            await asyncio.sleep(0.1)
            serial = await self.serial_served()
        self.assertEqual(serial, before + 1)
        await up.send(body[sent:])
        self.assertEqual((await up.response()).status, 201)
        self.assertEqual((await down.response()).body, body)
        self.assertEqual(fetch("GET", coming.get_url, tls=self.tls)[2], body)

    # HUP-32
    async def test_what_is_no_tls_or_too_old_is_refused(self):
        with socket.create_connection((LOOPBACK, self.http), timeout=20) as plain:
            plain.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
            self.assertNotIn(b"HTTP/1.1 2", plain.recv(1000))
        old = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        old.load_verify_locations(self.certificate.authority)
        old.set_ciphers("ALL:@SECLEVEL=0")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            old.minimum_version = ssl.TLSVersion.TLSv1
            old.maximum_version = ssl.TLSVersion.TLSv1_1
        with self.assertRaises((ConnectionError, ssl.SSLError)):
            await HttpConnection.open(self.http, tls=old)
