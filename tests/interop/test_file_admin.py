"""Operators and the file store: FileService, `bellhopctl file`, quotas set at run time, figures,
and what doctor says of uploads. How the XMPP server behaves plays no part: one is enough."""

import datetime
import json
import os
import re
import urllib.request

import test_doctor
import test_files
from harness import COMPONENT, SECRET, on_servers
from servers import LOOPBACK, Ejabberd, Prosody, free_port
from test_doctor import EXIT_CHECK_FAILED, EXIT_OK
from test_files import MIB, fetch, files_config

EXIT_USAGE = 2
EXIT_NOT_FOUND = 3
EXIT_PARTLY = 7


class Stores(test_files.Files, test_doctor.Doctored):
    """A store, users who fill it, and bellhopctl."""

    async def stored(self, size=1000, **options):
        slot = await self.granted(size=size, **options)
        self.assertEqual(slot.upload(os.urandom(size)), 201)
        return slot

    async def files(self, *words):
        out, status = await self.ctl("file", "list", *words)
        self.assertEqual(status, EXIT_OK)
        return json.loads(out).get("files", [])

    async def json(self, *words):
        out, status = await self.ctl(*words)
        self.assertEqual(status, EXIT_OK, out)
        return json.loads(out)

    def metric(self, name):
        text = urllib.request.urlopen(
            f"http://{LOOPBACK}:{self.bellhop.http_port}/metrics").read().decode()
        (value,) = re.findall(rf"^{name} (\S+)$", text, re.M)
        return float(value)


