"""STUN and TURN messages byte by byte, and a client that may send whatever it likes.

For what no real client would do: wrong integrity, truncated messages, foreign nonces. Only the
standard library is used. Numbers are those of RFC 8489 and RFC 8656.
"""

import base64
import hashlib
import hmac
import ipaddress
import os
import socket
import struct
import time
import zlib

COOKIE = 0x2112A442
BINDING, ALLOCATE, REFRESH, SEND, DATA = 1, 3, 4, 6, 7
CREATE_PERMISSION, CHANNEL_BIND = 8, 9
REQUEST, INDICATION, SUCCESS, ERROR = 0x000, 0x010, 0x100, 0x110
USERNAME, INTEGRITY, ERROR_CODE, CHANNEL_NUMBER, LIFETIME = 0x06, 0x08, 0x09, 0x0C, 0x0D
PEER, PAYLOAD, REALM, NONCE, RELAYED = 0x12, 0x13, 0x14, 0x15, 0x16
TRANSPORT, MAPPED, ALTERNATE = 0x19, 0x20, 0x8023
FINGERPRINT = 0x8028
UDP = (TRANSPORT, b"\x11\0\0\0")

ANSWER_TIMEOUT = 10.0  # seconds until an answer must be there
RETRANSMISSION = 0.5  # seconds, as RFC 8489 §6.2.1 begins
SILENCE = 0.3  # seconds after which no answer counts as none


def credentials(secret, name="", lifetime=3600):
    """(user name, password) that last so long, made with a shared secret (TURN-A11)."""
    username = f"{int(time.time()) + lifetime}" + (f":{name}" if name else "")
    digest = hmac.new(secret.encode(), username.encode(), "sha1").digest()
    return username, base64.b64encode(digest).decode()


def attribute(kind, value):
    return struct.pack("!HH", kind, len(value)) + value + bytes(-len(value) % 4)


def message(method, kind, attributes=(), transaction=None, key=None, fingerprint=False):
    """The bytes of a message; signed with `key` if there is one (RFC 8489 §14.5)."""
    transaction = transaction or os.urandom(12)

    def with_length(body, more=0):
        return struct.pack("!HHI", method | kind, len(body) + more, COOKIE) + transaction + body

    body = b"".join(attribute(*each) for each in attributes)
    if key is not None:
        digest = hmac.new(key, with_length(body, 24), "sha1").digest()
        body += attribute(INTEGRITY, digest)
    if fingerprint:
        checksum = zlib.crc32(with_length(body, 8)) ^ 0x5354554E
        body += attribute(FINGERPRINT, struct.pack("!I", checksum))
    return with_length(body)


def long_term_key(username, realm, password):
    return hashlib.md5(f"{username}:{realm}:{password}".encode()).digest()


def hidden_address(host, port, transaction=bytes(12)):
    """The value of an attribute with an XOR address (RFC 8489 §14.2)."""
    address = ipaddress.ip_address(host)
    mask = struct.pack("!I", COOKIE) + transaction
    hidden = bytes(a ^ b for a, b in zip(address.packed, mask))
    family = 1 if address.version == 4 else 2
    return struct.pack("!BBH", 0, family, port ^ (COOKIE >> 16)) + hidden


class Message:
    """A parsed message: `method`, `kind`, and the first of each attribute."""

    def __init__(self, data):
        head, length, cookie = struct.unpack_from("!HHI", data)
        if cookie != COOKIE or length != len(data) - 20:
            raise ValueError(f"not a STUN message: {data!r}")
        self.size = len(data)
        self.method, self.kind = head & ~0x110, head & 0x110
        self.transaction = data[8:20]
        self.attributes = {}
        at = 20
        while at < len(data):
            kind, size = struct.unpack_from("!HH", data, at)
            self.attributes.setdefault(kind, data[at + 4:at + 4 + size])
            at += 4 + size + -size % 4

    @property
    def code(self):
        """The number of an error; 0 of a success."""
        value = self.attributes.get(ERROR_CODE)
        return value[2] * 100 + value[3] if value else 0

    def address(self, kind, is_hidden=True):
        """(host, port) of an attribute with an address; None without it."""
        value = self.attributes.get(kind)
        if value is None:
            return None
        mask = struct.pack("!I", COOKIE) + self.transaction if is_hidden else bytes(16)
        port = struct.unpack_from("!H", value, 2)[0] ^ struct.unpack_from("!H", mask)[0]
        packed = bytes(a ^ b for a, b in zip(value[4:], mask))
        return str(ipaddress.ip_address(packed)), port


