"""The part of deploy/quickstart that runs after the build: servers, two clients, one file.

Prints what happens in words. Exit status 0 when the file came through Bellhop intact; 1 when
not; 130 or 143 when it was interrupted before that was known.
"""

import argparse
import asyncio
import hashlib
import http.client
import logging
import os
import pathlib
import secrets
import shutil
import signal
import sys
import tempfile
import time
import urllib.parse

ROOT = pathlib.Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests" / "support"))
sys.dont_write_bytecode = True

from servers import (LOOPBACK, Bellhop, Prosody, ServerFailed, bytes_by_sender,  # noqa: E402
                     free_port)
from xmpp_client import XmppClient  # noqa: E402

BEGAN = float(os.environ.get("QUICKSTART_BEGAN", time.time()))
UNITS = {"KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30}
COMPONENT = "bellhop.localhost"
NS_UPLOAD = "urn:xmpp:http:upload:0"
UPLOAD = b"This file waits at Bellhop until somebody fetches it.\n"


def say(text=""):
    print(f"[{time.time() - BEGAN:6.1f} s] {text}" if text else "", flush=True)


def readable(count):
    """A byte count as a person says it."""
    for name in ("GiB", "MiB", "KiB"):
        if count >= UNITS[name]:
            return f"{count / UNITS[name]:.3g} {name}"
    return f"{count} bytes"


def describe(failure):
    """An exception in words."""
    if isinstance(failure, asyncio.TimeoutError):
        return "a client waited too long for an answer"
    return str(failure) if isinstance(failure, (ServerFailed, OSError)) \
        else f"{type(failure).__name__}: {failure}"


def write_random_file(path, size):
    with open(path, "wb") as file:
        for offset in range(0, size, 1 << 20):
            file.write(os.urandom(min(1 << 20, size - offset)))


def hash_of(path):
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def show_progress(step, value):
    if step == "found":
        for proxy, (host, port) in value.items():
            say(f"alice asked her server for its services and found the proxy {proxy};")
            say(f"  it told her to meet bob at its streamhost {host} port {port}")
    elif step == "activated":
        target, (host, port) = value
        say(f"alice and {target} are both connected to {host} port {port};")
        say("  alice asked the proxy to activate the stream, and it did")
    elif step == "sent":
        say("alice has handed over the last byte")


async def send_file(server, folder, size):
    """Logs both clients in and sends the file; the TransferResult."""
    from real_client import RealClient, transfer
    with open(folder / "sent.bin", "rb") as source, open(folder / "received.bin", "wb") as sink:
        alice = RealClient(server, "alice")
        bob = RealClient(server, "bob", received_to=sink)
        await alice.log_in()
        await bob.log_in()
        say(f"two slixmpp clients are logged in: {alice.boundjid.full} and {bob.boundjid.full}")
        try:
            return await transfer(alice, bob, source, size, progress=show_progress)
        finally:
            await alice.log_out()
            await bob.log_out()


def transfer_and_check(server, bellhop, folder, size):
    """Sends one file and says what happened; whether it came through Bellhop intact."""
    say(f"making a random file of {readable(size)}")
    write_random_file(folder / "sent.bin", size)
    result = asyncio.run(send_file(server, folder, size))
    sent, received = hash_of(folder / "sent.bin"), hash_of(folder / "received.bin")

    session = bellhop.wait_event("session_ended", requester=result.requester)
    from_alice, from_bob = bytes_by_sender(session, result.sender_address)
    problems = []
    if sent != received:
        problems.append(f"the file changed on its way: sent {sent}, received {received}")
    if COMPONENT not in result.proxies:
        problems.append(f"service discovery did not show {COMPONENT}")
    if result.peer != (LOOPBACK, bellhop.port):
        problems.append(f"alice was connected to {result.peer}, which is not Bellhop")
    if (from_alice, from_bob) != (size, 0):
        problems.append(f"Bellhop counted {from_alice} bytes from alice and {from_bob} from bob "
                        f"instead of {size} and 0")

    say(f"bob has {readable(result.received_bytes)}, "
        f"{result.received_bytes / result.seconds / UNITS['MiB']:.0f} MiB/s "
        f"(two Python clients on one core set that pace)")
    verdict = "equals" if sent == received else "DIFFERS from"
    say(f"SHA-256 of bob's file {received[:16]}... {verdict} alice's")
    say(f"Bellhop's own account: session {session.get('session', '?')} from {session['requester']} "
        f"to {session.get('target', '?')},")
    say(f"  {from_alice} bytes from alice, {from_bob} from bob, "
        f"{session.get('duration_ms', '?')} ms, ended: {session.get('reason', '?')}")
    for problem in problems:
        say(f"PROBLEM: {problem}")
    say("The file went through Bellhop, intact." if not problems else "The transfer FAILED.")
    return not problems


async def ask_slot(server):
    """The PUT URL, GET URL and headers that alice is granted for UPLOAD (XEP-0363)."""
    async with XmppClient(server, "alice", "upload") as alice:
        answer = await alice.iq("get", COMPONENT, f"<request xmlns='{NS_UPLOAD}' "
                                f"filename='hello.txt' size='{len(UPLOAD)}' "
                                "content-type='text/plain'/>")
    if answer.kind != "result":
        raise ServerFailed(f"no slot was granted: {answer}")
    headers = {header.get("name"): header.text
               for header in answer.find_all(NS_UPLOAD, "header")}
    put, get = (answer.find_all(NS_UPLOAD, name)[0].get("url") for name in ("put", "get"))
    return put, get, headers


def request(method, url, body=None, headers=None):
    """Status and body of one HTTP request."""
    parts = urllib.parse.urlsplit(url)
    connection = http.client.HTTPConnection(parts.netloc, timeout=20)
    try:
        connection.request(method, parts.path, body, headers or {})
        response = connection.getresponse()
        return response.status, response.read()
    finally:
        connection.close()


def upload_and_check(server):
    """Uploads a small file as clients do and fetches it by its link; whether it is the same."""
    put, get, headers = asyncio.run(ask_slot(server))
    status, _ = request("PUT", put, UPLOAD, {**headers, "Content-Type": "text/plain"})
    fetched_status, fetched = request("GET", get)
    is_same = (status, fetched_status, fetched) == (201, 200, UPLOAD)
    say("alice asked for an upload slot and put a file there; its link, as long as this runs:")
    say(f"  {get}")
    say("Fetched by that link it is the same." if is_same
        else f"PROBLEM: PUT was answered {status}, GET {fetched_status}")
    return is_same


def stay_up(server, bellhop):
    """Waits for Ctrl-C, saying what Bellhop carries meanwhile; false when a server died."""
    say()
    say("Now try a client of your own (Gajim, Pidgin, Psi, profanity, ...) on this machine:")
    say(f"  server {LOOPBACK}   port {server.c2s_port}   TLS off (allow plain text)")
    for jid, password in server.accounts.items():
        say(f"  account {jid}   password {password}")
    say(f"  Its file-transfer proxy is {COMPONENT}; log both accounts in and send a file.")
    say(f"  Files: {bellhop.folder} (Bellhop), {server.folder} (Prosody)")
    say("Ctrl-C ends everything and removes these files.")
    shown = len(bellhop.events("session_ended"))
    while server.is_running() and bellhop.is_running():
        time.sleep(0.5)
        sessions = bellhop.events("session_ended")
        for session in sessions[shown:]:
            if "bytes_received" in session:
                say(f"{session.get('kind')} of {session.get('requester')}'s files: "
                    f"{session['bytes_received']} bytes came, {session['bytes_sent']} went")
                continue
            say(f"carried a stream from {session.get('requester')} to {session.get('target')}: "
                f"{session.get('bytes_from_first')} bytes one way, "
                f"{session.get('bytes_from_second')} the other")
        shown = len(sessions)
    dead = bellhop if server.is_running() else server
    say(f"{dead.name} ended by itself; its last lines:")
    print(dead.log_tail(), flush=True)
    return False


def run(options, folder):
    number, unit = options.size[:-3], options.size[-3:]
    size = int(number) * UNITS[unit]
    free = shutil.disk_usage(folder).free
    if free < 2 * size + (64 << 20):
        raise ServerFailed(f"{folder} has {readable(free)} free; the file is needed twice: "
                           f"{readable(2 * size)}. Choose a smaller --size or set TMPDIR")
    accounts = {user: secrets.token_hex(4) for user in ("alice", "bob")}
    components = {COMPONENT: secrets.token_hex(16)}
    # Ctrl-C must not wait for a stream that a visitor's client holds open.
    port = free_port()
    config = {"runtime": {"drain_timeout": "1s"},
              "component": {"services": ["proxy", "upload"]},
              "files": {"dir": "files", "plain_listen": [f"{LOOPBACK}:{port}"],
                        "public_url": f"http://{LOOPBACK}:{port}"}}
    with Prosody(accounts=accounts, components=components) as server:
        say(f"Prosody runs on {LOOPBACK}: clients at port {server.c2s_port}, "
            f"components at port {server.component_port}")
        with Bellhop(options.bellhopd, server, jid=COMPONENT, config=config) as bellhop:
            say(f"Bellhop is attached as {COMPONENT} and listens on {LOOPBACK} port {bellhop.port}")
            try:
                is_intact = transfer_and_check(server, bellhop, folder, size)
                is_intact = upload_and_check(server) and is_intact
            except Exception as failure:
                # Whatever a client or a server came up with: the reader gets a reason, not a trace.
                say(f"FAILED: {describe(failure)}")
                is_intact = False
            if not is_intact:
                print(f"--- Bellhop's log:\n{bellhop.log_tail()}\n"
                      f"--- Prosody's log:\n{server.log_tail()}", flush=True)
                return False
            return True if options.once else stay_up(server, bellhop)


class Interrupted(KeyboardInterrupt):
    """A signal asked for the end. asyncio passes on this kind, and only it, from anywhere."""

    def __init__(self, number):
        super().__init__()
        self.number = number


def interrupt(number, _frame):
    # Once is enough: a second Ctrl-C must not break the cleaning up.
    for name in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(name, signal.SIG_IGN)
    raise Interrupted(number)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--bellhopd", required=True)
    parser.add_argument("--size", default="64MiB")
    parser.add_argument("--once", action="store_true")
    options = parser.parse_args()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, interrupt)
    # slixmpp's streams do not bear being cancelled and asyncio would print their complaint after
    # Ctrl-C; what really fails arrives here as an exception.
    logging.getLogger("asyncio").disabled = True
    folder = pathlib.Path(tempfile.mkdtemp(prefix="bellhop-quickstart-"))
    try:
        is_good = run(options, folder)
    except Interrupted as interrupted:
        print(flush=True)
        say("stopped; nothing is left running")
        # Ctrl-C is the ordinary end of a run that stays up.
        return 0 if interrupted.number == signal.SIGINT and not options.once \
            else 128 + interrupted.number
    except (ServerFailed, OSError) as failure:
        say(f"FAILED: {describe(failure)}")
        return 1
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return 0 if is_good else 1


if __name__ == "__main__":
    sys.exit(main())
