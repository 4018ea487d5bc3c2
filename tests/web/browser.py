"""Drives Debian's chromium through the DevTools protocol, with the standard library only."""

import atexit
import base64
import itertools
import json
import os
import pathlib
import re
import shutil
import socket
import struct
import subprocess
import tempfile
import threading
import urllib.parse

CHROMIUM = "/usr/bin/chromium"
START_SECONDS = 60
ANSWER_SECONDS = 90
WAIT_SECONDS = 60  # on a busy machine; what is true is seen at once
KEYS = {"Tab": 9, "Enter": 13, "Escape": 27, "ArrowLeft": 37, "End": 35}
FLAGS = (
    "--headless", "--no-sandbox", "--remote-debugging-port=0", "--no-first-run", "--disable-gpu",
    "--disable-dev-shm-usage", "--disable-background-networking", "--disable-component-update",
    "--disable-default-apps", "--disable-extensions", "--disable-sync", "--no-proxy-server",
    "--mute-audio", "--lang=en-GB")


class WebSocket:
    """A client of RFC 6455 for one trusted server: text messages, fragments, pings."""

    def __init__(self, url):
        parts = urllib.parse.urlsplit(url)
        self.socket = socket.create_connection((parts.hostname, parts.port), START_SECONDS)
        self.stream = self.socket.makefile("rb")
        key = base64.b64encode(os.urandom(16)).decode()
        self.socket.sendall(
            f"GET {parts.path} HTTP/1.1\r\nHost: {parts.netloc}\r\nUpgrade: websocket\r\n"
            f"Connection: Upgrade\r\nSec-WebSocket-Key: {key}\r\n"
            "Sec-WebSocket-Version: 13\r\n\r\n".encode())
        status = self.stream.readline()
        if b" 101 " not in status:
            raise ConnectionError(f"no WebSocket: {status!r}")
        while self.stream.readline() not in (b"\r\n", b""):
            pass

    def send(self, text, opcode=1):
        payload = text.encode() if isinstance(text, str) else text
        mask = os.urandom(4)
        head = bytes([0x80 | opcode])
        if len(payload) < 126:
            head += bytes([0x80 | len(payload)])
        elif len(payload) < 1 << 16:
            head += struct.pack("!BH", 0x80 | 126, len(payload))
        else:
            head += struct.pack("!BQ", 0x80 | 127, len(payload))
        masked = bytes(byte ^ mask[i % 4] for i, byte in enumerate(payload))
        self.socket.sendall(head + mask + masked)

    def read(self, count):
        data = self.stream.read(count)
        if len(data) < count:
            raise ConnectionError("the browser has gone")
        return data

    def receive(self, seconds):
        """The next whole message."""
        self.socket.settimeout(seconds)
        message = b""
        while True:
            first, second = self.read(2)
            length = second & 0x7F
            if length == 126:
                (length,) = struct.unpack("!H", self.read(2))
            elif length == 127:
                (length,) = struct.unpack("!Q", self.read(8))
            payload = self.read(length)
            opcode = first & 0x0F
            if opcode == 8:
                raise ConnectionError("the browser has closed the connection")
            if opcode == 9:
                self.send(payload, 10)
            if opcode in (0, 1):
                message += payload
                if first & 0x80:
                    return message.decode()

    def close(self):
        self.stream.close()
        self.socket.close()


class Browser:
    """One chromium with an empty profile."""

    def __init__(self):
        self.profile = tempfile.mkdtemp(prefix="bellhop-web-")
        self.process = None
        atexit.register(self.stop)
        # Without a home of its own it writes into the one of whoever runs the tests.
        environment = os.environ | {"HOME": self.profile}
        self.process = subprocess.Popen(
            [CHROMIUM, *FLAGS, f"--user-data-dir={self.profile}/data", "about:blank"],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
            env=environment, text=True, errors="replace")
        try:
            self.socket = WebSocket(self.address())
        except Exception:
            self.stop()
            raise
        self.ids = itertools.count(1)
        self.pages = {}

    def address(self):
        """What chromium says it listens on; goes on reading so that it never blocks."""
        guard = threading.Timer(START_SECONDS, self.process.kill)
        guard.start()
        said = []
        for line in self.process.stderr:
            said.append(line)
            found = re.search(r"DevTools listening on (ws://\S+)", line)
            if found:
                guard.cancel()
                threading.Thread(target=self.process.stderr.read, daemon=True).start()
                return found[1]
        guard.cancel()
        raise ConnectionError("chromium did not start: " + "".join(said[-10:]))

    def call(self, method, session=None, **parameters):
        """Sends a command and handles what comes until its answer does."""
        number = next(self.ids)
        command = {"id": number, "method": method, "params": parameters}
        if session:
            command["sessionId"] = session
        self.socket.send(json.dumps(command))
        while True:
            answer = json.loads(self.socket.receive(ANSWER_SECONDS))
            if answer.get("id") == number:
                if "error" in answer:
                    raise AssertionError(f"{method}: {answer['error']['message']}")
                return answer["result"]
            page = self.pages.get(answer.get("sessionId"))
            if page and "method" in answer:
                page.happened(answer["method"], answer["params"])

    def open(self, width=1280, height=900, is_dark=False, is_mobile=False):
        return Tab(self, width, height, is_dark, is_mobile)

    def stop(self):
        atexit.unregister(self.stop)
        if self.process:
            self.process.terminate()
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        shutil.rmtree(self.profile, ignore_errors=True)


