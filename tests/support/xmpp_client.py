"""A small XMPP client and a SOCKS5 client for tests that look at the wire.

XmppClient logs in over plain TCP and sends IQs; Socks5 is one connection to a bytestream proxy.
Both are asyncio, own one socket each and hide nothing: an error answer is a value to look at.
Real clients are in real_client.py; this one exists because they cannot do what a hostile or odd
client does.
"""

import asyncio
import base64
import hashlib
import itertools
import os
import socket
import struct
import xml.etree.ElementTree as ElementTree
from xml.sax.saxutils import escape, quoteattr

from servers import LOOPBACK

NS_BYTESTREAMS = "http://jabber.org/protocol/bytestreams"
NS_DISCO_INFO = "http://jabber.org/protocol/disco#info"
NS_DISCO_ITEMS = "http://jabber.org/protocol/disco#items"
NS_STANZAS = "urn:ietf:params:xml:ns:xmpp-stanzas"

ANSWER_TIMEOUT = 10.0  # seconds


async def within_time(operation):
    """The operation's result; TimeoutError when it takes longer than ANSWER_TIMEOUT."""
    try:
        return await asyncio.wait_for(operation, ANSWER_TIMEOUT)
    except asyncio.TimeoutError:
        raise TimeoutError(f"nothing came within {ANSWER_TIMEOUT:g} s") from None


class Answer:
    """The answer to an IQ: `kind` is "result" or "error", `element` the whole stanza."""

    def __init__(self, element):
        self.element = element
        self.kind = element.get("type")

    @property
    def condition(self):
        """The stanza error's condition such as "forbidden"; None for a result."""
        error = self._error()
        if error is None:
            return None
        for child in error:
            namespace, _, name = child.tag[1:].rpartition("}")
            if namespace == NS_STANZAS and name != "text":
                return name
        return ""

    @property
    def error_type(self):
        """The stanza error's type such as "cancel"; None for a result."""
        error = self._error()
        return None if error is None else error.get("type")

    def _error(self):
        return next((child for child in self.element if child.tag.endswith("}error")), None)

    def find_all(self, namespace, name):
        return list(self.element.iter(f"{{{namespace}}}{name}"))

    def __repr__(self):
        return ElementTree.tostring(self.element, encoding="unicode")


class XmppClient:
    """One logged-in stream; `jid` is the full JID the server bound."""

    def __init__(self, server, user, resource="raw"):
        self.server = server
        self.user = user if "@" in user else f"{user}@{server.host}"
        self.resource = resource
        self.jid = None
        self._ids = itertools.count(1)
        self._answers = {}

    async def __aenter__(self):
        self._reader, self._writer = await asyncio.open_connection(LOOPBACK, self.server.c2s_port)
        local, _, domain = self.user.partition("@")
        self._open_stream(domain)
        await self._until("features")
        token = base64.b64encode(f"\0{local}\0{self.server.accounts[self.user]}".encode()).decode()
        self.send('<auth xmlns="urn:ietf:params:xml:ns:xmpp-sasl" mechanism="PLAIN">'
                  f"{token}</auth>")
        await self._until("success")
        self._open_stream(domain)
        await self._until("features")
        bound = await self.iq("set", None, '<bind xmlns="urn:ietf:params:xml:ns:xmpp-bind">'
                              f"<resource>{self.resource}</resource></bind>")
        self.jid = bound.find_all("urn:ietf:params:xml:ns:xmpp-bind", "jid")[0].text
        return self

    async def __aexit__(self, *_):
        self._writer.close()

    def _open_stream(self, domain):
        self._parser = ElementTree.XMLPullParser(events=("start", "end"))
        self._depth = 0
        self._elements = []
        self.send(f"<?xml version='1.0'?><stream:stream to={quoteattr(domain)} version='1.0' "
                  "xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'>")

    def send(self, text):
        """Writes text to the stream as it is."""
        self._writer.write(text.encode())

    async def _next_element(self):
        """The next complete first-level element of the stream."""
        while not self._elements:
            data = await within_time(self._reader.read(65536))
            if not data:
                raise ConnectionError("the server closed the stream")
            self._parser.feed(data)
            for event, element in self._parser.read_events():
                self._depth += 1 if event == "start" else -1
                if event == "end" and self._depth == 1:
                    self._elements.append(element)
        return self._elements.pop(0)

    async def _until(self, name):
        while True:
            element = await self._next_element()
            if element.tag.endswith("}failure"):
                raise ConnectionError(f"login refused: {ElementTree.tostring(element)}")
            if element.tag.endswith("}" + name):
                return element

    def ask(self, kind, to, payload):
        """Sends an IQ of type "get" or "set" without waiting; the id to pass to answer()."""
        iq_id = f"q{next(self._ids)}"
        address = f" to={quoteattr(to)}" if to else ""
        self.send(f"<iq type='{kind}' id='{iq_id}'{address}>{payload}</iq>")
        return iq_id

    async def answer(self, iq_id):
        """The answer to ask(); answers to other requests are kept for their turn."""
        while iq_id not in self._answers:
            element = await self._next_element()
            if element.tag.endswith("}iq") and element.get("type") in ("result", "error"):
                self._answers[element.get("id")] = Answer(element)
        return self._answers.pop(iq_id)

    async def iq(self, kind, to, payload):
        """Sends an IQ of type "get" or "set" and waits for its answer."""
        return await self.answer(self.ask(kind, to, payload))

    async def disco_items(self, to):
        """The JIDs in the service discovery items of `to`."""
        answer = await self.iq("get", to, f"<query xmlns='{NS_DISCO_ITEMS}'/>")
        return [item.get("jid") for item in answer.find_all(NS_DISCO_ITEMS, "item")]

    async def ask_address(self, proxy):
        """Asks a proxy for its streamhosts (XEP-0065 §4)."""
        return await self.iq("get", proxy, f"<query xmlns='{NS_BYTESTREAMS}'/>")

    async def activate(self, proxy, sid, target):
        """Asks a proxy to activate a bytestream (XEP-0065 §6.3.5)."""
        return await self.answer(self.ask_activation(proxy, sid, target))

    def ask_activation(self, proxy, sid, target):
        """The same without waiting; the id to pass to answer()."""
        return self.ask("set", proxy, f"<query xmlns='{NS_BYTESTREAMS}' sid={quoteattr(sid)}>"
                        f"<activate>{escape(target)}</activate></query>")


