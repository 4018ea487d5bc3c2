#!/usr/bin/python3
"""One side of an ICE session by aioice, steered by lines of JSON.

Reads {"controlling", "stun", "turn", "user", "retries"}; writes {"candidates", "username",
"password"}; reads the same of the other side; writes {"connected", "local", "remote", "received"}:
the types of the pair that was chosen, and how many datagrams of the other side came through it."""

import asyncio
import json
import sys

from aioice import Candidate, Connection, stun

DATAGRAMS = 100
CONNECT_SECONDS = 30


def say(**fields):
    print(json.dumps(fields), flush=True)


async def hear():
    line = await asyncio.get_running_loop().run_in_executor(None, sys.stdin.readline)
    return json.loads(line)


async def exchange(connection):
    """How many different datagrams of the other side have come."""
    for number in range(DATAGRAMS):
        await connection.send(b"%d" % number)
        await asyncio.sleep(0)
    heard = set()
    while len(heard) < DATAGRAMS:
        heard.add(await asyncio.wait_for(connection.recv(), 10))
    return len(heard)


async def main():
    begin = await hear()
    stun.RETRY_MAX = begin["retries"]
    turn = {}
    if begin["turn"]:
        turn = {"turn_server": tuple(begin["turn"]), "turn_username": begin["user"][0],
                "turn_password": begin["user"][1]}
    connection = Connection(ice_controlling=begin["controlling"],
                            stun_server=tuple(begin["stun"]), **turn)
    await connection.gather_candidates()
    say(candidates=[each.to_sdp() for each in connection.local_candidates],
        username=connection.local_username, password=connection.local_password)
    other = await hear()
    connection.remote_username, connection.remote_password = other["username"], other["password"]
    for text in other["candidates"]:
        await connection.add_remote_candidate(Candidate.from_sdp(text))
    await connection.add_remote_candidate(None)
    try:
        await asyncio.wait_for(connection.connect(), CONNECT_SECONDS)
    except (ConnectionError, asyncio.TimeoutError):
        say(connected=False, local="", remote="", received=0)
    else:
        pair = connection._nominated[1]
        local, remote = pair.local_candidate, pair.remote_candidate
        received = await exchange(connection)
        say(connected=True, local=local.type, remote=remote.type, received=received)
        await hear()  # both have what they wanted
    await connection.close()


if __name__ == "__main__":
    asyncio.run(main())
