"""Two real clients: slixmpp with its plugin for XEP-0065, as Debian ships it.

The proxy is found as every client finds it: disco#items of the user's server, disco#info of each
item, then the address query. Nothing here knows where the proxy is.
"""

import asyncio
import hashlib
import logging
import time

# slixmpp says at import that a faster stringprep exists; that is nothing a reader can act on.
logging.disable(logging.WARNING)
import slixmpp  # noqa: E402
logging.disable(logging.NOTSET)

from servers import LOOPBACK  # noqa: E402

LOGIN_TIMEOUT = 20.0  # seconds
CHUNK = 256 * 1024  # bytes handed to the transport at once


class RealClient(slixmpp.ClientXMPP):
    """A slixmpp client that accepts every bytestream and collects what arrives.

    Writes what it receives to `received_to` (a file object) if given, and hashes it either way."""

    def __init__(self, server, user, received_to=None):
        jid = user if "@" in user else f"{user}@{server.host}"
        super().__init__(jid, server.accounts[jid])
        self.port = server.c2s_port
        self.received_to = received_to
        self.received_bytes = 0
        self.received_hash = hashlib.sha256()
        self.stream_ended = asyncio.Event()
        self.register_plugin("xep_0030")
        self.register_plugin("xep_0065", {"auto_accept": True})
        self.streams = []
        self.add_event_handler("socks5_stream", self.streams.append)
        self.add_event_handler("socks5_data", self._on_data)
        self.add_event_handler("socks5_closed", lambda _: self.stream_ended.set())

    def _on_data(self, data):
        self.received_bytes += len(data)
        self.received_hash.update(data)
        if self.received_to:
            self.received_to.write(data)

    @property
    def bytestreams(self):
        return self["xep_0065"]

    async def log_in(self):
        """Connects without TLS and waits for the session."""
        started, failed = asyncio.Event(), asyncio.Event()
        self.add_event_handler("session_start", lambda _: started.set())
        self.add_event_handler("failed_auth", lambda _: failed.set())
        self.connect((LOOPBACK, self.port), force_starttls=False, disable_starttls=True)
        waits = [asyncio.create_task(event.wait()) for event in (started, failed)]
        done, pending = await asyncio.wait(waits, timeout=LOGIN_TIMEOUT,
                                           return_when=asyncio.FIRST_COMPLETED)
        for task in pending:
            task.cancel()
        if waits[0] not in done:
            raise ConnectionError(f"{self.boundjid.bare} could not log in")
        self.send_presence()
        return self

    async def log_out(self):
        # The plugin's own close() calls a method its streams do not have.
        for stream in self.streams:
            stream.transport.close()
        await self.disconnect(wait=1.0)


class TransferResult:
    """What a transfer showed: addresses, bytes, seconds, and both hashes."""

    def __init__(self, sender, receiver, proxies, sent_hash, seconds, stream):
        self.requester = str(sender.boundjid)
        self.target = str(receiver.boundjid)
        self.proxies = proxies  # {proxy JID: (host, port)} as found by service discovery
        # (address, port) of both ends of the sender's connection
        self.sender_address = stream.transport.get_extra_info("sockname")
        self.peer = stream.transport.get_extra_info("peername")
        self.sent_hash = sent_hash
        self.received_hash = receiver.received_hash.hexdigest()
        self.received_bytes = receiver.received_bytes
        self.seconds = seconds

    @property
    def is_intact(self):
        return self.sent_hash == self.received_hash


async def transfer(sender, receiver, source, size, timeout=120.0, progress=None):
    """Sends `size` bytes of the file object `source` from one logged-in client to the other.

    progress(step, value) is called with "found", "activated" and "sent"."""
    progress = progress or (lambda step, value: None)
    target = str(receiver.boundjid)
    proxies = {str(jid): address
               for jid, address in (await sender.bytestreams.discover_proxies(timeout=10)).items()}
    progress("found", proxies)
    stream = await asyncio.wait_for(sender.bytestreams.handshake(receiver.boundjid), 30)
    if stream is None:
        raise ConnectionError(f"no proxy among {proxies or 'none found'} could be used")
    sender.streams.append(stream)
    # The far end of this socket proves the path: it is the proxy and not the other client.
    progress("activated", (target, stream.transport.get_extra_info("peername")))

    started = time.monotonic()
    sent_hash = hashlib.sha256()
    left = size
    while left > 0:
        data = source.read(min(CHUNK, left))
        if not data:
            raise EOFError(f"the file ended {left} bytes early")
        sent_hash.update(data)
        left -= len(data)
        await asyncio.wait_for(stream.write(data), timeout)
    stream.transport.write_eof()
    progress("sent", size)
    await asyncio.wait_for(receiver.stream_ended.wait(), timeout)
    seconds = time.monotonic() - started
    return TransferResult(sender, receiver, proxies, sent_hash.hexdigest(), seconds, stream)
