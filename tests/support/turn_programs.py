"""The test clients of the package coturn, and that of stun-client: how they are called and what
they print means."""

import asyncio
import contextlib
import re

from servers import LOOPBACK, Server, ServerFailed, find_program, free_port

PROGRAM_SECONDS = 45  # none of them may take longer; some wait for ever


def is_installed(*names):
    """Whether all of these programs are."""
    with contextlib.suppress(ServerFailed):
        return all(find_program(name) for name in names)
    return False


class EchoPeer(Server):
    """turnutils_peer: sends each datagram back to where it came from. On IPv6 as well if asked."""

    name = "turn-peer"

    def __init__(self, *hosts):
        super().__init__()
        self.hosts = hosts or (LOOPBACK,)
        self.port = free_port()

    def _command(self):
        hosts = [word for host in self.hosts for word in ("-L", host)]
        return [find_program("turnutils_peer"), *hosts, "-p", str(self.port)]

    def _is_ready(self):
        # It binds in order of its options, and says nothing of it.
        table = "udp6" if ":" in self.hosts[-1] else "udp"
        with open(f"/proc/net/{table}", encoding="ascii") as sockets:
            return any(f":{self.port:04X} " in line for line in sockets)


async def run(*words, seconds=PROGRAM_SECONDS, cwd=None):
    """(exit status, text) of a program; status None: it was ended when its time was over."""
    process = await asyncio.create_subprocess_exec(
        find_program(words[0]), *map(str, words[1:]), cwd=cwd,
        stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT)
    reading = asyncio.ensure_future(process.stdout.read())
    try:
        await asyncio.wait_for(process.wait(), seconds)
    except asyncio.TimeoutError:
        process.kill()
        await process.wait()
        return None, (await reading).decode(errors="replace")
    except BaseException:
        process.kill()
        reading.cancel()
        raise
    return process.returncode, (await reading).decode(errors="replace")


class Figures:
    """What turnutils_uclient counted."""

    def __init__(self, status, text):
        self.status, self.text = status, text

        def last(pattern):
            found = re.findall(pattern, text)
            return int(found[-1]) if found else None

        self.sent = last(r"tot_send_msgs=(\d+)")
        self.received = last(r"tot_recv_msgs=(\d+)")
        self.lost = last(r"Total lost packets (\d+)")

    def __repr__(self):
        tail = "\n".join(self.text.splitlines()[-12:])
        return f"status {self.status}, sent {self.sent}, received {self.received}, lost " \
               f"{self.lost}:\n{tail}"


async def uclient(host, port, *flags, user, secret, clients=2, messages=50, **options):
    """Lets turnutils_uclient send; the folder `cwd` is where it looks for a TLS certificate."""
    return Figures(*await run(
        "turnutils_uclient", "-u", user, "-W", secret, "-m", clients, "-n", messages, "-l", 170,
        "-z", 5, "-p", port, "-L", host, *flags, host, **options))