@on_servers("prosody")
class FileAdmin(Stores):
    async def asyncSetUp(self):
        await super().asyncSetUp()
        await self.ctl("file", "delete", "--filter", "name:*", "--yes")

    async def test_files_are_listed_by_owner_age_size_and_state(self):
        await self.stored(user="alice", name="small.jpg", size=100)
        await self.stored(user="bob", name="large.bin", size=2 * MIB,
                          media_type="application/octet-stream")
        await self.granted(user="alice", name="awaited.png", size=5000, media_type="image/png")
        names = lambda files: [file["displayName"] for file in files]
        every = await self.files()
        self.assertEqual(sorted(names(every)), ["awaited.png", "large.bin", "small.jpg"])
        self.assertEqual([file["createTime"] for file in every],
                         sorted(file["createTime"] for file in every))
        self.assertEqual(names(await self.files("--owner", "bob@localhost")), ["large.bin"])
        self.assertEqual(len(await self.files("--owner", "localhost")), 3)
        self.assertEqual(names(await self.files("--larger-than", "1Mi")), ["large.bin"])
        self.assertEqual(await self.files("--older-than", "1h"), [])
        self.assertEqual(names(await self.files("--filter", 'state = "expected"')),
                         ["awaited.png"])
        self.assertEqual(names(await self.files("--filter", 'media_type:"image/*"',
                                                "--larger-than", "1000")), ["awaited.png"])
        self.assertEqual(names(await self.files("--sort", "size", "--limit", "2")),
                         ["large.bin", "awaited.png"])
        (small,) = await self.files("--filter", 'display_name = "small.jpg"')
        self.assertEqual((small["owner"], small["origin"], small["sizeBytes"], small["state"]),
                         ("alice@localhost", "upload", "100", "FILE_STATE_STORED"))
        self.assertEqual(len(small["sha256"]), 64)

    async def test_a_page_goes_on_behind_the_one_before_whatever_was_deleted(self):
        for number in range(5):
            await self.stored(name=f"{number}.txt", size=10, media_type="text/plain")
        seen = []
        status, page = self.post("ListFiles", {"pageSize": 2})
        while True:
            self.assertEqual(status, 200, page)
            seen += [file["name"] for file in page["files"]]
            if not page["nextPageToken"]:
                break
            await self.ctl("file", "delete", page["files"][-1]["name"], "--yes")
            status, page = self.post("ListFiles", {"pageSize": 2,
                                                   "pageToken": page["nextPageToken"]})
        self.assertEqual(len(set(seen)), 5)

    def post(self, method, request):
        """A call through JSON, as the page makes them."""
        data = json.dumps(request).encode()
        asked = urllib.request.Request(
            f"http://{LOOPBACK}:{self.bellhop.http_port}/api/v1/FileService/{method}", data,
            {"Content-Type": "application/json", "X-Bellhop": "1"})
        with urllib.request.urlopen(asked) as answer:
            return answer.status, json.loads(answer.read())

    async def test_who_may_look_cannot_fetch(self):
        slot = await self.stored(size=100)
        file_id = slot.get_url.split("/f/")[1].split("/")[0]
        out, _ = await self.ctl("file", "list")
        self.assertNotIn(file_id, out)
        status, page = self.post("ListFiles", {"pageSize": 1})
        self.assertEqual(status, 200)
        self.assertNotIn(file_id, json.dumps(page))
        (file,) = page["files"]
        shown = await self.json("file", "link", file["name"])
        self.assertEqual(shown["link"], slot.get_url)
        self.bellhop.wait_event("admin_change", method="FileService/GetFileLink")

    async def test_a_link_that_was_reported_leads_to_its_file(self):
        slot = await self.stored(user="bob", size=123)
        for link in (slot.get_url, slot.get_url.replace("http://", "aesgcm://") + "#" + "ab" * 44,
                     slot.get_url.split("/", 3)[3]):
            shown = await self.json("file", "show", link)
            self.assertEqual((shown["file"]["owner"], shown["file"]["sizeBytes"]),
                             ("bob@localhost", "123"), link)
        out, status = await self.ctl("file", "delete", slot.get_url, "--yes")
        self.assertEqual(status, EXIT_OK, out)
        self.assertEqual(fetch("GET", slot.get_url)[0], 404)

    async def test_a_file_is_kept_longer_and_shorter(self):
        slot = await self.stored(size=100)
        (file,) = await self.files()
        shown = await self.json("file", "expire", file["name"], "never")
        self.assertNotIn("expireTime", shown["file"])
        shown = await self.json("file", "expire", file["name"], "2d")
        end = datetime.datetime.fromisoformat(shown["file"]["expireTime"].replace("Z", "+00:00"))
        left = end - datetime.datetime.now(datetime.timezone.utc)
        self.assertAlmostEqual(left.total_seconds(), 2 * 86400, delta=60)
        self.assertEqual(fetch("GET", slot.get_url)[0], 200)
        self.assertEqual(len(await self.files("--filter", "expires_seconds < 172801")), 1)

    async def test_files_are_deleted_with_the_reason_on_record(self):
        slots = [await self.stored(user="alice", size=1000) for _ in range(3)]
        other = await self.stored(user="bob", size=1000)
        out, _ = await self.ctl("file", "delete", "--owner", "alice@localhost", "--dry-run")
        self.assertEqual(json.loads(out), {"fileCount": "3", "sizeBytes": "3000"})
        self.assertEqual(fetch("GET", slots[0].get_url)[0], 200)
        before = len(self.bellhop.events("file_removed", reason="by-operator"))
        out, status = await self.ctl("file", "delete", "--owner", "alice@localhost", "--yes")
        self.assertEqual((json.loads(out)["fileCount"], status), ("3", EXIT_OK))
        for slot in slots:
            self.assertEqual(fetch("GET", slot.get_url)[0], 404)
        self.assertEqual(fetch("GET", other.get_url)[0], 200)
        removed = self.bellhop.events("file_removed", reason="by-operator")[before:]
        self.assertEqual([event["owner"] for event in removed], ["alice@localhost"] * 3)
        usage = await self.json("file", "usage")
        self.assertEqual((usage["fileCount"], usage["sizeBytes"], usage["ownerCount"]),
                         ("1", "1000", "1"))

    async def test_a_slot_that_is_deleted_takes_no_file(self):
        slot = await self.granted(size=1000)
        (file,) = await self.files()
        await self.ctl("file", "delete", file["name"], "--yes")
        self.assertEqual(slot.upload(os.urandom(1000)), 403)
        self.assertEqual((await self.json("file", "usage")).get("sizeBytes", "0"), "0")

    async def test_quotas_of_what_is_stored_are_set_at_run_time(self):
        await self.ctl("policy", "quota", "set", "alice@localhost", "--stored", "3000", "--files",
                       "2", "--file", "2000")
        answer = await self.slot(size=2001)
        self.assertEqual(answer.condition, "not-acceptable")
        await self.stored(size=1500)
        self.assertEqual((await self.slot(size=1600)).condition, "resource-constraint")
        await self.stored(size=1500)
        usage = await self.json("policy", "usage", "alice@localhost")
        self.assertEqual((usage["usage"]["storedBytes"], usage["usage"]["storedFileCount"]),
                         ("3000", "2"))
        self.assertEqual(usage["quota"]["fileBytes"], "2000")
        why = await self.json("explain", "alice@localhost", "--kind", "upload")
        self.assertEqual(why["reason"], "stored-of-jid")
        self.assertTrue((await self.json("explain", "bob@localhost", "--kind", "upload"))
                        ["isAllowed"])
        await self.ctl("policy", "quota", "set", "alice@localhost", "--stored", "none", "--files",
                       "none")
        await self.stored(size=5000)
        await self.ctl("policy", "quota", "delete", "alice@localhost")

    async def test_figures_of_the_store_are_in_the_metrics(self):
        await self.stored(size=3000)
        await self.granted(user="bob", size=500)
        self.assertEqual(self.metric("bellhop_files_taken_bytes"), 3500)
        self.assertEqual(self.metric("bellhop_files_expected_bytes"), 500)
        self.assertEqual(self.metric("bellhop_files_taken"), 2)
        self.assertEqual(self.metric("bellhop_files_expected"), 1)
        self.assertEqual(self.metric("bellhop_files_owners"), 2)
        self.assertGreater(self.metric("bellhop_files_disk_free_bytes"), MIB)

    async def test_mistakes_are_told_and_change_nothing(self):
        await self.stored(size=10)
        for words, status in ((("show", "AAAAAAAAAAAAAAAAAAAAAA"), EXIT_NOT_FOUND),
                              (("show", "https://elsewhere.example/x"), EXIT_USAGE),
                              (("expire", "AAAAAAAAAAAAAAAAAAAAAA", "yesterday"), EXIT_USAGE),
                              (("delete", "--filter", "sise > 3", "--yes"), EXIT_USAGE),
                              (("delete", "--yes"), EXIT_USAGE)):
            self.assertEqual(await self.status_of("file", *words), status, words)
        self.assertEqual(len(await self.files()), 1)

    async def status_of(self, *words):
        with self.assertRaises(AssertionError) as told:
            await self.ctl(*words)  # which complains of any line on standard error
        self.assertIn("bellhopctl", str(told.exception))
        return self.last_status


