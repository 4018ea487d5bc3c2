// The page: puts the parts together, each with its poll, and fills the head.
import { adoptToken, call } from "./api.js";
import { setUpDialog } from "./dialog.js";
import { byId, setBadge, setText } from "./dom.js";
import { files } from "./files.js";
import { duration, seconds, time } from "./format.js";
import { History } from "./history.js";
import { Live } from "./live.js";
import { Polls } from "./polls.js";
import { Sessions } from "./sessions.js";
import { quotas, rateLimits, showProcess, talkers, upstreams } from "./tables.js";
import { turn } from "./turn.js";

const NODE_MILLISECONDS = 5_000;
const UPSTREAMS_MILLISECONDS = 5_000;
const TALKERS_MILLISECONDS = 5_000;
const POLICY_MILLISECONDS = 10_000;
const NOTICE_MILLISECONDS = 8_000;

const NODE_STATES = {
  NODE_STATE_SERVING: ["good", "serving"],
  NODE_STATE_DRAINING: ["warn", "draining"],
  NODE_STATE_STOPPING: ["bad", "stopping"],
};

/** The server's time: the browser's may be wrong. */
const clock = {
  offset: 0,
  isSet: false,
  set(serverSeconds) {
    this.offset = serverSeconds - Date.now() / 1000;
    this.isSet = true;
  },
  now() {
    return Date.now() / 1000 + this.offset;
  },
};

let access = "";
let startTime = NaN;
let noticeTimer = null;

function notice(text) {
  setText(byId("notice"), text);
  clearTimeout(noticeTimer);
  noticeTimer = setTimeout(() => setText(byId("notice"), ""), NOTICE_MILLISECONDS);
}

function say(text) {
  setText(byId("spoken"), text);
}

function showUptime() {
  if (!Number.isNaN(startTime)) setText(byId("uptime"), duration(clock.now() - startTime));
}

async function pollNode(signal) {
  const { node = {} } = await call("NodeService/GetNode", {}, signal);
  setText(byId("version"), node.version ?? "");
  setBadge(byId("state"), ...(NODE_STATES[node.state] ?? ["", "unknown"]));
  startTime = seconds(node.startTime);
  showUptime();
  showProcess(node);
}

async function pollCaller(signal) {
  showAccess(await call("NodeService/GetCaller", {}, signal));
}

function showAccess(caller) {
  access = caller.access ?? "";
  setText(byId("role"), access === "ACCESS_FULL" ? "look and end" : "look");
  byId("role").title = caller.identity ?? "";
}

function showAttached(attached, all) {
  const kind = attached === all && all > 0 ? "good" : attached > 0 ? "warn" : "bad";
  setBadge(byId("attached"), kind, `${attached} of ${all}`);
}

/** `kickCaller`: asks again who we are. */
function makePolls(kickCaller) {
  return new Polls({
    lost(error, since) {
      const text = error.status === 401
        ? "Looking from here needs a token: run bellhopctl page and open the link it prints."
        : `No connection to Bellhop since ${time(since / 1000, "second")} ` +
          `(${error.message}). Trying again.`;
      setText(byId("banner-text"), text);
      byId("banner").hidden = false;
      document.body.classList.add("stale");
    },
    back() {
      byId("banner").hidden = true;
      document.body.classList.remove("stale");
      notice("Connected again.");
    },
    tokenRefused() {
      notice("The link is no longer good: run bellhopctl page for a new one.");
      showAccess({});
      kickCaller();
    },
  });
}

function start() {
  adoptToken();
  setUpDialog();
  const polls = makePolls(() => callerPoll.kick());
  const live = new Live(clock, say);
  const history = new History(clock, say);
  const sessions = new Sessions(clock, () => access === "ACCESS_FULL", notice);
  const add = (section, period, work) => polls.add(byId(section), period, work);

  add("live", 1_000, (signal) => live.poll(signal));
  add("upstreams", NODE_MILLISECONDS, pollNode);
  const callerPoll = add("upstreams", POLICY_MILLISECONDS, pollCaller);
  add("upstreams", UPSTREAMS_MILLISECONDS, upstreams(clock, showAttached));
  const historyPoll = add("history", NODE_MILLISECONDS, (signal) => history.poll(signal));
  const sessionPoll = add("sessions", NODE_MILLISECONDS, (signal) => sessions.poll(signal));
  const talkerPoll = add("talkers", TALKERS_MILLISECONDS, talkers());
  add("files", POLICY_MILLISECONDS, files());
  add("turn", NODE_MILLISECONDS, turn());
  add("quotas", POLICY_MILLISECONDS, quotas());
  add("limits", POLICY_MILLISECONDS, rateLimits());

  history.onChange(() => historyPoll.kick());
  sessions.onChange(() => sessionPoll.kick());
  byId("talkers-window").addEventListener("change", () => talkerPoll.kick());
  byId("talkers-group").addEventListener("change", () => talkerPoll.kick());
  byId("banner-retry").addEventListener("click", () => polls.kickAll());
  // A new link opened in this tab changes the fragment only.
  window.addEventListener("hashchange", () => adoptToken() && polls.kickAll());
  setInterval(() => polls.lostSince ?? showUptime(), 1_000);
  polls.kickAll();
}

start();
