"""HTTP/1.1 for tests that look at the wire, or that need very many connections: asyncio, one socket
each, nothing done that was not asked for. What curl can do is done with curl.
"""

import asyncio
import socket

from servers import LOOPBACK

HEAD_BYTES_MAX = 64 * 1024
ANSWER_TIMEOUT = 60.0  # seconds


class Response:
    """Status, fields with lower-case names, and the body."""

    def __init__(self, status, fields, body):
        self.status = status
        self.fields = fields
        self.body = body

    def __repr__(self):
        return f"{self.status} {self.fields} {self.body[:100]!r}"


class HttpConnection:
    """One connection, for requests one after the other. Everything raises ConnectionError when the
    other side has gone."""

    def __init__(self, reader, writer, host):
        self._reader = reader
        self._writer = writer
        self._host = host

    @classmethod
    async def open(cls, port, source=None, tls=None, host=None, read_ahead=1 << 20):
        """To a port of this machine; `source` is the address to come from, `tls` an SSLContext,
        `host` what Host says, of which the certificate must know the name, `read_ahead` how many
        bytes are taken from the kernel before anybody asks for them."""
        try:
            reader, writer = await asyncio.wait_for(asyncio.open_connection(
                LOOPBACK, port, ssl=tls, limit=read_ahead,
                server_hostname=(host or "localhost").partition(":")[0] if tls else None,
                local_addr=(source, 0) if source else None), ANSWER_TIMEOUT)
        except OSError as failure:
            raise ConnectionError(str(failure)) from failure
        raw = writer.get_extra_info("socket")
        raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return cls(reader, writer, host or f"{LOOPBACK}:{port}")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self._writer.close()

    def peer_certificate(self):
        """As ssl.SSLSocket.getpeercert() tells it."""
        return self._writer.get_extra_info("peercert")

    async def request(self, method, target, headers=None, body=None):
        """Sends a request as it is given, with Host and Content-Length added; its Response."""
        fields = dict(headers or {})
        if body is not None and "Content-Length" not in fields:
            fields["Content-Length"] = len(body)
        await self.send(self.head(method, target, fields) + (body or b""))
        return await self.response(method)

    def head(self, method, target, fields):
        lines = [f"{method} {target} HTTP/1.1"]
        if "Host" not in fields:
            lines.append(f"Host: {self._host}")
        lines += [f"{name}: {value}" for name, value in fields.items()]
        return "\r\n".join([*lines, "", ""]).encode("utf-8", "surrogateescape")

    async def send(self, data):
        """Bytes as they are; returns when the kernel has most of them."""
        self._writer.write(data)
        await asyncio.wait_for(self._writer.drain(), ANSWER_TIMEOUT)

    def finish_sending(self):
        """Half-close: no more bytes come from here."""
        self._writer.write_eof()

    async def response(self, method="GET"):
        """The next final response; interim ones (1xx) are passed over."""
        status = 100
        while status < 200:
            status, fields = await asyncio.wait_for(self._read_head(), ANSWER_TIMEOUT)
        body = b""
        if method != "HEAD" and status not in (204, 304):
            body = await asyncio.wait_for(self._read_body(fields), ANSWER_TIMEOUT)
        return Response(status, fields, body)

    async def _read_head(self):
        try:
            text = (await self._reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        except (asyncio.IncompleteReadError, OSError) as failure:
            raise ConnectionError("closed before an answer") from failure
        first, *lines = text.split("\r\n")
        fields = {}
        for line in lines[:-2]:
            name, _, value = line.partition(":")
            fields[name.lower()] = value.strip()
        return int(first.split()[1]), fields

    async def _read_body(self, fields):
        try:
            if "content-length" in fields:
                return await self._reader.readexactly(int(fields["content-length"]))
            if fields.get("transfer-encoding", "").lower() == "chunked":
                return await self._read_chunks()
            return await self._reader.read()
        except (asyncio.IncompleteReadError, OSError) as failure:
            raise ConnectionError("closed within an answer") from failure

    async def _read_chunks(self):
        body = bytearray()
        while True:
            size = int((await self._reader.readuntil(b"\r\n")).split(b";")[0], 16)
            body += (await self._reader.readexactly(size + 2))[:-2]
            if size == 0:
                return bytes(body)


async def ask(port, method, target, headers=None, body=None, **options):
    """One request on a connection of its own."""
    with await HttpConnection.open(port, **options) as connection:
        return await connection.request(method, target, headers, body)
