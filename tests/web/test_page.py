"""The web page as a browser shows it. Against the stand-in, or against a bellhopd with BASE_URL
(and TOKEN, of the full role) in the environment; what only the stand-in can show is skipped
there."""

import dataclasses
import gzip
import json
import os
import pathlib
import re
import time
import unittest
import urllib.error
import urllib.request

from browser import CHROMIUM, Browser
from stand_in import CSP, HOSTILE_LOCAL, PAGE, Flow, Refusal, StandIn, seconds_of

ROOT = pathlib.Path(__file__).resolve().parents[2]
OUTPUT = pathlib.Path(os.environ.get("BELLHOP_TEST_OUTPUT", ROOT / "build" / "test-logs"))
BASE_URL = os.environ.get("BASE_URL", "").rstrip("/")
GZIPPED_BYTES_MAX = 120_000
CONTRAST_MIN = 4.5  # WCAG 2.1, 1.4.3
MINUTES = 300       # an uptime in which seconds are shown

# How many colours the canvas of a chart has between its axes.
COLOURS = """(() => {
  const canvas = document.querySelector("%s canvas");
  if (!canvas) return 0;
  const { width, height } = canvas;
  const data = canvas.getContext("2d").getImageData(width * 0.2, 4, width * 0.7, height * 0.8).data;
  const seen = new Set();
  for (let i = 0; i < data.length; i += 4) seen.add(data.slice(i, i + 4).join());
  return seen.size;
})()"""

# Texts whose colour is too near to that of what lies behind them.
FAINT = """(() => {
  const parse = (text) => text.match(/[\\d.]+/g).map(Number);
  const light = ([r, g, b]) => {
    const part = [r, g, b].map((value) => {
      const share = value / 255;
      return share <= 0.03928 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * part[0] + 0.7152 * part[1] + 0.0722 * part[2];
  };
  const behind = (node) => {
    for (; node; node = node.parentElement) {
      const colour = parse(getComputedStyle(node).backgroundColor);
      if (colour.length === 3 || colour[3] === 1) return colour;
    }
    return [255, 255, 255];
  };
  const faint = [];
  for (const node of document.querySelectorAll("body *")) {
    const own = [...node.childNodes].some((child) => child.nodeType === 3 && child.data.trim());
    if (!own || node.closest(".spoken, .skip, [hidden]") || !node.getClientRects().length) continue;
    const pair = [light(parse(getComputedStyle(node).color)), light(behind(node))].sort();
    const contrast = (Math.max(...pair) + 0.05) / (Math.min(...pair) + 0.05);
    if (contrast < %s) faint.push(`${contrast.toFixed(2)} ${node.textContent.slice(0, 40)}`);
  }
  return faint;
})()"""

ROWS = "document.querySelectorAll('#session-table tbody td.action').length"
# Every part has had its first answer: nothing moves any more when one clicks.
IS_DRAWN = """document.querySelector("#live-chart canvas") &&
  document.querySelector("#history-chart canvas") &&
  document.querySelector("#attached").textContent !== "…" &&
  document.querySelector("#role").textContent !== "…" &&
  document.querySelector("#process").children.length > 0 &&
  ["#history-legend tbody", "#session-table tbody", "#talkers-table tbody", "#quota-list",
   "#limit-table tbody"].every((list) => document.querySelector(list).children.length > 0)"""
MAY_END = "document.querySelector('#role').textContent.includes('end')"
# What the tests themselves provoke by reading canvases.
READ_BACK = r"^rendering: Canvas2D: Multiple readback"


def own_files():
    """What is embedded into bellhopd."""
    return sorted(path for path in PAGE.rglob("*") if path.is_file() and path.name != "README.md")


