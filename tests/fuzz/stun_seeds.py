#!/usr/bin/env python3
"""Writes the seeds of the STUN entries into corpus/stun_message and corpus/stun_stream: messages as
clients send them, signed by code that shares nothing with ours, and streams of them."""
import hashlib
import hmac
import struct
import zlib
from pathlib import Path

CORPUS = Path(__file__).resolve().parent / "corpus"
KEY = b"VOkJxbRl1RmTxUk/WvJxBt"
COOKIE = struct.pack("!I", 0x2112A442)
TRANSACTION = bytes.fromhex("b7e7a701bc34d686fa87dfae")
USER = (0x0006, b"1735689600:alice")
REALM = (0x0014, b"example.org")
NONCE = (0x0015, b"obMatJos2gAAA")
ADDRESS_V4 = struct.pack("!BBH4s", 0, 1, 0xA147, bytes.fromhex("e112a643"))
ADDRESS_V6 = struct.pack("!BBH16s", 0, 2, 0xA147, bytes.fromhex("0113a9faa5d3f179bc25f4b5bed2b9d9"))


def attribute(kind: int, value: bytes, padding: bytes = b"\0") -> bytes:
    return struct.pack("!HH", kind, len(value)) + value + padding * (-len(value) % 4)


def message(kind: int, *attributes: tuple[int, bytes], sign: str = "", fingerprint: bool = False,
            padding: bytes = b"\0") -> bytes:
    body = b"".join(attribute(kind, value, padding) for kind, value in attributes)

    def head(more: int) -> bytes:
        return struct.pack("!HH", kind, len(body) + more) + COOKIE + TRANSACTION
    if "1" in sign:
        body += attribute(0x0008, hmac.digest(KEY, head(24) + body, hashlib.sha1))
    if "2" in sign:
        body += attribute(0x001C, hmac.digest(KEY, head(36) + body, hashlib.sha256))
    if fingerprint:
        crc = zlib.crc32(head(8) + body) ^ 0x5354554E
        body += attribute(0x8028, struct.pack("!I", crc))
    return head(0) + body


def channel_data(number: int, data: bytes) -> bytes:
    return struct.pack("!HH", number, len(data)) + data + b"\0" * (-len(data) % 4)


UDP = (0x0019, b"\x11\0\0\0")
MESSAGES = {
    "binding": message(0x0001),
    "binding_indication": message(0x0011, fingerprint=True),
    "binding_ice": message(0x0001, (0x8022, b"STUN test client"), (0x0024, b"n\0\1\xff"),
                           (0x8029, b"tiebreak"), (0x0006, b"evtj:h6vY"), sign="1",
                           fingerprint=True, padding=b" "),
    "binding_v4": message(0x0101, (0x8022, b"test vector"), (0x0020, ADDRESS_V4), sign="1",
                          fingerprint=True, padding=b" "),
    "binding_v6": message(0x0101, (0x0020, ADDRESS_V6), sign="1", fingerprint=True),
    "allocate": message(0x0003, UDP, (0x000D, b"\0\0\x03\x09"), (0x0018, b"\x80")),
    "allocate_signed": message(0x0003, UDP, (0x0017, b"\1\0\0\0"), (0x001A, b""), USER,
                               NONCE, REALM, sign="1", fingerprint=True),
    "allocate_sha256": message(0x0003, UDP, (0x8000, b"\2\0\0\0"), (0x001E, b"u" * 32), REALM,
                               NONCE, (0x8002, b"\0\1\0\0\0\2\0\0"),
                               (0x001D, b"\0\2\0\0"), sign="12"),
    "allocate_error": message(0x0113, (0x0009, b"\0\0\4\1Unauthenticated"), REALM, NONCE,
                              (0x8002, b"\0\1\0\0\0\2\0\0")),
    "allocate_success": message(0x0103, (0x0016, ADDRESS_V4), (0x0020, ADDRESS_V4),
                                (0x000D, b"\0\0\2\x58"), (0x8001, b"\2\0\4\x28"), sign="2"),
    "wrong_error": message(0x0113, (0x0009, b"\0\0\3\0"), (0x0008, b"wrong" * 4)),
    "unknown": message(0x0113, (0x0009, b"\0\0\4\x14"), (0x000A, b"\x7f\xff\0\x24\0\3")),
    "permissions": message(0x0008, (0x0012, ADDRESS_V4), (0x0012, ADDRESS_V6), USER, REALM, NONCE,
                           sign="1"),
    "channel_bind": message(0x0009, (0x000C, b"\x40\0\0\0"), (0x0012, ADDRESS_V4), USER, REALM,
                            NONCE, sign="1"),
    "send": message(0x0016, (0x0013, b"data"), (0x0012, ADDRESS_V4)),
    "icmp": message(0x0017, (0x0012, ADDRESS_V4), (0x8004, b"\0\0\3\4\0\0\5\0")),
    "connection": message(0x001C, (0x002A, b"\1\2\3\4"), (0x0012, ADDRESS_V6)),
    "strange": message(0x3FFF, (0x7ABC, b""), (0xC057, b"x"), (0x7ABC, b"y"),
                       (0x0022, b"12345678")),
    "msn_data": message(0x0115, (0x0012, ADDRESS_V4), (0x0013, b"data")),
    "truncated_sha256": message(0x0001, (0x001C, b"0123456789abcdef")),
    "behind": message(0x0001, sign="1")[:2] + b"\0\x24" + message(0x0001, sign="1")[4:]
              + attribute(0x0006, b"mallory!"),
}
STREAMS = {
    "pipelined": MESSAGES["allocate"] + MESSAGES["permissions"] + MESSAGES["channel_bind"],
    "mixed": MESSAGES["send"] + channel_data(0x4000, b"12345") + channel_data(0x4001, b"")
             + MESSAGES["binding"] + channel_data(0x7FFE, b"abcd"),
    "unpadded": channel_data(0x4000, b"1") + channel_data(0x4000, b"12345")[:-3],
    "tls": bytes.fromhex("16030100c8010000c40303"),
    "http": b"GET / HTTP/1.1\r\nHost: turn.example.org\r\n\r\n",
    "lost": MESSAGES["binding"] + b"\xff\xff\xff\xff" + MESSAGES["binding"],
    "no_cookie": b"\0\1\0\0" + b"\x11" * 16,
    "odd_length": b"\0\1\0\6" + COOKIE + TRANSACTION + b"\0" * 6,
    "long": struct.pack("!HH", 0x4000, 2900) + b"r" * 2900 + MESSAGES["binding"],
}


def main() -> None:
    for folder, seeds in (("stun_message", MESSAGES), ("stun_stream", STREAMS)):
        (CORPUS / folder).mkdir(parents=True, exist_ok=True)
        for name, seed in seeds.items():
            (CORPUS / folder / name).write_bytes(seed)


if __name__ == "__main__":
    main()
