"""What users do to a file store, all at once, and what each may expect to find after a crash.

Whoever has an answer knows; whoever has none accepts what was before or what would have been after,
and nothing in between.
"""

import asyncio
import base64
import time

from http_wire import HttpConnection
from xmpp_client import XmppClient

NS_UPLOAD = "urn:xmpp:http:upload:0"
POOL_BYTES = 4 << 20  # every body is a piece of it
TUS = {"Tus-Resumable": "1.0.0"}
TUS_PIECE = {**TUS, "Content-Type": "application/offset+octet-stream"}
RESUME_SECONDS_MAX = 20  # below the slot_timeout and the upload_timeout of the run
SLOTS_AHEAD = 12
STORED_MAX = 250  # files; then more are deleted than come


class StoreBroken(AssertionError):
    """Something that was acknowledged is not so, or something half is visible."""


class Bodies:
    """Contents that differ and cost nothing to make."""

    def __init__(self, random):
        self._random = random
        self._pool = memoryview(random.randbytes(POOL_BYTES))

    def new(self):
        most = self._random.choice((4 << 10, 64 << 10, 64 << 10, 256 << 10, 2 << 20))
        size = self._random.randrange(1, most)
        start = self._random.randrange(POOL_BYTES - size)
        return self._pool[start:start + size]


