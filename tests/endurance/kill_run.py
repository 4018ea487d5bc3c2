"""Kills bellhopd at random moments under load, starts it again, and looks whether its store holds
what it has acknowledged."""

import asyncio
import os
import random
import time

from http_wire import HttpConnection
from servers import LOOPBACK, Bellhop, free_port
from store_check import StoreState, check_log, names_in, quota_used
from store_load import DavFolder, Load, StoreBroken
from xmpp_client import XmppClient

NS_REGISTER = "jabber:iq:register"
PASSWORD = "correct horse battery"
SLOT_WORKERS = 6
DAV_WORKERS = 3
LIFE_SECONDS = (0.0, 0.4)  # of load before a kill
START_SECONDS = (0.0, 0.15)  # the same for one that comes while bellhopd starts
SETTLE_TIMEOUT = 5.0  # seconds in which what a crash has left is cleared away
FILES_CHECKED = 40  # old files after each start, by chance; all of them now and then and at the end
CHECK_ALL_EVERY = 25


def config_for(port, folder):
    return {"component": {"services": ["upload"]},
            "component_stream": {"reconnect_delay": "100ms", "reconnect_delay_max": "500ms"},
            "files": {"dir": str(folder), "plain_listen": [f"{LOOPBACK}:{port}"],
                      "public_url": f"http://{LOOPBACK}:{port}", "free_bytes_min": 0,
                      # Short, so that slots lapse and uploads time out within the run.
                      "slot_timeout": "40s", "upload_timeout": "40s"}}