class Files(unittest.TestCase):
    """What can be seen without a browser."""

    def test_the_page_is_small(self):
        sizes = {path.name: len(gzip.compress(path.read_bytes(), 9)) for path in own_files()}
        self.assertLessEqual(sum(sizes.values()), GZIPPED_BYTES_MAX, sizes)

    def test_nothing_of_it_comes_from_elsewhere(self):
        for path in own_files():
            if path.parent == PAGE:
                text = path.read_text().replace("http://www.w3.org/2000/svg", "")
                self.assertNotRegex(text, r"https?:|//\w+\.\w", path.name)

    def test_text_is_never_read_as_markup(self):
        forbidden = re.compile(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|"
                               r"new Function|DOMParser|\.srcdoc|setHTML|setTimeout\(\"")
        for path in PAGE.glob("*.js"):
            self.assertIsNone(forbidden.search(path.read_text()), path.name)

    def test_no_script_or_style_stands_in_the_markup(self):
        text = (PAGE / "index.html").read_text()
        self.assertNotRegex(text, r"<style|\sstyle=|\son\w+=|javascript:")
        self.assertEqual(re.findall(r"<script(?![^>]*\ssrc=)[^>]*>", text), [])

    def test_the_library_is_vendored_with_its_licence(self):
        self.assertIn("MIT License", (PAGE / "vendor" / "LICENSE-uPlot").read_text())
        self.assertIn("v1.6.32", (PAGE / "vendor" / "uPlot.iife.min.js").read_text()[:80])