def dst_addr(sid, requester, target):
    """The 40 hex digits both sides send to the proxy (XEP-0065 §6.3.2)."""
    return hashlib.sha1(f"{sid}{requester}{target}".encode()).hexdigest()


class Socks5:
    """One TCP connection to a proxy. `source` chooses the local address to come from."""

    def __init__(self, port, host=LOOPBACK, source=None, receive_buffer=None):
        self.address = (host, port)
        self.socket = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
        self.socket.setblocking(False)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if receive_buffer:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        if source:
            self.socket.bind((source, 0))

    @classmethod
    async def connected(cls, port, hash40, **options):
        """A connection that has been through greeting and CONNECT with success."""
        self = cls(port, **options)
        await self.connect()
        await self.send(b"\x05\x01\x00")
        greeting = await self.receive_exactly(2)
        if greeting != b"\x05\x00":
            raise ConnectionError(f"greeting answered {greeting!r}")
        reply = await self.request(hash40)
        if reply != self.success_reply(hash40):
            raise ConnectionError(f"CONNECT answered {reply!r}")
        return self

    @staticmethod
    def request_bytes(hash40):
        return b"\x05\x01\x00\x03\x28" + hash40.encode() + b"\x00\x00"

    @staticmethod
    def success_reply(hash40):
        """S5B-24: type 3, the same characters and port 0."""
        return b"\x05\x00\x00\x03\x28" + hash40.encode() + b"\x00\x00"

    async def connect(self):
        await within_time(asyncio.get_running_loop().sock_connect(self.socket, self.address))

    async def request(self, hash40):
        """Sends CONNECT; the reply, or what came before the connection was closed."""
        await self.send(self.request_bytes(hash40))
        return await self.receive_exactly(47)

    async def send(self, data):
        await within_time(asyncio.get_running_loop().sock_sendall(self.socket, data))

    async def send_bytewise(self, data):
        """Sends byte by byte, each one only when the proxy has read the one before."""
        for byte in data:
            await self.send(bytes([byte]))
            while self._unread_by_peer():
                await asyncio.sleep(0)

    def _unread_by_peer(self):
        """Bytes in the receive queue of the far socket, as /proc/net/tcp shows them."""
        far = f":{self.socket.getpeername()[1]:04X}"
        near = f":{self.socket.getsockname()[1]:04X}"
        with open("/proc/net/tcp", encoding="ascii") as table:
            for line in table:
                _, local, remote, state, queues = line.split()[:5]
                if local.endswith(far) and remote.endswith(near):
                    return int(queues.partition(":")[2], 16)
        return 0

    async def receive(self, size_max=65536):
        """What is there, at least one byte; b"" at the end of the stream."""
        return await within_time(asyncio.get_running_loop().sock_recv(self.socket, size_max))

    async def receive_exactly(self, size):
        """`size` bytes, or fewer when the stream ends."""
        data = bytearray()
        while len(data) < size:
            part = await self.receive(size - len(data))
            if not part:
                break
            data += part
        return bytes(data)

    async def receive_all(self):
        """Everything up to the end of the stream."""
        data = bytearray()
        while part := await self.receive(1 << 20):
            data += part
        return bytes(data)

    async def ends(self):
        """Whether the peer closes or resets without sending anything more."""
        try:
            return await self.receive() == b""
        except ConnectionResetError:
            return True

    def finish_sending(self):
        """Half-close: nothing more comes from here."""
        self.socket.shutdown(socket.SHUT_WR)

    def reset(self):
        """Vanishes with a RST instead of an orderly end."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.socket.close()

    def close(self):
        self.socket.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


def random_payload(size):
    """Bytes that no relay could have made up."""
    return os.urandom(size)