class KillRun:
    """`bellhop` is attached to `server` as `jid`; both are the caller's to stop."""

    def __init__(self, binary, server, jid, secret, seed):
        self.random = random.Random(seed)
        self.port = free_port()
        self.server = server
        self.jid = jid
        self.bellhop = Bellhop(binary, server, jid=jid, secret=secret)
        self.folder = self.bellhop.folder / "files"
        self.bellhop.config = config_for(self.port, self.folder)
        self.load = Load(server, jid, self.port, self.random, PASSWORD)
        self.counts = {"kills": 0, "kills while starting": 0, "changes acknowledged": 0,
                       "files compared": 0, "unacknowledged undone": 0, "orphans removed": 0,
                       "answers outstanding": 0}
        self._connection = None

    async def run(self, kills, report=lambda line: None):
        """StoreBroken at the first thing that is wrong."""
        self.bellhop.start()
        await self.set_up()
        for number in range(1, kills + 1):
            await self.work_and_kill()
            if self.random.random() < 0.15 and self.counts["kills"] < kills:
                await self.kill_while_starting()
            self.start_again()
            await self.check(is_all=number % CHECK_ALL_EVERY == 0)
            if number % CHECK_ALL_EVERY == 0:
                report(f"{self.counts['kills']} kills, {self.describe()}")
            if self.counts["kills"] >= kills:
                break
        await self.check(is_all=True)
        self.counts["changes acknowledged"] = self.load.acknowledged
        return self.counts

    def describe(self):
        stored = sum(file.state == "stored" for file in self.load.files)
        named = sum(len(folder.files) for folder in self.load.folders)
        return f"{self.load.acknowledged} changes acknowledged, {stored} + {named} files there"

    async def set_up(self):
        async with XmppClient(self.server, "alice") as alice:
            answer = await alice.iq(
                "set", self.jid, f"<query xmlns='{NS_REGISTER}'><username>alice</username>"
                f"<password>{PASSWORD}</password></query>")
            if answer.kind != "result":
                raise StoreBroken(f"no account: {answer}")
        with await HttpConnection.open(self.port) as connection:
            await quota_used(connection, self.load)  # logs in
            for number in range(DAV_WORKERS):
                folder = DavFolder(f"{self.load.root}w{number}/", self.load.login)
                await folder.make(connection)
                self.load.folders.append(folder)

    async def work_and_kill(self):
        self.load.is_over = False
        work = [self.load.ask_slots()]
        work += [self.load.work_on_slots() for _ in range(SLOT_WORKERS)]
        work += [self.load.work_on_folder(folder) for folder in self.load.folders]
        tasks = [asyncio.create_task(task) for task in work]
        # The moment of the kill: nothing is waited for.
        await asyncio.sleep(self.random.uniform(*LIFE_SECONDS))
        self.kill("kills")
        self.load.is_over = True
        while not tasks[0].done():  # its server lives on; wait_for() may swallow one cancellation
            tasks[0].cancel()
            await asyncio.sleep(0)
        for ended in await asyncio.gather(*tasks, return_exceptions=True):
            if not isinstance(ended, (ConnectionError, asyncio.CancelledError, type(None))):
                raise ended
        for file in self.load.files:
            file.is_busy = False
        self.counts["answers outstanding"] += sum(
            file.state in ("maybe", "going") for file in self.load.files)
        self.counts["answers outstanding"] += sum(
            folder.wanted is not None for folder in self.load.folders)

    def kill(self, kind):
        if not self.bellhop.is_running():
            raise StoreBroken(f"it ended by itself\n{self.bellhop.log_tail()}")
        self.bellhop.kill()
        self.counts[kind] += 1

    async def kill_while_starting(self):
        self.bellhop.wait_for = "started"
        self.bellhop.start()
        await asyncio.sleep(self.random.uniform(*START_SECONDS))
        self.kill("kills")
        self.counts["kills while starting"] += 1
        self.bellhop.wait_for = "attached"

    def start_again(self):
        os.truncate(self.bellhop.output, 0)  # a run writes some hundred MiB of it
        self.bellhop.start()

    async def check(self, is_all):
        reconciled = check_log(self.bellhop)
        self.counts["unacknowledged undone"] += reconciled["unacknowledged"]
        self.counts["orphans removed"] += reconciled["orphans"]
        with await HttpConnection.open(self.port) as connection:
            await self.check_ledger(connection, reconciled["files"])
            await self.check_files(connection, is_all)
            for folder in self.load.folders:
                await folder.settle(connection, is_all)
                if is_all:
                    await self.check_names(connection, folder)

    async def check_ledger(self, connection, files_at_start):
        """Index, folder and ledger agree, as soon as the start has cleared away what it found."""
        deadline = time.monotonic() + SETTLE_TIMEOUT
        while True:
            used = await quota_used(connection, self.load)
            state = StoreState(self.folder, self.load.owner)
            problems = state.problems()
            if used != state.bytes_of_owner():
                problems.append(f"the ledger counts {used}, the index {state.bytes_of_owner()}")
            removed = len(self.bellhop.events("file_removed", since_start=True))
            if len(state.rows) + removed != files_at_start:
                problems.append(f"{files_at_start} files at the start, {removed} removed since, "
                                f"{len(state.rows)} there")
            if not problems:
                return
            if time.monotonic() > deadline:
                raise StoreBroken("; ".join(problems)[:2000])
            await asyncio.sleep(0.01)

    async def check_files(self, connection, is_all):
        old = [file for file in self.load.files if file.state in ("stored", "gone")]
        chosen = old if is_all else self.random.sample(old, min(FILES_CHECKED, len(old)))
        # What the last load has touched stands at the end, or was being changed.
        fresh = self.load.files[-FILES_CHECKED:]
        unsettled = [file for file in self.load.files if file.state in ("maybe", "going", "open")]
        for file in {id(file): file for file in [*chosen, *fresh, *unsettled]}.values():
            await file.settle(connection)
            self.counts["files compared"] += 1
        # Those of long ago whose absence has been seen need not be kept in mind.
        self.load.files = [file for file in self.load.files
                           if file.state == "stored" or file.may_go_on()]

    async def check_names(self, connection, folder):
        names = await names_in(connection, folder)
        if names != set(folder.files):
            raise StoreBroken(f"{folder.href} lists {names}, not {set(folder.files)}")
