"""The reverse proxies of deploy/reverse-proxy, started with the very example files: only names,
ports and certificates are replaced."""

import os
import pathlib

import servers
from servers import LOOPBACK, find_program, free_port

EXAMPLES = pathlib.Path(__file__).resolve().parents[2] / "deploy" / "reverse-proxy"
NAME = "upload.example.org"
BACKEND = "127.0.0.1:7781"


def example(file_name, replacements):
    """The example's text; each placeholder must be there."""
    text = (EXAMPLES / file_name).read_text()
    for placeholder, value in replacements.items():
        if placeholder not in text:
            raise servers.ServerFailed(f"{file_name} no longer contains {placeholder}")
        text = text.replace(placeholder, value)
    return text


class ReverseProxy(servers.Server):
    """HTTPS as `localhost` on `port` of 127.0.0.1, in front of Bellhop's plain `backend_port`."""

    def __init__(self, backend_port, certificate):
        super().__init__()
        self.port = free_port()
        self.backend = f"{LOOPBACK}:{backend_port}"
        self.certificate = certificate
        self.url = f"https://localhost:{self.port}"

    def _is_ready(self):
        return servers.accepts(LOOPBACK, self.port)


class Nginx(ReverseProxy):
    name = "nginx"

    def _command(self):
        program = find_program("nginx")
        site = example("nginx.conf", {
            "listen [::]:443 ssl http2;": "", "listen 443": f"listen {LOOPBACK}:{self.port}",
            f"/etc/ssl/{NAME}/chain.pem": str(self.certificate.chain),
            f"/etc/ssl/{NAME}/key.pem": str(self.certificate.key),
            f"server_name {NAME};": "server_name localhost;", BACKEND: self.backend})
        path = self.folder / "nginx.conf"
        path.write_text(f"""
            daemon off; master_process off; pid {self.folder}/pid; error_log {self.folder}/error;
            events {{ worker_connections 500; }}
            http {{
              access_log off; client_body_temp_path {self.folder}/bodies;
              proxy_temp_path {self.folder}/answers; fastcgi_temp_path {self.folder}/unused-f;
              uwsgi_temp_path {self.folder}/unused-u; scgi_temp_path {self.folder}/unused-s;
              {site}
            }}""")
        return [program, "-p", str(self.folder), "-c", str(path), "-e", f"{self.folder}/error"]


class Caddy(ReverseProxy):
    name = "caddy"

    def _environment(self):
        return {**os.environ, "HOME": str(self.folder), "XDG_DATA_HOME": str(self.folder),
                "XDG_CONFIG_HOME": str(self.folder)}

    def _command(self):
        program = find_program("caddy")
        site = example("Caddyfile", {
            f"\n{NAME} {{": f"\nhttps://localhost:{self.port} {{\n\tbind {LOOPBACK}\n"
                            f"\ttls {self.certificate.chain} {self.certificate.key}\n",
            BACKEND: self.backend})
        path = self.folder / "Caddyfile"
        path.write_text("{\n\tadmin off\n\tauto_https disable_redirects\n\tskip_install_trust\n}\n"
                        + site)
        return [program, "run", "--config", str(path), "--adapter", "caddyfile"]
