"""Certificates for tests: an authority that lives as long as the test, and what it has signed."""

import pathlib
import subprocess


def openssl(*arguments):
    subprocess.run(["openssl", *map(str, arguments)], check=True, capture_output=True)


class Certificate:
    """`chain` and `key` are PEM files of a server called `name` and 127.0.0.1; `authority` is what
    clients are to trust."""

    def __init__(self, folder, name):
        self.folder = pathlib.Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.name = name
        self.authority = self.folder / "authority.pem"
        self.chain = self.folder / "chain.pem"
        self.key = self.folder / "key.pem"
        self._authority_key = self.folder / "authority-key.pem"
        openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                "-keyout", self._authority_key, "-out", self.authority, "-days", 2, "-subj",
                "/CN=authority of the tests")
        self.renew(serial=1)

    def renew(self, serial):
        """A new key and certificate in the place of the old ones; the same authority. The key comes
        first: whoever reads in between finds two that do not match and keeps what is in force."""
        request, extensions = self.folder / "request.pem", self.folder / "extensions"
        new_key, new_chain = self.folder / "new-key.pem", self.folder / "new-chain.pem"
        extensions.write_text(f"subjectAltName = DNS:{self.name}, IP:127.0.0.1\n")
        openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout",
                new_key, "-out", request, "-subj", f"/CN={self.name}")
        openssl("x509", "-req", "-in", request, "-CA", self.authority, "-CAkey",
                self._authority_key, "-set_serial", serial, "-days", 2, "-extfile", extensions,
                "-out", new_chain)
        new_key.chmod(0o600)
        new_key.replace(self.key)
        new_chain.replace(self.chain)