class SlotFile:
    """One file by upload slot. `state` is

    open     never acknowledged: a GET gives 404
    maybe    the request that makes it whole had no answer: 404 or all of it
    stored   acknowledged: all of it
    going    a DELETE had no answer: 404 or all of it
    gone     its DELETE was acknowledged: 404
    """

    def __init__(self, slot, body):
        put = slot.find_all(NS_UPLOAD, "put")[0]
        self.put = path_of(put.get("url"))
        self.get = path_of(slot.find_all(NS_UPLOAD, "get")[0].get("url"))
        self.headers = {header.get("name"): header.text
                        for header in slot.find_all(NS_UPLOAD, "header")}
        self.body = body
        self.state = "open"
        self.is_busy = False  # somebody works on it
        self.granted = time.monotonic()

    def may_go_on(self):
        return not self.is_busy and time.monotonic() - self.granted < RESUME_SECONDS_MAX

    async def ask(self, connection, method, wanted, headers=None, body=None):
        answer = await connection.request(method, self.put, {**self.headers, **(headers or {})},
                                          body)
        if answer.status not in wanted:
            raise StoreBroken(f"{method} of {self} with {headers}: {answer}")
        return answer

    def offset_in(self, answer):
        offset = int(answer.fields["upload-offset"])
        if offset >= len(self.body):
            raise StoreBroken(f"{self} is whole and nobody was told: {answer}")
        return offset

    async def put_whole(self, connection):
        self.state = "maybe"
        await self.ask(connection, "PUT", (201,), {}, self.body)
        self.state = "stored"

    async def put_rest(self, connection, pieces):
        """By Content-Range from where the upload stands, in about so many pieces."""
        size = len(self.body)
        asked = await self.ask(connection, "PUT", (308,), {"Content-Range": f"bytes */{size}"}, b"")
        offset = self.offset_in(asked)
        while offset < size:
            end = min(offset + size // pieces + 1, size)
            self.state = "maybe" if end == size else "open"
            field = {"Content-Range": f"bytes {offset}-{end - 1}/{size}"}
            await self.ask(connection, "PUT", (201 if end == size else 308,), field,
                           self.body[offset:end])
            offset = end
        self.state = "stored"

    async def patch_rest(self, connection, pieces):
        """The same by tus."""
        size = len(self.body)
        await self.ask(connection, "POST", (201,), {**TUS, "Upload-Length": size}, b"")
        asked = await self.ask(connection, "HEAD", (200,), TUS)
        offset = self.offset_in(asked)
        while offset < size:
            end = min(offset + size // pieces + 1, size)
            self.state = "maybe" if end == size else "open"
            await self.ask(connection, "PATCH", (204,), {**TUS_PIECE, "Upload-Offset": offset},
                           self.body[offset:end])
            offset = end
        self.state = "stored"

    async def delete(self, connection):
        self.state = "going"
        await self.ask(connection, "DELETE", (204,), TUS)
        self.state = "gone"

    async def settle(self, connection):
        """Compares what is there with what may be there."""
        answer = await connection.request("GET", self.get)
        is_whole = answer.status == 200 and answer.body == self.body
        may_be_whole = self.state in ("maybe", "stored", "going")
        may_be_absent = self.state != "stored"
        if not (is_whole and may_be_whole) and not (answer.status == 404 and may_be_absent):
            raise StoreBroken(f"GET of {self}: {answer}, {len(answer.body)} bytes")
        if is_whole:
            self.state = "stored"
        elif self.state in ("maybe", "going"):
            self.state = "open" if self.state == "maybe" else "gone"

    def __repr__(self):
        return f"{self.state} file {self.get} of {len(self.body)} bytes"


def path_of(url):
    return "/" + url.split("/", 3)[3]


class DavFolder:
    """A folder that one worker changes. `files` is what is acknowledged, `wanted` what the change
    makes of it that has no answer yet."""

    def __init__(self, href, headers):
        self.href = href
        self.headers = headers
        self.files = {}
        self.wanted = None

    async def make(self, connection):
        for name in ("", "box/"):
            answer = await connection.request("MKCOL", self.href + name, self.headers)
            if answer.status != 201:
                raise StoreBroken(f"MKCOL of {self.href}{name}: {answer}")

    async def change(self, connection, method, path, wanted, destination=None, body=None):
        headers = dict(self.headers)
        if destination is not None:
            headers["Destination"] = self.href + destination
        self.wanted = wanted
        answer = await connection.request(method, self.href + path, headers, body)
        if answer.status not in (201, 204):
            raise StoreBroken(f"{method} of {self.href}{path} to {destination}: {answer}")
        self.files, self.wanted = wanted, None

    async def act(self, connection, random, bodies):
        """One change by chance."""
        files = self.files
        name = random.choice(("a", "b", "c", "d", "box/e", "box/f", "box/g"))
        present = sorted(path for path in files if not path.startswith("crate/"))
        kind = random.choice(("put", "put", "put", "move", "copy", "delete", "folder"))
        if kind == "folder" and any(path.startswith("box/") for path in files):
            await self.swap_folder(connection)
        elif kind in ("put", "folder") or not present:
            body = bodies.new()
            await self.change(connection, "PUT", name, {**files, name: body}, body=body)
        elif kind == "delete":
            path = random.choice(present)
            await self.change(connection, "DELETE", path, without(files, path))
        else:
            path = random.choice(present)
            if path == name:
                return
            kept = files if kind == "copy" else without(files, path)
            await self.change(connection, kind.upper(), path, {**kept, name: files[path]},
                              destination=name)

    async def swap_folder(self, connection):
        """MOVE of a whole folder, in place of the one that is there, and a new one for the old."""
        moved = {path: body for path, body in self.files.items() if "/" not in path}
        moved.update((path.replace("box/", "crate/"), body)
                     for path, body in self.files.items() if path.startswith("box/"))
        await self.change(connection, "MOVE", "box/", moved, destination="crate/")
        await self.change(connection, "MKCOL", "box/", dict(moved))

    async def settle(self, connection, is_all=False):
        before, after = self.files, self.wanted if self.wanted is not None else self.files
        touched = {path for path in {**before, **after} if before.get(path) is not after.get(path)}
        found = {}
        for path in sorted({**before, **after} if is_all else touched):
            answer = await connection.request("GET", self.href + path, self.headers)
            if answer.status not in (200, 404):
                raise StoreBroken(f"GET of {self.href}{path}: {answer}")
            found[path] = answer.body if answer.status == 200 else None
        for world in (before, after):
            if all(found[path] == world.get(path) for path in found):
                self.files, self.wanted = world, None
                # The folder itself may have gone to its new name before its successor was made.
                await connection.request("MKCOL", self.href + "box/", self.headers)
                return
        sizes = {path: body if body is None else len(body) for path, body in found.items()}
        raise StoreBroken(f"{self.href} is neither as it was nor as it would be: {sizes}")


def without(files, path):
    return {name: body for name, body in files.items() if name != path}


async def pause():
    """Lets the others work; there is nothing to do at the moment."""
    await asyncio.sleep(0.001)


class Load:
    """All users of one store: one JID, for which alice asks and whose folder she has."""

    def __init__(self, server, jid, port, random, password):
        self.server, self.jid, self.port, self.random = server, jid, port, random
        self.bodies = Bodies(random)
        self.owner = f"alice@{server.host}"
        token = base64.b64encode(f"{self.owner}:{password}".encode()).decode()
        self.login = {"Authorization": f"Basic {token}"}
        self.root = f"/dav/{self.owner}/"
        self.files = []
        self.folders = []
        self._slots = []
        self.acknowledged = 0  # changes of either kind
        self.is_over = False  # whoever waits for something to do need not any more

    async def ask_slots(self):
        """Has some slots in hand until the server has lost its component, or it is cancelled."""
        self._slots = [file for file in self._slots if file.may_go_on()]
        async with XmppClient(self.server, "alice", f"r{self.random.getrandbits(40):x}") as alice:
            while True:
                bodies = [self.bodies.new() for _ in range(SLOTS_AHEAD)]
                ids = [alice.ask("get", self.jid, f"<request xmlns='{NS_UPLOAD}' filename='a.bin' "
                                 f"size='{len(body)}'/>") for body in bodies]
                for body, iq_id in zip(bodies, ids):
                    answer = await alice.answer(iq_id)
                    if answer.kind != "result":
                        return
                    self._slots.append(SlotFile(answer, body))
                while len(self._slots) > SLOTS_AHEAD // 2 and not self.is_over:
                    await pause()

    def next_open(self):
        """A file to upload: one that was begun before, or a new one; None: no slot is there."""
        begun = [file for file in self.files if file.state == "open" and file.may_go_on()]
        if begun and self.random.random() < 0.5:
            return self.random.choice(begun)
        if not self._slots:
            return None
        self.files.append(self._slots.pop())
        return self.files[-1]

    async def work_on_slots(self):
        """Uploads in every way and deletes, on one connection, until that is lost."""
        with await HttpConnection.open(self.port) as connection:
            while not self.is_over:
                file = self.next_file()
                if file is None:
                    await pause()
                    continue
                file.is_busy = True
                await self.work_on(file, connection)
                file.is_busy = False
                self.acknowledged += 1

    def next_file(self):
        stored = [file for file in self.files if file.state == "stored" and not file.is_busy]
        is_full = self.random.random() < len(stored) / STORED_MAX
        return self.random.choice(stored) if stored and is_full else self.next_open()

    async def work_on(self, file, connection):
        if file.state == "stored":
            return await file.delete(connection)
        way = self.random.choice(("whole", "ranges", "tus"))
        if way == "whole":
            return await file.put_whole(connection)
        pieces = self.random.randrange(1, 5)
        rest = file.put_rest if way == "ranges" else file.patch_rest
        await rest(connection, pieces)

    async def work_on_folder(self, folder):
        with await HttpConnection.open(self.port) as connection:
            while True:
                await folder.act(connection, self.random, self.bodies)
                self.acknowledged += 1
