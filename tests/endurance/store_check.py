"""Compares what a running store says of itself with what lies in its folder.

The index is read as any other process may read it, beside bellhopd; the bytes by their files.
"""

import re
import sqlite3

from store_load import StoreBroken

EXPECTED, STORED = 1, 2  # FileState, as in the index
WEBDAV = 2  # FileOrigin
PROPFIND = ("<propfind xmlns='DAV:'><prop><quota-used-bytes/></prop></propfind>").encode()


class StoreState:
    """What the index and the folder hold at one moment."""

    def __init__(self, folder, owner):
        index = sqlite3.connect(f"file:{folder}/index.db?mode=ro", uri=True, timeout=10)
        try:
            self.rows = index.execute(
                "SELECT id, owner, origin, size, state FROM file").fetchall()
            self.nodes = {file for (file,) in index.execute(
                "SELECT file FROM node WHERE file <> ''")}
        finally:
            index.close()
        self.owner = owner
        self.stored = {path.name: path.stat().st_size for path in folder.glob("stored/??/*")}
        self.partial = {path.name for path in folder.glob("partial/*")}

    def bytes_of_owner(self):
        """What the quota must count: stored files and granted slots."""
        return sum(size for _, owner, _, size, _ in self.rows if owner == self.owner)

    def problems(self):
        """What is not as it should be, in words; empty when all is well."""
        found = []
        rows = {file: size for file, _, _, size, state in self.rows if state == STORED}
        expected = {file for file, _, _, _, state in self.rows if state == EXPECTED}
        if rows != self.stored:
            found.append(f"rows and files differ: {sorted(rows.items() ^ self.stored.items())}")
        if self.partial - expected:
            found.append(f"parts of nothing: {sorted(self.partial - expected)}")
        if self.nodes - rows.keys():
            found.append(f"names without a file: {sorted(self.nodes - rows.keys())}")
        unnamed = {file for file, _, origin, _, _ in self.rows if origin == WEBDAV} - self.nodes
        if unnamed:
            found.append(f"files of folders without a name: {sorted(unnamed)}")
        return found


async def quota_used(connection, load):
    """What the ledger counts for the user, as RFC 4331 tells it."""
    answer = await connection.request("PROPFIND", load.root, {
        **load.login, "Depth": "0", "Content-Type": "application/xml"}, PROPFIND)
    used = re.search(rb"quota-used-bytes[^>]*>(\d+)<", answer.body)
    if answer.status != 207 or not used:
        raise StoreBroken(f"PROPFIND of {load.root}: {answer}")
    return int(used.group(1))


async def names_in(connection, folder):
    """The members of a DAV folder and of its subfolders, as PROPFIND lists them."""
    names = set()
    for base in ("", "box/", "crate/"):
        answer = await connection.request("PROPFIND", folder.href + base,
                                          {**folder.headers, "Depth": "1"}, b"")
        if answer.status == 404:
            continue
        for href in re.findall(rb"href>([^<]+)</", answer.body):
            name = href.decode().removeprefix(folder.href)
            if name != href.decode() and name and not name.endswith("/"):
                names.add(name)
    return names


def check_log(bellhop):
    """Nothing was lost at this start, and nothing failed since."""
    bad = [line for line in bellhop.log_lines() if " error event=" in line]
    reconciled = bellhop.events("files_reconciled", since_start=True)
    if bad or not reconciled or reconciled[0]["lost"] != "0":
        raise StoreBroken(f"the log says {bad or reconciled}")
    return {name: int(reconciled[0][name]) for name in ("files", "unacknowledged", "orphans")}
