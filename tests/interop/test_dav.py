"""Folders over WebDAV as users get them: an account by in-band registration, then files by HTTP and
by the clients that Debian ships."""

import base64
import hashlib
import os
import pathlib
import re
import shutil
import subprocess
import tempfile

from harness import COMPONENT, on_both_servers, on_servers
from servers import ServerFailed, find_program, wait_until
from test_files import Files, fetch
from xmpp_client import NS_DISCO_INFO

NS_REGISTER = "jabber:iq:register"
PASSWORD = "correct horse battery"


def credentials(user, password=PASSWORD):
    return {"Authorization": "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()}


class WithAccount(Files):
    password = PASSWORD
    has_account = False

    async def register(self, client, user):
        return await client.iq(
            "set", COMPONENT, f"<query xmlns='{NS_REGISTER}'><username>{user}</username>"
            f"<password>{self.password}</password></query>")

    async def open_folder(self):
        """The URL of a new folder of alice, who has an account for as long as the class."""
        self.jid = f"alice@{self.server.host}"
        if not type(self).has_account:
            alice = await self.client("alice")
            answer = await self.register(alice, "alice")
            self.assertEqual(answer.kind, "result", answer)
            type(self).has_account = True
        url = f"{self.url}/dav/{self.jid}/{os.urandom(4).hex()}/"
        self.assertEqual(self.request("MKCOL", url)[0], 201)
        return url

    def get(self, url):
        """Status and body for the owner."""
        status, _, body = self.request("GET", url)
        return status, body

    def request(self, method, url, body=None, headers=None):
        return fetch(method, url, body, {**credentials(self.jid, self.password), **(headers or {})},
                     self.tls)

    def program(self, name):
        try:
            return find_program(name)
        except ServerFailed as missing:
            self.skipTest(str(missing))


@on_both_servers
class Folders(WithAccount):

    # REG-01, REG-02, REG-03, REG-06, DAV-28
    async def test_an_account_opens_a_folder_and_takes_it_along(self):
        alice = await self.client("alice")
        info = await alice.iq("get", COMPONENT, f"<query xmlns='{NS_DISCO_INFO}'/>")
        features = [feature.get("var") for feature in info.find_all(NS_DISCO_INFO, "feature")]
        self.assertIn(NS_REGISTER, features)
        jid = f"alice@{self.server.host}"
        url = f"http://127.0.0.1:{self.http}/dav/{jid}/a.txt"
        self.assertEqual(fetch("PUT", url, b"hello", credentials(jid))[0], 401)
        self.assertEqual((await self.register(alice, "alice")).kind, "result")
        self.assertEqual(fetch("PUT", url, b"hello", credentials(jid))[0], 201)
        self.assertEqual(fetch("GET", url, None, credentials(jid))[2], b"hello")
        self.assertEqual(fetch("GET", url)[0], 401)
        gone = await alice.iq("set", COMPONENT, f"<query xmlns='{NS_REGISTER}'><remove/></query>")
        self.assertEqual(gone.kind, "result")
        self.assertEqual(fetch("GET", url, None, credentials(jid))[0], 401)


@on_servers("prosody")
class Cadaver(WithAccount):
    password = "no-blanks-for-netrc"

    def session(self, url, *commands):
        """What cadaver prints for each of these commands, run in one session."""
        home = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))
        netrc = home / ".netrc"
        netrc.write_text(f"machine 127.0.0.1 login {self.jid} password {self.password}\n")
        netrc.chmod(0o600)
        done = subprocess.run(
            [self.program("cadaver"), url], input="".join(f"{line}\n" for line in commands),
            cwd=home, env={**os.environ, "HOME": str(home), "LC_ALL": "C.UTF-8"}, timeout=60,
            capture_output=True, text=True, check=False)
        # A prompt stands before the output of each command.
        return re.split(r"dav:[^\n>]*> ", done.stdout + done.stderr)[1:]

    # DAV-25, DAV-27, DAV-28, DAV-29, DAV-31
    async def test_cadaver_puts_copies_moves_and_deletes(self):
        url = await self.open_folder()
        body = os.urandom(300_000)
        folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))
        (folder / "pic ture.bin").write_bytes(body)
        commands = [f'put "{folder}/pic ture.bin"', "mkcol albums", 'copy "pic ture.bin" albums/b',
                    "move albums/b albums/c", "ls albums", f"get albums/c {folder}/back.bin",
                    "mkcol albums", 'delete "pic ture.bin"', "ls"]
        said = self.session(url, *commands)
        for command, text in zip(commands, said):
            wanted = "failed" if command == "mkcol albums" and text is said[6] else "succeeded"
            self.assertIn(wanted, text, command)
        self.assertIn("300000", said[4])
        self.assertEqual((folder / "back.bin").read_bytes(), body)
        self.assertEqual(self.get(url + "albums/c"), (200, body))
        self.assertEqual(self.get(url + "albums/b")[0], 404)
        self.assertEqual(self.get(url + "pic%20ture.bin")[0], 404)
        self.session(url, "rmcol albums")
        self.assertEqual(self.get(url + "albums/c")[0], 404)

    # DAV-40, DAV-44, DAV-45, DAV-51
    async def test_cadaver_locks_and_unlocks(self):
        url = await self.open_folder()
        folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))
        (folder / "a").write_bytes(b"first")
        (folder / "b").write_bytes(b"second")
        said = self.session(url, f"put {folder}/a", "lock a", "discover a", f"put {folder}/b a",
                            "unlock a", "discover a", f"put {folder}/a c")
        for text in (said[1], said[3], said[4], said[6]):
            self.assertIn("succeeded", text)
        self.assertIn("urn:uuid:", said[2])
        self.assertIn("xclusive", said[2])
        self.assertNotIn("urn:uuid:", said[5])
        self.assertEqual(self.get(url + "a"), (200, b"second"), "whoever has the lock may write")
        # A lock outlives the session, and keeps the next one out.
        self.session(url, "lock c")
        said = self.session(url, f"put {folder}/b c")
        self.assertIn("423", said[0])
        self.assertEqual(self.get(url + "c"), (200, b"first"))

    # DAV-23, DAV-24
    async def test_cadaver_keeps_properties(self):
        url = await self.open_folder()
        folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))
        (folder / "a").write_bytes(b"x")
        said = self.session(url, f"put {folder}/a", 'propset a mood "very good"', "propget a mood",
                            "propnames a", "move a b", "propget b mood", "propdel b mood",
                            "propget b mood")
        self.assertIn("very good", said[2])
        self.assertIn("mood", said[3])
        self.assertIn("very good", said[5])
        self.assertNotIn("very good", said[7])


