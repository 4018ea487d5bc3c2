"""Ad-hoc commands of the file store, run by slixmpp as a user's client runs them."""

import os

from harness import COMPONENT, STRANGER, on_both_servers
from real_client import RealClient
from slixmpp.exceptions import IqError
from test_dav import credentials
from test_files import Files, client_session, fetch

LOCK = (b"<D:lockinfo xmlns:D='DAV:'><D:lockscope><D:exclusive/></D:lockscope>"
        b"<D:locktype><D:write/></D:locktype></D:lockinfo>")


class CommandClient(RealClient):
    """slixmpp with its own xep_0050."""

    def __init__(self, server, user):
        super().__init__(server, user)
        self.register_plugin("xep_0004")
        self.register_plugin("xep_0050")

    async def listed(self):
        """The commands that this user sees, by node."""
        items = await self["xep_0050"].get_commands(COMPONENT)
        return {item[1]: item[2] for item in items["disco_items"]["items"]}

    async def step(self, node, session=None, action="execute", values=None):
        """One step: the <command/> of the answer."""
        payload = None
        if values is not None:
            payload = self["xep_0004"].make_form(ftype="submit")
            for var, value in values.items():
                payload.add_field(var=var, value=value)
        answer = await self["xep_0050"].send_command(COMPONENT, node, sessionid=session,
                                                     action=action, payload=payload)
        return answer["command"]


@on_both_servers
class Commands(Files):
    user = "alice"

    async def upload(self, name, body):
        slot = await self.granted(user=self.user, name=name, size=len(body),
                                  media_type="text/plain")
        self.assertEqual(slot.upload(body), 201)
        return slot.get_url

    async def password(self, client, chosen=""):
        form = await client.step("password")
        self.assertEqual(form["status"], "executing")
        return await client.step("password", form["sessionid"], "complete", {"password": chosen})

    @staticmethod
    def rows(command):
        return [dict(row) for row in command["form"]["items"]]

    # ADH-01, ADH-08
    async def test_users_of_the_server_see_commands_and_strangers_none(self):
        async with client_session(CommandClient(self.server, self.user)) as alice:
            self.assertEqual(set(await alice.listed()), {"usage", "list", "delete", "password"})
        async with client_session(CommandClient(self.server, STRANGER)) as eve:
            self.assertEqual(await eve.listed(), {})
            for node in ("usage", "list", "delete", "password"):
                with self.assertRaises(IqError) as refused:
                    await eve.step(node)
                self.assertEqual(refused.exception.condition, "forbidden")

    # ADH-02, ADM-04
    async def test_files_are_shown_and_deleted(self):
        jid = f"{self.user}@{self.server.host}"
        async with client_session(CommandClient(self.server, self.user)) as alice:
            made = (await self.password(alice))["form"]["values"]
            url = made["url"]
            self.assertTrue(url.endswith(f"/dav/{jid}/"), url)
            login = credentials(made["username"], made["password"])
            for name in ("kept.txt", "gone.txt", "locked.txt"):
                self.assertEqual(fetch("PUT", url + name, b"12345", login)[0], 201)
            self.assertEqual(fetch("MKCOL", url + "d", None, login)[0], 201)
            copy = {**login, "Destination": url + "d/gone%20too.txt"}
            self.assertEqual(fetch("COPY", url + "gone.txt", None, copy)[0], 201)
            link = await self.upload("a b.txt", b"hello")

            usage = await alice.step("usage")
            self.assertEqual(usage["status"], "completed")
            self.assertEqual(usage["form"]["values"]["used"], "20 bytes")
            self.assertEqual(usage["form"]["values"]["files"], "4")
            self.assertEqual(usage["form"]["values"]["file-max"], "1 GiB")

            rows = {row["name"]: row for row in self.rows(await alice.step("list"))}
            self.assertEqual(rows["a b.txt"]["url"], link)
            self.assertEqual(rows["a b.txt"]["place"], "upload")
            self.assertRegex(rows["a b.txt"]["expires"], r"^20\d\d-\d\d-\d\d \d\d:\d\d UTC$")
            self.assertEqual(rows["gone.txt"]["place"], "/gone.txt and 1 more")
            self.assertEqual(rows["gone.txt"]["url"], url + "gone.txt")
            self.assertEqual(rows["gone.txt"]["expires"], "never")

            self.assertEqual(fetch("LOCK", url + "locked.txt", LOCK, login)[0], 200)
            form = await alice.step("delete")
            options = {option["label"].split(" (")[0]: option["value"]
                       for option in form["form"].get_fields()["files"]["options"]}
            self.assertEqual(set(options), set(rows))
            chosen = [options[name] for name in ("a b.txt", "gone.txt", "locked.txt")]
            asked = await alice.step("delete", form["sessionid"], "next", {"files": chosen})
            self.assertEqual(asked["status"], "executing")
            self.assertIn("3 files with 15 bytes", asked["form"]["instructions"])
            self.assertEqual(fetch("GET", link)[0], 200, "nothing is deleted before the last form")
            done = await alice.step("delete", form["sessionid"], "complete")
            self.assertEqual(done["status"], "completed")
            self.assertEqual([kind for kind, _ in done["notes"]], ["info", "error"])
            self.assertEqual(fetch("GET", link)[0], 404)
            for name, status in (("gone.txt", 404), ("d/gone%20too.txt", 404), ("kept.txt", 200),
                                 ("locked.txt", 200), ("d/", 200)):
                self.assertEqual(fetch("GET", url + name, None, login)[0], status, name)

    # ADH-07
    async def test_a_password_is_chosen_or_refused(self):
        jid = f"{self.user}@{self.server.host}"
        url = f"http://127.0.0.1:{self.http}/dav/{jid}/"
        async with client_session(CommandClient(self.server, self.user)) as alice:
            with self.assertRaises(IqError) as refused:
                await self.password(alice, "short")
            self.assertEqual(refused.exception.condition, "bad-request")
            self.assertNotIn("short", str(refused.exception.iq["command"]))
            done = await self.password(alice, "a password of mine")
            self.assertEqual(done["status"], "completed")
            self.assertNotIn("password", done["form"]["values"])
            login = credentials(jid, "a password of mine")
            self.assertEqual(fetch("GET", url, None, login)[0], 200)

    # ADM-04: what was called off does nothing
    async def test_many_files_come_in_pages_and_nothing_comes_of_what_is_cancelled(self):
        self.user = "bob"
        for number in range(27):
            await self.upload(f"{number:02}.txt", os.urandom(10))
        async with client_session(CommandClient(self.server, self.user)) as bob:
            first = await bob.step("list")
            self.assertEqual((first["status"], len(self.rows(first))), ("executing", 25))
            rest = await bob.step("list", first["sessionid"], "next")
            self.assertEqual((rest["status"], len(self.rows(rest))), ("completed", 2))
            names = [row["name"] for row in self.rows(first) + self.rows(rest)]
            self.assertEqual(sorted(names), [f"{number:02}.txt" for number in range(27)])
            form = await bob.step("delete")
            options = form["form"].get_fields()["files"]["options"]
            more = await bob.step("delete", form["sessionid"], "next",
                                  {"files": [options[0]["value"]], "more": "1"})
            self.assertEqual(len(more["form"].get_fields()["files"]["options"]), 2)
            asked = await bob.step("delete", form["sessionid"], "next", {"files": []})
            self.assertIn("1 file with 10 bytes", asked["form"]["instructions"])
            ended = await bob.step("delete", form["sessionid"], "cancel")
            self.assertEqual(ended["status"], "canceled")
            usage = await bob.step("usage")
            self.assertEqual(usage["form"]["values"]["files"], "27")