@on_servers("prosody")
class FileDoctor(test_doctor.Doctored):
    def start_store(self, **more):
        self.http = free_port()
        config = files_config(self.http, **more)
        config["proxy"] = {"connections_max": 500}
        self.start_bellhop(config=config)

    async def test_doctor_uploads_a_file_as_a_user_would(self):
        self.start_store()
        results, status = await self.doctor()
        self.assert_outcome(results["upload.loop"], "PASSED", "granted a slot, uploaded, fetched")
        self.assert_outcome(results["upload.address"], "WARNING", LOOPBACK, "files.public_url")
        self.assert_outcome(results["upload.room"], "PASSED", "MiB")
        self.assertIn("store/file", results["discovery.answers"]["summary"])
        self.assertIn("upload service", results["discovery.rival"]["summary"])
        self.assertEqual(status, EXIT_OK)
        (removed,) = self.bellhop.events("file_removed")
        self.assertEqual(removed["owner"], COMPONENT)
        usage = json.loads((await self.ctl("file", "usage"))[0])
        self.assertEqual(usage["fileCount"], "0")

    async def test_doctor_finds_that_links_lead_nowhere(self):
        self.start_store(public_url=f"http://{LOOPBACK}:{free_port()}")
        results, status = await self.doctor("upload.loop")
        self.assert_outcome(results["upload.loop"], "FAILED", "PUT at", "files.listen")
        self.assertEqual(status, EXIT_CHECK_FAILED)
        usage = json.loads((await self.ctl("file", "usage"))[0])
        self.assertEqual(usage["fileCount"], "0", "its slot was given back")

    async def test_doctor_tells_that_no_slots_are_granted(self):
        self.start_store()
        await self.ctl("drain", "--no-wait")
        results, _ = await self.doctor("upload.loop")
        self.assert_outcome(results["upload.loop"], "FAILED", "grants no slot")

    async def test_doctor_passes_over_uploads_that_nobody_offers(self):
        self.start_bellhop()
        results, status = await self.doctor("upload.address", "upload.loop", "upload.room")
        for result in results.values():
            self.assert_outcome(result, "SKIPPED", "No component offers uploads")
        self.assertEqual(status, EXIT_OK)


@on_servers("prosody")
class FileDoctorOfRivals(test_doctor.OtherServers):
    async def expect_rival(self, server, name):
        self.start_server(server)
        self.start_bellhop(config=files_config(free_port()))
        results, status = await self.doctor("discovery.rival")
        self.assert_outcome(results["discovery.rival"], "WARNING",
                            f"upload service instead: {name}", "http_file_share")
        self.assertEqual(status, EXIT_OK)

    async def test_doctor_names_the_upload_module_of_prosody_that_is_still_on(self):
        lines = 'Component "share.localhost" "http_file_share"'
        await self.expect_rival(Prosody(components={COMPONENT: SECRET}, lines=lines),
                                "share.localhost")

    async def test_doctor_names_the_upload_module_of_ejabberd_that_is_still_on(self):
        modules = '  mod_http_upload:\n    host: "share.@HOST@"\n    docroot: /tmp\n'
        await self.expect_rival(Ejabberd(components={COMPONENT: SECRET}, modules=modules),
                                "share.localhost")