class Tab:
    """A tab with storage of its own. `problems` has what went wrong in it, one line each."""

    def __init__(self, browser, width, height, is_dark, is_mobile):
        self.browser = browser
        self.problems = []
        self.context = browser.call("Target.createBrowserContext")["browserContextId"]
        target = browser.call("Target.createTarget", url="about:blank",
                              browserContextId=self.context)["targetId"]
        self.session = browser.call("Target.attachToTarget", targetId=target,
                                    flatten=True)["sessionId"]
        browser.pages[self.session] = self
        for domain in ("Page", "Runtime", "Log", "Audits", "Accessibility"):
            self.call(f"{domain}.enable")
        self.resize(width, height, is_mobile)
        self.set_dark(is_dark)

    def call(self, method, **parameters):
        return self.browser.call(method, self.session, **parameters)

    def happened(self, method, event):
        if method == "Runtime.exceptionThrown":
            details = event["exceptionDetails"]
            what = details.get("exception", {}).get("description") or details["text"]
            self.problems.append(f"exception: {what}")
        elif method == "Runtime.consoleAPICalled" and event["type"] in ("error", "warning",
                                                                        "assert"):
            said = [str(one.get("value", one.get("description"))) for one in event["args"]]
            self.problems.append(f"console: {' '.join(said)}")
        elif method == "Log.entryAdded" and event["entry"]["level"] in ("error", "warning"):
            entry = event["entry"]
            self.problems.append(f"{entry['source']}: {entry['text']} {entry.get('url', '')}")
        elif method == "Audits.issueAdded":
            code = event["issue"]["code"]
            if code == "ContentSecurityPolicyIssue":
                self.problems.append(f"policy: {json.dumps(event['issue']['details'])}")
        elif method == "Page.javascriptDialogOpening":
            self.problems.append(f"dialog: {event['message']}")
            self.browser.socket.send(json.dumps({
                "id": next(self.browser.ids), "method": "Page.handleJavaScriptDialog",
                "sessionId": self.session, "params": {"accept": True}}))

    def go(self, url):
        self.call("Page.navigate", url=url)

    def evaluate(self, expression):
        """The value of an expression, awaited if it is a promise."""
        answer = self.call("Runtime.evaluate", expression=expression, awaitPromise=True,
                           returnByValue=True)
        if "exceptionDetails" in answer:
            details = answer["exceptionDetails"]
            what = details.get("exception", {})
            raise AssertionError(what.get("description") or what.get("value") or details["text"])
        return answer["result"].get("value")

    def wait(self, expression, seconds=WAIT_SECONDS):
        """The value of an expression once it is true."""
        return self.evaluate(f"""new Promise((done, fail) => {{
            const end = performance.now() + {seconds * 1000};
            const look = () => {{
              let value = null;
              try {{ value = ({expression}); }} catch {{ value = null; }}
              if (value) done(value);
              else if (performance.now() > end)
                fail("never true: " + {json.dumps(expression)});
              else setTimeout(look, 40);
            }};
            look();
        }})""")

    def text(self, selector):
        return self.evaluate(f"document.querySelector({json.dumps(selector)}).textContent")

    def click(self, selector):
        """Clicks with the mouse on what lies there, as a person would."""
        spot = self.evaluate(f"""(() => {{
            const node = document.querySelector({json.dumps(selector)});
            node.scrollIntoView({{ block: "center" }});
            const box = node.getBoundingClientRect();
            return [box.x + box.width / 2, box.y + box.height / 2];
        }})()""")
        for kind in ("mouseMoved", "mousePressed", "mouseReleased"):
            self.call("Input.dispatchMouseEvent", type=kind, x=spot[0], y=spot[1], clickCount=1,
                      button="none" if kind == "mouseMoved" else "left")

    def point(self, x, y):
        self.call("Input.dispatchMouseEvent", type="mouseMoved", x=x, y=y)

    def key(self, name):
        code = {"key": name, "code": name, "windowsVirtualKeyCode": KEYS[name]}
        text = {"text": "\r"} if name == "Enter" else {}
        self.call("Input.dispatchKeyEvent", type="keyDown", **code, **text)
        self.call("Input.dispatchKeyEvent", type="keyUp", **code)

    def write(self, text):
        self.call("Input.insertText", text=text)

    def choose(self, selector, value):
        """Chooses in a select, as the browser tells the page."""
        self.evaluate(f"""(() => {{
            const node = document.querySelector({json.dumps(selector)});
            node.value = {json.dumps(value)};
            node.dispatchEvent(new Event("change", {{ bubbles: true }}));
        }})()""")

    def resize(self, width, height, is_mobile=False):
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height,
                  deviceScaleFactor=1, mobile=is_mobile)

    def set_dark(self, is_dark):
        value = "dark" if is_dark else "light"
        self.call("Emulation.setEmulatedMedia",
                  features=[{"name": "prefers-color-scheme", "value": value}])

    def controls(self):
        """(role, name) of everything that can be used, as screen readers are told."""
        roles = {"button", "combobox", "checkbox", "radio", "textbox", "searchbox", "link", "meter",
                 "table", "region", "dialog"}
        nodes = self.call("Accessibility.getFullAXTree")["nodes"]
        return [(node["role"]["value"], node.get("name", {}).get("value", ""))
                for node in nodes
                if not node.get("ignored") and node.get("role", {}).get("value") in roles]

    def screenshot(self, path):
        path = pathlib.Path(path)
        path.parent.mkdir(parents=True, exist_ok=True)
        data = self.call("Page.captureScreenshot", captureBeyondViewport=True)["data"]
        path.write_bytes(base64.b64decode(data))

    def close(self):
        del self.browser.pages[self.session]
        self.browser.call("Target.disposeBrowserContext", browserContextId=self.context)
