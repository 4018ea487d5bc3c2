"""What the file store answers to whoever means harm, and that nothing is lost or left behind:
paths in disguise, sizes that lie, races for one slot, moves into oneself, locks that run out."""

import asyncio
import contextlib
import sqlite3

from harness import on_servers
from http_wire import HttpConnection, ask
from test_dav import WithAccount, credentials
from test_files import MIB

SECRET_WORD = b"nobody-may-read-this"
FILE_BYTES_MAX = 2 * MIB
RACERS = 12

# Ways to say "the folder above", each for /f/ and for a folder of WebDAV. %s: where it begins.
CLIMBING = (
    "%s../word", "%s../../word", "%s./word", "%s..", "%s%%2e%%2e/word", "%s%%2E%%2e/%%2e./word",
    "%s.%%2e/word", "%s..%%2fword", "%s%%2e%%2e%%2fword", "%s..%%5cword", "%s..\\word",
    "%s%%252e%%252e/word", "%s%%252e%%252e%%252fword/..", "%s%%25252e%%25252e/word",
    "%s%%25%%32%%65%%2e/word", "%s%%c0%%ae%%c0%%ae/word", "%s%%e0%%80%%ae%%e0%%80%%ae/word",
    "%s%%c0%%afword", "%s..%%c0%%af..%%c0%%afword", "%s%%c1%%9cword", "%sword%%00.txt", "%s%%00",
    "%s..%%00/word", "%s%%0a", "%s%%7f", "%s%%2", "%s%%zz", "%s\udcff", "%s%%ff", "%s%%ed%%a0%%80",
    "http://localhost%s../word", "https://localhost%s%%2e%%2e/word", "HTTP://localhost%s..%%2fword",
    "file://localhost%sword", "ftp://localhost%sword", "//localhost%s../word")
# The same for eyes alone: names like any other.
HARMLESS = ("%s....//word", "%s..;/word", "%s...", "%s%%25", "%s%%e2%%80%%a5/word",
            "%s%%ef%%bc%%8e%%ef%%bc%%8e/word", "%s~root", "%sCON", "%s$HOME", "%s-rf")


