"""A network of the test's own in kernel namespaces: a relay with a public address, and clients
behind NATs. Needs root, ip(8), nft(8), unshare(1) and nsenter(1).

Each namespace is held by a process of the test, so that nothing of it outlives the test, however it
ends: with the last process the kernel takes namespace, links and rules away.

                      relay  45.10.0.1
                        |  (bridge "wan")
          +-------------+-------------+
    45.10.0.2  NAT              NAT  45.10.0.3
    10.2.0.1    |                |   10.3.0.1
    10.2.0.2  client          client 10.3.0.2

The addresses look public, because those for documentation are refused by Bellhop like private ones;
nothing of it reaches the machine's own network.
"""

import os
import pathlib
import subprocess

from servers import ServerFailed, find_program, wait_until

RELAY = "45.10.0.1"
MASK = 24
PROGRAMS = ("ip", "nft", "unshare", "nsenter", "sleep", "setpriv")

# Each connection leaves from a port of its own (address- and port-dependent mapping), and only its
# answers come in (address- and port-dependent filtering): RFC 4787 §4.1, §5. No two clients behind
# such NATs find each other by what STUN tells them.
NAT_RULES = """
table ip nat {
  chain out {
    type nat hook postrouting priority srcnat
    oifname "wan" masquerade fully-random
  }
}
table ip filter {
  chain forward {
    type filter hook forward priority filter
    policy drop
    iifname "lan" accept
    ct state established,related accept
  }
}
"""


class Namespace:
    """A network namespace with loopback up."""

    def __init__(self):
        own = os.readlink("/proc/self/ns/net")
        self.holder = subprocess.Popen(
            [find_program("setpriv"), "--pdeathsig", "KILL", "--", find_program("unshare"), "--net",
             find_program("sleep"), "infinity"], stdin=subprocess.DEVNULL)
        link = f"/proc/{self.holder.pid}/ns/net"
        wait_until(lambda: os.readlink(link) != own and b"sleep" in pathlib.Path(
            f"/proc/{self.holder.pid}/cmdline").read_bytes().split(b"\0")[0], 10, "a namespace")
        self.ip("link set lo up")

    @property
    def pid(self):
        return self.holder.pid

    def inside(self, *command):
        """The command that runs another one in here."""
        return [find_program("nsenter"), f"--net=/proc/{self.pid}/ns/net", *map(str, command)]

    def run(self, *command, text=None):
        done = subprocess.run(self.inside(*command), input=text, capture_output=True, text=True,
                              check=False)
        if done.returncode:
            raise ServerFailed(f"{' '.join(command)}: {done.stderr.strip()}")
        return done.stdout

    def ip(self, words):
        return self.run(find_program("ip"), *words.split())

    def close(self):
        self.holder.kill()
        self.holder.wait()


class NetLab:
    """`relay`, `clients` (two, each behind a NAT)."""

    def __init__(self):
        self.opened = []
        try:
            self.relay = self._namespace()
            self.relay.ip("link add wan type bridge")
            self.relay.ip(f"addr add {RELAY}/{MASK} dev wan")
            self.relay.ip("link set wan up")
            self.clients = [self._behind_nat(number) for number in (2, 3)]
        except BaseException:
            self.close()
            raise

    def close(self):
        for each in reversed(self.opened):
            each.close()
        self.opened.clear()

    def _namespace(self):
        made = Namespace()
        self.opened.append(made)
        return made

    def _behind_nat(self, number):
        nat, client = self._namespace(), self._namespace()
        self.relay.ip(f"link add port{number} type veth peer name wan netns {nat.pid}")
        self.relay.ip(f"link set port{number} master wan up")
        nat.ip(f"addr add 45.10.0.{number}/{MASK} dev wan")
        nat.ip("link set wan up")
        nat.ip(f"link add lan type veth peer name eth netns {client.pid}")
        nat.ip(f"addr add 10.{number}.0.1/{MASK} dev lan")
        nat.ip("link set lan up")
        nat.run("sh", "-c", "echo 1 > /proc/sys/net/ipv4/ip_forward")
        nat.run(find_program("nft"), "-f", "-", text=NAT_RULES)
        client.ip(f"addr add 10.{number}.0.2/{MASK} dev eth")
        client.ip("link set eth up")
        client.ip(f"route add default via 10.{number}.0.1")
        return client


def why_not():
    """Why no such network can be made here; empty if one can."""
    if os.geteuid() != 0:
        return "network namespaces need root"
    try:
        for program in PROGRAMS:
            find_program(program)
        NetLab().close()
    except (ServerFailed, OSError) as failure:
        return f"network namespaces cannot be used here: {failure}"
    return ""