class TurnClient:
    """One five-tuple over UDP. `source` chooses the local address to come from."""

    def __init__(self, server, username="", password="", source=None):
        self.username, self.password = username, password
        self.realm = self.nonce = self.key = self.relayed = None
        self.sent_bytes = 0
        family = socket.AF_INET6 if ":" in server[0] else socket.AF_INET
        self.socket = socket.socket(family, socket.SOCK_DGRAM)
        if source:
            self.socket.bind((source, 0))
        self.socket.connect(server)

    def close(self):
        self.socket.close()

    def send(self, data):
        self.sent_bytes += len(data)
        self.socket.send(data)

    def receive(self, timeout=ANSWER_TIMEOUT):
        """The next datagram; None if there is none in time."""
        self.socket.settimeout(timeout)
        try:
            return self.socket.recv(65536)
        except (TimeoutError, ConnectionRefusedError):
            return None

    def answer(self, data, timeout=ANSWER_TIMEOUT):
        """Sends a message as it is; what it is answered with, None: nothing in `timeout`."""
        deadline = time.monotonic() + timeout
        while (left := deadline - time.monotonic()) > 0:
            self.send(data)
            got = self.receive(min(left, RETRANSMISSION))
            while got is not None:
                if got[0] < 0x40 and got[8:20] == data[8:20]:
                    return Message(got)
                got = self.receive(SILENCE)
        return None

    def is_silent_about(self, data):
        """Whether nothing comes back."""
        return self.answer(data, SILENCE) is None

    def challenge(self):
        """Asks without credentials and keeps realm and nonce; the answer."""
        refused = self.answer(message(ALLOCATE, REQUEST, [UDP]))
        if refused is None:
            raise ConnectionError("no answer to an Allocate")
        self.realm, self.nonce = refused.attributes[REALM], refused.attributes[NONCE]
        self.key = long_term_key(self.username, self.realm.decode(), self.password)
        return refused

    def signed(self, method, attributes=(), **changes):
        """A signed request; `changes` replace key, nonce, realm, username or transaction."""
        value = {"key": self.key, "nonce": self.nonce, "realm": self.realm,
                 "username": self.username.encode(), "transaction": None, **changes}
        who = [(USERNAME, value["username"]), (REALM, value["realm"]), (NONCE, value["nonce"])]
        return message(method, REQUEST, [*attributes, *who], value["transaction"], value["key"])

    def request(self, method, attributes=(), **changes):
        """The answer to a signed request; a stale nonce is changed for the new one once."""
        if self.key is None:
            self.challenge()
        reply = self.answer(self.signed(method, attributes, **changes))
        if reply is None:
            raise ConnectionError(f"no answer to method {method}")
        if reply.code == 438:
            self.nonce = reply.attributes[NONCE]
            reply = self.answer(self.signed(method, attributes, **changes))
        return reply

    def allocate(self, *attributes):
        reply = self.request(ALLOCATE, [UDP, *attributes])
        self.relayed = reply.address(RELAYED)
        return reply

    def refresh(self, lifetime):
        return self.request(REFRESH, [(LIFETIME, struct.pack("!I", lifetime))])

    def bind_channel(self, number, peer):
        transaction = os.urandom(12)
        wanted = [(CHANNEL_NUMBER, struct.pack("!HH", number, 0)),
                  (PEER, hidden_address(*peer, transaction))]
        return self.request(CHANNEL_BIND, wanted, transaction=transaction)

    def permit(self, host):
        transaction = os.urandom(12)
        wanted = [(PEER, hidden_address(host, 0, transaction))]
        return self.request(CREATE_PERMISSION, wanted, transaction=transaction)

    def send_on(self, number, payload):
        """ChannelData."""
        self.send(struct.pack("!HH", number, len(payload)) + payload)