@on_servers("prosody")
class HostileClients(WithAccount):
    more = {"file_bytes_max": "2 MiB"}

    def everything(self):
        """The store as it lies on the disk, and all else that bellhopd could have written to."""
        folder = self.bellhop.folder
        found = {str(path.relative_to(folder)): path.stat().st_size
                 for path in folder.rglob("*") if path.is_file()}
        moving = ("output.log", "files/index.db", "state/")
        kept = {name: size for name, size in found.items() if not name.startswith(moving)}
        with sqlite3.connect(f"file:{folder}/files/index.db?mode=ro", uri=True) as index:
            kept["rows"] = sorted(index.execute("SELECT id, size, state FROM file"))
            kept["names"] = sorted(index.execute("SELECT id, parent, name, file FROM node"))
        index.close()
        return kept

    async def connection(self):
        connection = await HttpConnection.open(self.http)
        self.addCleanup(connection.close)
        return connection

    async def status(self, method, target, headers=None, body=None):
        """Of one request, sent as it is; what is answered never holds the word."""
        answer = await ask(self.http, method, target, headers, body)
        self.assertNotIn(SECRET_WORD, answer.body, target)
        return answer.status

    # HUP-30
    async def test_no_disguise_leads_out_of_links_and_folders(self):
        url = await self.open_folder()
        root = "/" + url.split("/", 3)[3]
        login = credentials(self.jid)
        self.assertEqual(self.request("PUT", url + "mine", b"x")[0], 201)
        for place in (".", "files", "files/stored", "files/partial"):
            word = self.bellhop.folder / place / "word"
            word.write_bytes(SECRET_WORD)
            self.addCleanup(word.unlink)
        slot = await self.granted(size=4)
        before = self.everything()
        for pattern in CLIMBING:
            for start in ("/f/", "/f/AAAAAAAAAAAAAAAAAAAAAA/", "/dav/", root):
                target = pattern % start
                for method in ("GET", "PUT", "DELETE", "PROPFIND", "MKCOL"):
                    body = b"evil" if method == "PUT" else None
                    headers = {**login, **(slot.headers if start == "/f/" else {})}
                    status = await self.status(method, target, headers, body)
                    # A scheme's "//" is an empty segment, which nothing is made of.
                    wanted = (400, 404) if "localhost" in target else (400,)
                    self.assertIn(status, wanted, f"{method} {target!r}")
            for method in ("MOVE", "COPY"):
                fields = {**login, "Destination": pattern % root}
                status = await self.status(method, root + "mine", fields)
                self.assertIn(status, (400, 403, 502), f"{method} to {fields['Destination']!r}")
        for pattern in HARMLESS:
            self.assertEqual(await self.status("GET", pattern % "/f/"), 404, pattern)
            self.assertEqual(await self.status("GET", pattern % root, login), 404, pattern)
        self.assertEqual(self.everything(), before)

    # HUP-09, HUP-26, HUP-30: names are shown and never used
    async def test_names_of_files_are_text(self):
        for name in (".", "..", "", "/", "\\"):
            answer = await self.slot(name=name, size=4)
            self.assertEqual((answer.kind, answer.condition), ("error", "bad-request"), name)
        for name in ("../../etc/passwd", "a/b", "a\\b", "%2e%2e", "%252e%252e", "a\u202egpj.exe",
                     "&quot;; filename=evil.html", "\u00e4\u0300\u2028.jpg", ".htaccess", "nul.",
                     "x" * 200):
            slot = await self.granted(name=name, size=4)
            parts = slot.get_url.split("/")[3:]
            self.assertEqual((parts[0], len(parts)), ("f", 3), slot.get_url)
            self.assertEqual(slot.upload(b"word"), 201, name)
            status, headers, body = slot.request("GET", url=slot.get_url)
            self.assertEqual((status, body), (200, b"word"))
            shown = headers["Content-Disposition"]
            self.assertNotIn("..", shown.replace("...", ""), shown)
            self.assertFalse({"/", "\\", "\r", "\n"} & set(shown.replace("\\\"", "")), shown)
        stored = (self.bellhop.folder / "files" / "stored").glob("??/*")
        self.assertTrue(all(len(path.name) == 22 for path in stored))

    # HUP-20, HUP-21, DAV-09
    async def test_too_much_is_refused_before_it_is_taken(self):
        url = await self.open_folder()
        path = "/" + url.split("/", 3)[3]
        login = credentials(self.jid)
        before = self.everything()
        slot = await self.granted(size=1000)
        put = "/" + slot.put_url.split("/", 3)[3]
        self.assertEqual(slot.upload(bytes(1001)), 413)
        for length in (FILE_BYTES_MAX + 1, 1 << 40, (1 << 64) - 1):
            fields = {**slot.headers, "Content-Length": length}
            self.assertEqual(await self.status("PUT", put, fields), 413, length)
        for length in (FILE_BYTES_MAX + 1, 1 << 40, (1 << 64) - 1):
            fields = {**login, "Content-Length": length}
            self.assertIn(await self.status("PUT", path + "a", fields), (413, 507), length)
        for length in ("-1", "+5", "0x10", "1e3", "", "5 5", "5,6", "99999999999999999999999"):
            fields = {**slot.headers, "Content-Length": length}
            self.assertEqual(await self.status("PUT", put, fields), 400, length)
        chunked = {"Transfer-Encoding": "chunked"}
        for size in ("ffffffffffffffff", "fffffffffffffffff", "-1", "zz"):
            connection = await self.connection()
            await connection.send(connection.head("PUT", put, {**slot.headers, **chunked})
                                  + f"{size}\r\n".encode() + b"x" * 2000)
            self.assertIn((await connection.response()).status, (400, 413), size)
        connection = await self.connection()
        await connection.send(connection.head("PUT", path + "a", {**login, **chunked})
                              + b"300000\r\n" + bytes(0x300000) + b"\r\n0\r\n\r\n")
        self.assertIn((await connection.response()).status, (413, 507))
        self.assertIn(await self.status("GET", "/f/" + "x" * 70_000), (400, 414, 431))
        self.assertIn(await self.status("GET", "/f/x", {"X-Long": "x" * 70_000}), (400, 431))
        body = b"<propfind xmlns='DAV:'><prop>" + b"<a/>" * MIB + b"</prop></propfind>"
        self.assertEqual(await self.status("PROPFIND", path, {**login, "Depth": "0"}, body), 413)
        self.assertEqual(slot.upload(bytes(1000)), 201, "the slot is as good as before")
        self.assertEqual(slot.request("DELETE")[0], 204)
        self.assertEqual(self.everything(), before)

    # HUP-20, HUP-31
    async def test_a_length_that_lies_makes_no_file(self):
        slot = await self.granted(size=1000)
        put, get = ("/" + url.split("/", 3)[3] for url in (slot.put_url, slot.get_url))
        short = await self.connection()
        await short.send(short.head("PUT", put, {**slot.headers, "Content-Length": 1000})
                         + b"x" * 999)
        short.finish_sending()
        with contextlib.suppress(ConnectionError):
            self.assertEqual((await short.response()).status, 400)
        self.assertEqual(await self.status("GET", get), 404)
        two = await self.connection()
        await two.send(b"PUT " + put.encode() + b" HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n"
                       b"Content-Length: 10\r\n\r\n" + bytes(1000))
        self.assertEqual((await two.response()).status, 400)
        both = await self.connection()
        fields = {**slot.headers, "Content-Length": 1000, "Transfer-Encoding": "chunked"}
        await both.send(both.head("PUT", put, fields)
                        + b"0\r\n\r\nGET /f/smuggled HTTP/1.1\r\n\r\n")
        self.assertEqual((await both.response()).status, 400)
        self.assertEqual(await self.status("GET", get), 404)
        # What comes behind the last byte belongs to no file, and is no request either.
        longer = await self.connection()
        await longer.send(longer.head("PUT", put, {**slot.headers, "Content-Length": 1000})
                          + b"y" * 1000 + b"z" * 100 + b"\r\n\r\n")
        self.assertEqual((await longer.response()).status, 201)
        self.assertEqual((await longer.response()).status, 400)
        self.assertEqual((await ask(self.http, "GET", get)).body, b"y" * 1000)

    # DAV-08, DAV-28
    async def test_a_broken_put_leaves_a_folder_as_it_was(self):
        url = await self.open_folder()
        path = "/" + url.split("/", 3)[3]
        login = credentials(self.jid)
        self.assertEqual(self.request("PUT", url + "a", b"first")[0], 201)
        before = self.everything()
        for name in ("a", "new"):
            broken = await self.connection()
            await broken.send(broken.head("PUT", path + name, {**login, "Content-Length": 100_000})
                              + bytes(50_000))
            await self.eventually("the bytes come", lambda: self.everything() != before)
            broken.close()
            await self.eventually("nothing is left of them", lambda: self.everything() == before)
        self.assertEqual(self.get(url + "a"), (200, b"first"))
        self.assertEqual(self.get(url + "new")[0], 404)

    # HUP-24
    async def test_of_many_who_race_for_a_slot_one_wins(self):
        for _ in range(10):
            size = 200_000
            slot = await self.granted(size=size)
            put, get = ("/" + url.split("/", 3)[3] for url in (slot.put_url, slot.get_url))
            bodies = [bytes([number]) * size for number in range(RACERS)]
            answers = await asyncio.gather(*(
                ask(self.http, "PUT", put, slot.headers, body) for body in bodies))
            statuses = [answer.status for answer in answers]
            # 423: the winner is still at it; 409: it is done.
            self.assertEqual(statuses.count(201), 1, statuses)
            self.assertLessEqual(set(statuses), {201, 409, 423})
            self.assertEqual((await ask(self.http, "GET", get)).body,
                             bodies[statuses.index(201)])
        self.assertEqual(list((self.bellhop.folder / "files" / "partial").iterdir()), [])

    # WDX-02
    async def test_of_many_who_race_for_a_name_one_wins_and_no_byte_is_counted_twice(self):
        url = await self.open_folder()
        path = "/" + url.split("/", 3)[3]
        fields = {**credentials(self.jid), "If-None-Match": "*"}
        self.assertEqual(self.get(url)[0], 200)  # logs in once for all
        for turn in range(5):
            bodies = [bytes([number]) * 50_000 for number in range(RACERS)]
            answers = await asyncio.gather(*(
                ask(self.http, "PUT", f"{path}{turn}", fields, body) for body in bodies))
            statuses = [answer.status for answer in answers]
            self.assertEqual(sorted(statuses), [201] + [412] * (RACERS - 1))
            self.assertEqual(self.get(f"{url}{turn}"), (200, bodies[statuses.index(201)]))
        rows = [row for row in self.everything()["rows"] if row[1] == 50_000]
        self.assertEqual(len(rows), 5)

    # DAV-29, DAV-31, DAV-33
    async def test_nothing_moves_onto_itself_or_into_itself(self):
        url = await self.open_folder()
        for name in ("d/", "d/e/"):
            self.assertEqual(self.request("MKCOL", url + name)[0], 201)
        self.assertEqual(self.request("PUT", url + "d/e/a", b"precious")[0], 201)
        before = self.everything()
        path = "/" + url.split("/", 3)[3]
        for source, destination in (
                ("d/e/a", "d/e/a"), ("d/e/a", "d/e/%61"), ("d/e/a", "d//e///a"), ("d/", "d"),
                ("d", "d/"), ("d", "d/x"), ("d/", "d/e"), ("d/", "d/e/"), ("d/", "d/e/a/b"),
                ("d/", "%64/%65/new"), ("d/e/a", "d"), ("d/e/", "d/"), ("d/e/a", "d/e"),
                ("", "d/x"), ("d/e/a", "d/e/a/b")):
            for method in ("MOVE", "COPY"):
                for form in (url, path):
                    status, _, _ = self.request(method, url + source,
                                                headers={"Destination": form + destination})
                    self.assertIn(status, (403, 409), f"{method} {source} to {destination}")
        self.assertEqual(self.everything(), before)
        self.assertEqual(self.get(url + "d/e/a"), (200, b"precious"))

    # DAV-43
    async def test_a_lock_that_has_run_out_is_as_if_it_had_never_been(self):
        url = await self.open_folder()
        self.assertEqual(self.request("PUT", url + "a", b"first")[0], 201)
        lock = (b"<lockinfo xmlns='DAV:'><lockscope><exclusive/></lockscope>"
                b"<locktype><write/></locktype></lockinfo>")
        status, headers, _ = self.request("LOCK", url + "a", lock, {"Timeout": "Second-1"})
        self.assertEqual(status, 200)
        self.assertEqual(self.request("PUT", url + "a", b"second")[0], 423)
        self.assertEqual(self.request("DELETE", url + "a")[0], 423)
        await self.eventually("the lock ends",
                              lambda: self.request("PUT", url + "a", b"second")[0] == 204)
        self.assertEqual(self.get(url + "a"), (200, b"second"))
        stale = {"If": f"({headers['Lock-Token']})"}
        self.assertEqual(self.request("PUT", url + "a", b"third", stale)[0], 412)
        status, _, _ = self.request("UNLOCK", url + "a",
                                    headers={"Lock-Token": headers["Lock-Token"]})
        self.assertEqual(status, 409)
        self.assertEqual(self.request("LOCK", url + "a", lock)[0], 200, "for whoever comes next")