@unittest.skipUnless(os.access(CHROMIUM, os.X_OK), f"{CHROMIUM} is not installed")
class Page(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.browser = Browser()
        cls.addClassCleanup(cls.browser.stop)

    def setUp(self):
        self.expected = []  # patterns of problems that the test provokes
        self.stand_in = None
        if BASE_URL:
            self.url, self.token = f"{BASE_URL}/", os.environ.get("TOKEN")
        else:
            self.stand_in = StandIn()
            self.addCleanup(self.stand_in.stop)
            self.url, self.token = self.stand_in.url, "full"

    def needs_stand_in(self, why):
        if not self.stand_in:
            self.skipTest(f"needs the stand-in: {why}")

    def open(self, token=None, wait=IS_DRAWN, **how):
        """The page in a tab of its own, drawn; its problems are looked at when the test ends."""
        tab = self.browser.open(**how)
        self.addCleanup(self.check_and_close, tab)
        tab.go(self.url + (f"#token={token}" if token else ""))
        if wait:
            tab.wait(wait)
        return tab

    def check_and_close(self, tab):
        tab.evaluate("1")  # what was reported before this has been received
        tab.close()
        expected = [READ_BACK, *self.expected]
        unexpected = [problem for problem in tab.problems
                      if not any(re.search(pattern, problem) for pattern in expected)]
        self.assertEqual(unexpected, [])

    def shoot(self, tab, name):
        if self.stand_in:
            tab.screenshot(OUTPUT / f"page-{name}.png")

    def post(self, method, headers):
        """Status of a request that does not come from the page."""
        request = urllib.request.Request(f"{self.url}api/v1/{method}", b"{}", headers)
        try:
            with urllib.request.urlopen(request) as response:
                return response.status
        except urllib.error.HTTPError as error:
            error.close()
            return error.code

    # What is served.

    def test_the_page_is_served_with_a_strict_policy(self):
        with urllib.request.urlopen(self.url) as response:
            self.assertEqual(response.headers["Content-Security-Policy"], CSP)
            self.assertEqual(response.headers["X-Content-Type-Options"], "nosniff")

    def test_requests_of_other_pages_are_refused(self):
        as_json = {"Content-Type": "application/json"}
        self.assertEqual(self.post("NodeService/GetNode", as_json | {"X-Bellhop": "1"}), 200)
        for foreign in (as_json, {"Content-Type": "text/plain", "X-Bellhop": "1"}):
            self.assertIn(self.post("NodeService/GetNode", foreign), range(400, 500))

    # What is shown.

    def test_the_head_says_how_bellhop_is(self):
        tab = self.open()
        self.assertRegex(tab.text("#version"), r"^\d+\.\d+\.\d+")
        self.assertEqual(tab.text("#state"), "serving")
        self.assertRegex(tab.text("#uptime"), r"\d+ (s|min|h)")
        self.assertRegex(tab.text("#attached"), r"^\d+ of \d+$")
        self.assertRegex(tab.text("#rate"), r"^[\d.]+ \w?i?B/s$")
        self.assertRegex(tab.text("#session-count"), r"^\d+$")
        self.assertEqual(tab.text("#role"), "look")

    def test_both_charts_are_drawn(self):
        tab = self.open()
        if self.stand_in:
            for chart in ("#live-chart", "#history-chart"):
                tab.wait(COLOURS % chart + " > 8")
        else:
            tab.wait(COLOURS % "#live-chart" + " > 1")
        self.shoot(tab, "light")

    def test_the_live_chart_begins_with_the_last_minutes(self):
        self.needs_stand_in("its past is known")
        tab = self.open(wait=IS_DRAWN + " && document.querySelector('#live-moved')"
                        ".textContent.includes('GiB')")
        self.assertRegex(tab.text("#live-peak"), r"MiB/s$")
        label = tab.evaluate("document.querySelector('#live-chart').ariaLabel")
        self.assertRegex(label, r"last 15 minutes, now [\d.]+ MiB/s, peak [\d.]+ MiB/s")

    def test_the_uptime_goes_on(self):
        if self.stand_in:
            self.stand_in.api.start_time = time.time() - MINUTES
        tab = self.open()
        before = tab.text("#uptime")
        if "h" in before:
            self.skipTest("it has run so long that no seconds are shown")
        tab.wait(f"document.querySelector('#uptime').textContent !== {json.dumps(before)}")

    def test_numbers_change_by_themselves(self):
        self.needs_stand_in("its users never rest")
        self.stand_in.api.start_time = time.time() - MINUTES
        tab = self.open()
        for selector in ("#rate-second", "#moved", "#session-table td[data-label=Bytes]"):
            before = tab.text(selector)
            tab.wait(f"document.querySelector('{selector}').textContent !== {json.dumps(before)}")

    def test_the_first_minutes_of_bellhop_are_shown_by_the_second(self):
        self.needs_stand_in("its past is known")
        now = time.time()
        self.stand_in.api.start_time = now - MINUTES
        # One user whose rate rises all the time, so that no two seconds have the same figure.
        self.stand_in.api.flows = [Flow("alice@example.org/phone", "bob@example.org/desk", 60e6,
                                         period=600, begin=now - 600, session_begin=now - 600)]
        tab = self.open()
        live = [call.request for call in self.stand_in.calls if call.request.get("step") == "1s"]
        self.assertLess(seconds_of(live[0]["startTime"]), self.stand_in.api.start_time)
        self.assertGreater(seconds_of(live[1]["startTime"]), self.stand_in.api.start_time)
        shown = []
        tab.evaluate("document.querySelector('#live-chart').focus()")
        tab.key("End")
        for _ in range(5):
            shown.append(tab.text("#live-readout"))
            tab.key("ArrowLeft")
        self.assertEqual(len({text.partition(": ")[2] for text in shown}), 5, shown)

    def test_bandwidth_is_asked_for_once_a_second(self):
        self.needs_stand_in("it counts the calls")
        self.open()

        def next_call():
            self.assertTrue(self.stand_in.wait_for(
                lambda call: call.method == "BandwidthService/GetBandwidth"))

        next_call()
        began = time.monotonic()
        for _ in range(3):
            next_call()
        self.assertGreater(time.monotonic() - began, 1.9)

    def test_history_is_shown_for_every_range_and_group(self):
        tab = self.open()
        names = "[...document.querySelectorAll('#history-legend tbody bdi')]" \
            ".map((node) => node.textContent)"
        pictures = {("15m", ""), ("4h", "GROUP_BY_DOMAIN"), ("2y", "GROUP_BY_JID")}
        for value, step in (("15m", "5s"), ("4h", "60s"), ("14d", "3600s"), ("2y", "172800s")):
            for group in ("", "GROUP_BY_KIND", "GROUP_BY_DOMAIN", "GROUP_BY_JID"):
                first = len(self.stand_in.calls) if self.stand_in else 0
                tab.choose("#history-group", group)
                tab.click(f"#history-range input[value='{value}']")
                if not self.stand_in:
                    continue
                self.assertTrue(self.stand_in.wait_for(
                    lambda call: (call.request.get("step"), call.request.get("groupBy", ""))
                    == (step, group), first=first), (value, group))
                wanted = {"": "total", "GROUP_BY_KIND": "socks5",
                          "GROUP_BY_DOMAIN": "example.org", "GROUP_BY_JID": "alice@example.org"}
                tab.wait(f"{names}.includes({json.dumps(wanted[group])})")
                tab.wait(COLOURS % "#history-chart" + " > 4")
                if (value, group) in pictures:
                    self.shoot(tab, f"history-{value}")
        tab.click("#history-peaks")

    def test_groups_add_up_to_the_total(self):
        self.needs_stand_in("its figures are known")
        tab = self.open()
        tab.choose("#history-group", "GROUP_BY_DOMAIN")
        cells = "[...document.querySelectorAll('#history-legend tbody tr')]" \
            ".map((row) => [row.cells[0].textContent, parseFloat(row.cells[2].textContent)" \
            " * (row.cells[2].textContent.includes('GiB') ? 1024 : 1)])"
        rows = dict(map(tuple, tab.wait(f"{cells}.length === 6 && {cells}")))
        total = rows.pop("total")
        self.assertAlmostEqual(sum(rows.values()) / total, 1, delta=0.01)

    def test_arrow_keys_read_the_chart(self):
        self.needs_stand_in("its past is known")
        tab = self.open()
        tab.evaluate("document.querySelector('#history-chart').focus()")
        tab.key("End")
        tab.wait("document.querySelector('#history-at').textContent !== 'Average'")
        first = tab.text("#history-readout")
        tab.key("ArrowLeft")
        tab.wait("document.querySelector('#history-readout').textContent !== "
                 + json.dumps(first))
        self.assertRegex(tab.text("#spoken"), r"\d: [\d.]+ MiB/s, fastest second")
        tab.key("Escape")
        tab.wait("document.querySelector('#history-at').textContent === 'Average'")

    def test_talkers_come_with_their_error(self):
        self.needs_stand_in("its users are known")
        tab = self.open()
        tab.wait("document.querySelectorAll('#talkers-table tbody tr').length === 10")
        self.assertIn("alice@example.org", tab.text("#talkers-table tbody tr"))
        self.assertRegex(tab.text("#talkers-table tbody tr:nth-child(2) small"), r"^up to .* less$")
        self.assertRegex(tab.text("#talkers-error"), r"too high by [\d.]+ MiB at most")
        tab.choose("#talkers-group", "GROUP_BY_DOMAIN")
        tab.choose("#talkers-window", "86400s")
        tab.wait("document.querySelectorAll('#talkers-table tbody tr').length === 5")
        asked = [call.request for call in self.stand_in.calls if "Talkers" in call.method][-1]
        self.assertEqual((asked["window"], asked["groupBy"]), ("86400s", "GROUP_BY_DOMAIN"))

    def test_upstreams_quotas_and_limits_are_shown(self):
        self.needs_stand_in("its settings are known")
        tab = self.open()
        self.assertEqual(tab.text("#attached"), "1 of 2")
        upstreams = tab.text("#upstream-list")
        self.assertIn("refused the handshake: <b>not-authorized</b>", upstreams)
        tab.wait("document.querySelectorAll('#quota-list > li').length === 4")
        full = "document.querySelector('#quota-list > li:nth-child(2) .bar.bad')"
        self.assertEqual(tab.wait(f"{full}.getAttribute('aria-valuenow')"), "100")
        self.assertIn("each user", tab.text("#quota-list > li:nth-child(4)"))
        tab.wait("document.querySelectorAll('#limit-table tbody tr').length === 3")
        self.assertIn("119 MiB/s", tab.text("#limit-table tbody tr"))

    def test_the_file_store_and_whose_files_fill_it_are_shown(self):
        self.needs_stand_in("its files are known")
        tab = self.open()
        tab.wait("document.querySelectorAll('#owner-table tbody tr').length === 3")
        self.assertEqual(tab.text("#files-taken"), "67.1 GiB in 861 files")
        self.assertEqual(tab.text("#files-expected"), "1.12 GiB in 6 slots")
        self.assertEqual(tab.text("#files-free"), "186 GiB")
        self.assertIn("56.8 GiB", tab.text("#owner-table tbody tr"))
        self.assertEqual(tab.evaluate("document.querySelector('#disk .bar')"
                                      ".getAttribute('aria-valuenow')"), "26")
        self.assertIn("812 of 10,000", tab.text("#quota-list > li:nth-child(3)"))

    def test_where_nobody_offers_uploads_nothing_is_said_of_files(self):
        self.needs_stand_in("it has no store on demand")
        self.stand_in.api.is_storing = False
        tab = self.open()
        self.stand_in.wait_for(lambda call: call.method == "FileService/GetStorage", first=0)
        self.assertTrue(tab.evaluate("document.querySelector('#files').hidden"))

    def test_the_relay_for_calls_and_its_free_ports_are_shown(self):
        self.needs_stand_in("its allocations are known")
        tab = self.open()
        tab.wait("document.querySelectorAll('#relay-table tbody tr').length === 2")
        self.assertEqual(tab.text("#turn-allocations"), "40 of 10,000")
        self.assertEqual(tab.text("#turn-channels"), "2")
        self.assertEqual(tab.text("#turn-kernel"), "7")
        self.assertEqual(tab.text("#turn-refusals"), "1,234")
        self.assertIn("turn:turn.example.org:3478", tab.text("#turn-services"))
        self.assertIn("203.0.113.7 (here 10.0.0.2)", tab.text("#relay-table tbody tr"))
        self.assertIn("1,200", tab.text("#relay-table tbody tr"))
        bars = "document.querySelectorAll('#relay-table .bar')"
        self.assertEqual(tab.evaluate(f"{bars}[0].getAttribute('aria-valuenow')"), "93")
        self.assertEqual(tab.evaluate(f"{bars}[1].getAttribute('aria-valuenow')"), "0")
        # The rate is there with the second answer.
        self.assertRegex(tab.wait("document.querySelector('#turn-packets').textContent"
                                  ".match(/^[34],[0-9]{3}[/]s$/)?.[0]"), "/s$")
        self.assertEqual(tab.text("#turn-dropped"), "0/s")
        tab.screenshot(OUTPUT / "page-calls.png")

    def test_where_nobody_offers_turn_nothing_is_said_of_calls(self):
        self.needs_stand_in("it has no relay on demand")
        self.stand_in.api.has_turn = False
        tab = self.open()
        self.stand_in.wait_for(lambda call: call.method == "TurnService/GetTurn", first=0)
        self.assertTrue(tab.evaluate("document.querySelector('#turn').hidden"))

    # Sessions.

    def test_sessions_are_sorted_and_filtered_by_the_api(self):
        self.needs_stand_in("its sessions are known")
        tab = self.open()
        self.assertIn("alice@example.org/phone", tab.text("#session-table tbody tr"))
        tab.click("th[data-order='create_time desc'] button")
        tab.point(1, 1)
        tab.wait("document.querySelector('#session-table tbody tr')"
                 ".textContent.includes('grace@example.com')")
        self.assertEqual(
            tab.evaluate("document.querySelector('[aria-sort]').ariaSort"), "ascending")
        tab.click("#session-filter")
        tab.write("alice bob")
        tab.wait(f"{ROWS} === 1")
        tab.evaluate("document.querySelector('#session-filter').select()")
        tab.write('domain = "example.com" AND rate > 1M')
        tab.wait(f"{ROWS} === 2")
        self.assertIn("2 shown, 14 running", tab.text("#session-shown"))
        asked = [call.request for call in self.stand_in.calls if "ListSessions" in call.method][-1]
        self.assertEqual(asked["filter"], 'domain = "example.com" AND rate > 1M')
        self.assertEqual(asked["orderBy"], "create_time desc")

    def test_many_sessions_come_in_parts(self):
        self.needs_stand_in("its sessions are known")
        flows = self.stand_in.api.flows
        flows += [dataclasses.replace(flows[-2], name=f"sessions/01JE{i:022d}") for i in range(80)]
        tab = self.open()
        self.assertEqual(tab.evaluate(ROWS), 50)
        self.assertIn("50 shown, 94 running", tab.text("#session-shown"))
        tab.click("#session-more")
        tab.wait(f"{ROWS} === 94")
        self.assertTrue(tab.evaluate("document.querySelector('#session-more').hidden"))

    def test_rows_keep_their_places_under_the_pointer(self):
        self.needs_stand_in("its sessions are known")
        tab = self.open()
        names = "[...document.querySelectorAll('#session-table tbody .party:nth-child(2)')]" \
            ".map((cell) => cell.textContent)"
        before = tab.evaluate(names)
        spot = tab.evaluate("""(() => {
            const body = document.querySelector("#session-table tbody");
            body.scrollIntoView();
            const box = body.rows[2].getBoundingClientRect();
            return [box.x + 40, box.y + 10];
        })()""")
        tab.point(*spot)
        self.stand_in.api.flows[0].base /= 1000  # the first would be the last
        session = "SessionService/ListSessions"
        for _ in range(2):
            self.assertTrue(self.stand_in.wait_for(lambda call: call.method == session))
        self.assertEqual(tab.evaluate(names), before)
        tab.point(1, 1)
        tab.wait(f"{names}[0] !== {json.dumps(before[0])}")

    def test_a_wrong_filter_is_explained(self):
        self.needs_stand_in("its sentence is known")
        self.expected = [r"^network: .* 400 "]
        tab = self.open()
        tab.click("#session-filter")
        tab.write("sise > 5")
        tab.wait("document.querySelector('#sessions .problem').textContent.includes"
                 "('unknown field \"sise\"')")
        self.assertEqual(tab.evaluate("document.querySelector('#session-filter').ariaInvalid"),
                         "true")
        tab.evaluate("document.querySelector('#session-filter').select()")
        tab.write("alice")
        tab.wait("document.querySelector('#sessions .problem').hidden")

    def test_a_session_is_ended_after_a_question(self):
        tab = self.open(token=self.token,
                        wait=f"{IS_DRAWN} && {MAY_END}")
        if not self.stand_in and not tab.evaluate(ROWS):
            self.skipTest("no session is running")
        tab.wait(f"{ROWS} > 0")
        first = tab.text("#session-table tbody bdi")
        count = tab.evaluate(ROWS)
        tab.click("#session-table tbody button")
        tab.wait("document.querySelector('#dialog').open")
        self.assertIn(first, tab.text("#dialog-body"))
        self.shoot(tab, "end")
        tab.click("#dialog-cancel")
        tab.wait("!document.querySelector('#dialog').open")
        self.assertEqual(tab.evaluate(ROWS), count)
        tab.click("#session-table tbody button")
        tab.wait("document.querySelector('#dialog').open")
        tab.click("#dialog-confirm")
        tab.wait("document.querySelector('#notice').textContent.includes('has been ended')")
        tab.wait("!document.querySelector('#dialog').open")
        if self.stand_in:
            self.assertEqual(tab.evaluate(ROWS), count - 1)
            self.assertNotIn(first, tab.evaluate(
                "[...document.querySelectorAll('#session-table tr')]"
                ".map((row) => row.querySelector('bdi')?.textContent)"))
            ended = [call for call in self.stand_in.calls if "EndSession" in call.method]
            self.assertEqual([call.token for call in ended], ["full"])
            self.assertEqual([call.request for call in ended],
                             [{"name": self.stand_in.api.flows[0].name}])

    def test_a_session_is_ended_by_the_keyboard(self):
        self.needs_stand_in("it always has sessions")
        tab = self.open(token="full", wait=f"{IS_DRAWN} && {MAY_END}")
        tab.evaluate("document.querySelector('#session-order').focus()")
        for _ in range(4):  # three heads that sort, then the first row
            tab.key("Tab")
        self.assertEqual(tab.evaluate("document.activeElement.textContent"), "End")
        tab.key("Enter")
        tab.wait("document.querySelector('#dialog').open")
        self.assertEqual(tab.evaluate("document.activeElement.id"), "dialog-cancel")
        tab.key("Tab")
        tab.key("Enter")
        tab.wait(f"{ROWS} === 13")
        self.assertEqual(tab.evaluate("document.activeElement.id"), "sessions")

    def test_a_session_that_has_gone_is_no_error(self):
        self.needs_stand_in("a session goes at the right moment")
        self.expected = [r"^network: .* 404 "]
        tab = self.open(token="full", wait=f"{IS_DRAWN} && {MAY_END}")
        self.stand_in.refusals["SessionService/EndSession"] = Refusal(404, "NOT_FOUND", "gone")
        tab.click("#session-table tbody button")
        tab.wait("document.querySelector('#dialog').open")
        tab.click("#dialog-confirm")
        tab.wait("document.querySelector('#notice').textContent.includes('by itself')")

    def test_a_refused_end_is_shown_in_the_dialog(self):
        self.needs_stand_in("it refuses on demand")
        self.expected = [r"^network: .* 503 "]
        tab = self.open(token="full", wait=f"{IS_DRAWN} && {MAY_END}")
        self.stand_in.refusals["SessionService/EndSession"] = Refusal(503, "UNAVAILABLE", "busy")
        tab.click("#session-table tbody button")
        tab.wait("document.querySelector('#dialog').open")
        tab.click("#dialog-confirm")
        tab.wait("document.querySelector('#dialog .problem').textContent === 'busy'")
        self.assertEqual(tab.evaluate(ROWS), 14)

    def test_without_the_full_role_the_button_explains(self):
        tab = self.open()
        if not self.stand_in and not tab.evaluate(ROWS):
            self.skipTest("no session is running")
        tab.wait(f"{ROWS} > 0")
        tab.click("#session-table tbody button")
        tab.wait("document.querySelector('#dialog').open")
        self.assertIn("bellhopctl page", tab.text("#dialog-body"))
        self.assertTrue(tab.evaluate("document.querySelector('#dialog-confirm').hidden"))
        tab.key("Escape")
        tab.wait("!document.querySelector('#dialog').open")

    def test_names_of_hostile_users_are_text(self):
        self.needs_stand_in("it has a hostile user")
        tab = self.open()
        tab.choose("#history-group", "GROUP_BY_JID")
        for place in ("#session-table", "#talkers-table", "#limit-table", "#history-legend"):
            tab.wait(f"document.querySelector('{place}').textContent.includes"
                     f"({json.dumps(HOSTILE_LOCAL)})")
        self.assertEqual(
            tab.evaluate("document.querySelectorAll('main img, main script, main b').length"), 0)
        # A character that turns the direction of text is shown by its number.
        self.assertIn("\\u202egpj.exe", tab.text("#session-table"))
        row = tab.evaluate("""(() => {
            const rows = [...document.querySelectorAll("#session-table tbody tr")];
            return rows.findIndex((row) => row.textContent.includes("evil.example")) + 1;
        })()""")
        tab.click(f"#session-table tbody tr:nth-child({row}) button")
        tab.wait("document.querySelector('#dialog').open")

    # The token.

    def test_the_token_leaves_the_address_bar_and_stays_with_the_tab(self):
        if not self.token:
            self.skipTest("TOKEN is not given")
        tab = self.open(token=self.token)
        self.assertEqual(tab.evaluate("location.hash"), "")
        tab.call("Page.reload")
        tab.wait(f"{IS_DRAWN} && {MAY_END}")
        if self.stand_in:
            self.assertEqual({call.token for call in self.stand_in.calls}, {"full"})

    def test_a_token_that_is_no_longer_good_is_given_up(self):
        self.needs_stand_in("it forgets tokens")
        self.expected = [r"^network: .* 401 "]
        tab = self.open(token="full")
        del self.stand_in.tokens["full"]
        tab.wait("document.querySelector('#notice').textContent.includes('bellhopctl page')")
        tab.wait("document.querySelector('#role').textContent === 'look'")
        self.assertTrue(tab.evaluate("document.querySelector('#banner').hidden"))
        # A new link in the same tab changes the fragment only.
        self.stand_in.tokens["new"] = "ACCESS_FULL"
        tab.evaluate("location.hash = 'token=new'")
        tab.wait(MAY_END)
        self.assertEqual(tab.evaluate("location.hash"), "")

    def test_whoever_needs_a_token_is_told(self):
        self.needs_stand_in("it listens on loopback only")
        self.expected = [r"^network: .* 401 "]
        self.stand_in.needs_token = True
        tab = self.open(wait="!document.querySelector('#banner').hidden")
        self.assertIn("bellhopctl page", tab.text("#banner-text"))
        tab.evaluate("location.hash = 'token=read'")
        tab.wait(f"document.querySelector('#banner').hidden && {IS_DRAWN}")

    # What goes wrong.

    def test_a_lost_connection_is_shown_and_recovered_from(self):
        self.needs_stand_in("it goes away on demand")
        self.expected = [r"^network: "]
        tab = self.open()
        self.stand_in.is_down = True
        tab.wait("!document.querySelector('#banner').hidden")
        self.assertIn("No connection to Bellhop since", tab.text("#banner-text"))
        self.shoot(tab, "lost")
        self.stand_in.is_down = False
        tab.click("#banner-retry")
        tab.wait("document.querySelector('#banner').hidden")
        before = tab.text("#rate-second")
        tab.wait(f"document.querySelector('#rate-second').textContent !== {json.dumps(before)}")
        fills = [call for call in self.stand_in.calls if call.request.get("step") == "1s"]
        self.assertGreaterEqual(len(fills), 1)

    def test_it_comes_back_by_itself(self):
        self.needs_stand_in("it goes away on demand")
        self.expected = [r"^network: "]
        tab = self.open()
        self.stand_in.is_down = True
        tab.wait("!document.querySelector('#banner').hidden")
        self.stand_in.is_down = False
        tab.wait("document.querySelector('#banner').hidden")

    def test_a_refusal_is_shown_where_it_belongs(self):
        self.needs_stand_in("it refuses on demand")
        self.expected = [r"^network: .* 500 "]
        self.stand_in.refusals["PolicyService/ListQuotas"] = Refusal(
            500, "INTERNAL", "the store is <i>locked</i>")
        tab = self.open(wait=None)
        tab.wait("document.querySelector('#quotas .problem').textContent"
                 " === 'the store is <i>locked</i>'")
        self.assertTrue(tab.evaluate("document.querySelector('#limits .problem').hidden"))
        self.assertTrue(tab.evaluate("document.querySelector('#banner').hidden"))

    def test_nothing_is_asked_while_the_page_is_hidden(self):
        self.needs_stand_in("it counts the calls")
        tab = self.open()
        tab.evaluate("""(() => {
            window.away = true;
            Object.defineProperty(document, "hidden", { get: () => window.away });
            document.dispatchEvent(new Event("visibilitychange"));
        })()""")
        self.stand_in.wait_for(lambda call: False, 0.3)  # what was under way
        first = len(self.stand_in.calls)
        self.assertIsNone(self.stand_in.wait_for(lambda call: True, 2.5))
        tab.evaluate("window.away = false; "
                     "document.dispatchEvent(new Event('visibilitychange'))")
        filled = self.stand_in.wait_for(lambda call: call.request.get("step") == "1s",
                                        first=first)
        self.assertIsNotNone(filled, "what passed meanwhile is not asked for")

    # How it looks.

    def test_dark_and_light_follow_the_system_and_can_be_read(self):
        tab = self.open(is_dark=True)
        if self.stand_in:
            tab.wait(f"{ROWS} === 14 && {COLOURS % '#history-chart'} > 4")
            tab.choose("#history-group", "GROUP_BY_DOMAIN")
            tab.wait("document.querySelectorAll('#history-legend tbody tr').length === 6")
        background = "getComputedStyle(document.body).backgroundColor"
        dark = tab.evaluate(background)
        self.assertEqual(tab.evaluate(FAINT % CONTRAST_MIN), [])
        self.shoot(tab, "dark")
        tab.set_dark(False)
        self.assertNotEqual(tab.evaluate(background), dark)
        self.assertEqual(tab.evaluate(FAINT % CONTRAST_MIN), [])

    def test_a_phone_needs_no_sideways_scrolling(self):
        wide = "[...document.querySelectorAll('body *')].filter((node) => " \
            "node.getBoundingClientRect().right > innerWidth + 1 && !node.closest('.spoken')" \
            " && !node.closest('.chart')).map((node) => node.outerHTML.slice(0, 80))"
        for is_dark in (False, True):
            tab = self.open(width=360, height=740, is_mobile=True, is_dark=is_dark)
            if self.stand_in:
                tab.wait(f"{ROWS} === 14")
                tab.choose("#history-group", "GROUP_BY_JID")
                tab.wait("document.querySelectorAll('#history-legend tbody tr').length > 8")
            self.assertEqual(tab.evaluate("innerWidth"), 360)
            self.assertLessEqual(tab.evaluate("document.documentElement.scrollWidth"), 360)
            self.assertEqual(tab.evaluate(wide), [])
            self.shoot(tab, f"phone-{'dark' if is_dark else 'light'}")

    def test_everything_that_can_be_used_has_a_name(self):
        tab = self.open()
        if self.stand_in:
            tab.wait(f"{ROWS} === 14")
        controls = tab.controls()
        self.assertGreater(len(controls), 15)
        self.assertEqual([control for control in controls if not control[1]], [])


if __name__ == "__main__":
    unittest.main()