@on_servers("prosody")
class MountedFolder(WithAccount):
    """By davfs2. Names are looked up, never listed: davfs2 1.6.1 cannot list on kernels after 6."""

    def mount(self, url):
        if not os.path.exists("/dev/fuse"):
            self.skipTest("there is no /dev/fuse")
        if os.geteuid() != 0:
            self.skipTest("mounting needs root")
        mount, unmount = self.program("mount.davfs"), self.program("umount.davfs")
        folder = pathlib.Path(tempfile.mkdtemp(prefix="bellhop-davfs-"))
        folder.chmod(0o711)  # its daemon runs as a user of its own
        place, cache, secrets = folder / "mounted", folder / "cache", folder / "secrets"
        place.mkdir()
        cache.mkdir()
        cache.chmod(0o775)
        shutil.chown(cache, group="davfs2")
        secrets.write_text(f'{place} {self.jid} "{PASSWORD}"\n')
        secrets.chmod(0o600)
        (folder / "conf").write_text(f"secrets {secrets}\ncache_dir {cache}\ndelay_upload 0\n"
                                     "use_locks 1\nask_auth 0\n")
        done = subprocess.run([mount, url, str(place), "-o", f"conf={folder}/conf"], timeout=60,
                              capture_output=True, text=True, check=False)

        def clean_up():
            if os.path.ismount(place):
                subprocess.run([unmount, str(place)], check=True, timeout=60, capture_output=True)
            subprocess.run(["rm", "-rf", "--one-file-system", str(folder)], check=True)
        self.addCleanup(clean_up)
        self.assertEqual(done.returncode, 0, done.stderr)
        return place

    # DAV-40, DAV-42, DAV-45, DAV-49, QTA-01
    async def test_davfs2_writes_reads_renames_and_removes(self):
        url = await self.open_folder()
        place = self.mount(url)
        body = os.urandom(700_000)
        (place / "album").mkdir()
        (place / "album" / "Ä photo & more.jpg").write_bytes(body)
        path = url + "album/%C3%84%20photo%20%26%20more.jpg"
        wait_until(lambda: self.get(path) == (200, body), 20, "the upload")
        (place / "album" / "Ä photo & more.jpg").rename(place / "kept.jpg")
        self.assertEqual(self.get(url + "kept.jpg"), (200, body))
        self.assertEqual(self.get(path)[0], 404)
        self.assertEqual(hashlib.sha256((place / "kept.jpg").read_bytes()).digest(),
                         hashlib.sha256(body).digest())
        with open(place / "kept.jpg", "ab") as file:
            file.write(b"and more")
        wait_until(lambda: self.get(url + "kept.jpg") == (200, body + b"and more"), 20, "the rest")
        room = os.statvfs(place)
        self.assertLess(room.f_blocks * room.f_frsize, 11 << 30, "the quota, not an invented size")
        (place / "kept.jpg").unlink()
        (place / "album").rmdir()
        self.assertEqual(self.get(url + "kept.jpg")[0], 404)
        self.assertEqual(self.get(url + "album/")[0], 404)

    async def test_davfs2_sees_what_came_by_another_way(self):
        url = await self.open_folder()
        status, _, _ = fetch("PUT", url + "given", b"from elsewhere", credentials(self.jid))
        self.assertEqual(status, 201)
        self.assertEqual((self.mount(url) / "given").read_bytes(), b"from elsewhere")
