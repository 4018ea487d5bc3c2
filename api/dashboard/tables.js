// The smaller parts: top talkers, upstreams and process, quotas, rate limits.
import { call } from "./api.js";
import { KeyedList, bar, byId, element, emptyRow, setBadge, setText, setWho, who } from "./dom.js";
import { bytes, count, duration, number, percent, rate, seconds, time } from "./format.js";

const LISTED_MAX = 100;

const UPSTREAM_STATES = {
  UPSTREAM_STATE_ATTACHED: ["good", "attached"],
  UPSTREAM_STATE_CONNECTING: ["warn", "connecting"],
  UPSTREAM_STATE_REFUSED: ["bad", "refused"],
};

/** Whom a quota or a limit is for, in words. */
function subject(text) {
  const everyone = { "jid:*": "each user", "domain:*": "each domain",
    "session:*": "each session", total: "all together" };
  return everyone[text] ?? text.replace(/^(jid|domain|session):/, "");
}

function origin(from) {
  if (!from?.source) return "";
  return from.source === "runtime" ? "set here" : from.source;
}

function more(response, what) {
  return response.nextPageToken
    ? `The first ${LISTED_MAX} are shown; bellhopctl policy ${what} list shows all.` : "";
}

function talkerRow() {
  const name = who("");
  const share = bar("share of all bytes");
  const amount = element("td", { class: "number" });
  const amountText = document.createTextNode("");
  const error = element("small");
  amount.append(amountText, error);
  const part = element("td", { class: "number" });
  const node = element("tr", {}, element("td", {}, name, share.node), amount, part);
  return {
    node,
    update({ key, bytes: moved, errorBytes, total, heaviest }) {
      setWho(name, key ?? "");
      amountText.data = bytes(number(moved));
      setText(error, number(errorBytes) > 0 ? `up to ${bytes(number(errorBytes))} less` : "");
      const text = percent(number(moved), total);
      setText(part, text);
      share.set(heaviest > 0 ? number(moved) / heaviest : 0, text);
    },
  };
}

/** Returns the work of a poll. */
export function talkers() {
  const list = new KeyedList(byId("talkers-table").tBodies[0], ({ key }) => key ?? "", talkerRow);
  const empty = emptyRow(3, "Nothing was moved in this time.");
  return async (signal) => {
    const request = { window: byId("talkers-window").value,
      groupBy: byId("talkers-group").value, pageSize: 10 };
    const answer = await call("BandwidthService/ListTopTalkers", request, signal);
    const found = answer.talkers ?? [];
    const total = number(answer.totalBytes);
    const heaviest = number(found[0]?.bytes);
    list.show(found.map((talker) => ({ ...talker, total, heaviest })), { empty });
    const error = number(answer.errorBytesMax);
    setText(byId("talkers-error"), `${bytes(total)} by everybody. ` + (error > 0
      ? `Figures are too high by ${bytes(error)} at most, never too low.`
      : "Figures are exact."));
  };
}

function upstreamItem(clock) {
  const jid = element("bdi", { class: "strong" });
  const state = element("span", { class: "badge" });
  const detail = element("div", { class: "quiet" });
  const error = element("div", { class: "problem" });
  const node = element("li", {}, element("div", { class: "row" }, jid, state), detail, error);
  return {
    node,
    update(upstream) {
      setText(jid, upstream.jid ?? "");
      const [kind, word] = UPSTREAM_STATES[upstream.state] ?? ["", "unknown"];
      setBadge(state, kind, word);
      const since = duration(clock.now() - seconds(upstream.stateTime));
      setText(detail, `${upstream.server ?? ""}, ${word} for ${since}, ` +
        (upstream.isEncrypted ? "encrypted" : "not encrypted"));
      const isAttached = upstream.state === "UPSTREAM_STATE_ATTACHED";
      error.className = isAttached ? "quiet" : "problem";
      error.hidden = !upstream.lastError;
      setText(error, `Last error: ${upstream.lastError ?? ""}`);
    },
  };
}

/** Returns the work of a poll; `shown(upstreams)` is called with each answer. */
export function upstreams(clock, shown) {
  const list = new KeyedList(byId("upstream-list"), ({ name }) => name, () => upstreamItem(clock));
  const empty = element("li", { class: "empty" }, "No component is configured.");
  return async (signal) => {
    const answer = await call("UpstreamService/ListUpstreams", {}, signal);
    const found = answer.upstreams ?? [];
    list.show(found, { empty });
    const attached = found.filter(({ state }) => state === "UPSTREAM_STATE_ATTACHED").length;
    shown(attached, found.length);
  };
}

/** Shows the figures of the process below the upstreams. */
export function showProcess(node) {
  const lines = [
    ["Listens on", (node.listenAddresses ?? []).join(", ") || "–"],
    ["Clients are told", (node.streamhosts ?? []).join(", ") || "–"],
    ["Waiting", `${count(number(node.pendingConnectionCount))} connections not yet activated`],
    ["Descriptors", `${count(number(node.descriptorCount))} of ` +
      count(number(node.descriptorLimit))],
    ["Memory", bytes(number(node.residentBytes))],
    ["Threads", count(number(node.shardCount))],
    ["Started", time(seconds(node.startTime), "moment")],
  ];
  const list = byId("process");
  if (list.children.length !== 2 * lines.length) {
    list.replaceChildren(...lines.flatMap(([name]) =>
      [element("dt", {}, name), element("dd")]));
  }
  lines.forEach(([, text], i) => setText(list.children[2 * i + 1], text));
}

function gauge(name) {
  const text = element("span");
  const meter = bar(name);
  const node = element("div", { class: "gauge" },
    element("div", { class: "row" }, element("span", {}, name), text), meter.node);
  return {
    node,
    /** `used` is null for a quota that is one for each: nobody's usage in particular. */
    set(used, limit, format) {
      node.hidden = limit === 0;
      meter.node.hidden = used === null;
      if (limit === 0) return;
      const sentence = used === null ? format(limit)
        : `${format(used)} of ${format(limit)} (${percent(used, limit)})`;
      setText(text, sentence);
      meter.set((used ?? 0) / limit, sentence);
      meter.warn();
    },
  };
}

/** What the API says where there is explicitly no limit: the greatest number of the field's type. */
const NO_BYTE_LIMIT = number("18446744073709551615");
const NO_SESSION_LIMIT = 4294967295;

/** A limit as gauges take it: 0 for none. */
function limitOf(value, none) {
  return number(value) === none ? 0 : number(value);
}

function quotaItem() {
  const name = who("");
  const from = element("span", { class: "quiet" });
  const day = gauge("Today");
  const month = gauge("This month");
  const sessions = gauge("Sessions");
  const stored = gauge("Stored");
  const files = gauge("Files");
  const file = gauge("A file");
  const node = element("li", {},
    element("div", { class: "row" }, element("span", { class: "strong" }, name), from),
    day.node, month.node, sessions.node, stored.node, files.node, file.node);
  return {
    node,
    update(quota) {
      setWho(name, subject(quota.subject ?? ""));
      setText(from, origin(quota.origin));
      const used = (field) => (quota.usage ? number(quota.usage[field]) : null);
      day.set(used("dailyBytes"), limitOf(quota.dailyBytes, NO_BYTE_LIMIT), bytes);
      month.set(used("monthlyBytes"), limitOf(quota.monthlyBytes, NO_BYTE_LIMIT), bytes);
      sessions.set(used("sessionCount"), limitOf(quota.sessionCount, NO_SESSION_LIMIT), count);
      stored.set(used("storedBytes"), limitOf(quota.storedBytes, NO_BYTE_LIMIT), bytes);
      files.set(used("storedFileCount"), limitOf(quota.storedFileCount, NO_BYTE_LIMIT), count);
      file.set(null, limitOf(quota.fileBytes, NO_BYTE_LIMIT), bytes);
    },
  };
}

/** Returns the work of a poll. */
export function quotas() {
  const list = new KeyedList(byId("quota-list"), ({ name }) => name, quotaItem);
  const empty = element("li", { class: "empty" }, "No quota is set.");
  return async (signal) => {
    const answer = await call("PolicyService/ListQuotas", { pageSize: LISTED_MAX }, signal);
    list.show(answer.quotas ?? [], { empty });
    setText(byId("quota-hint"), more(answer, "quota"));
  };
}

function limitRow() {
  const name = who("");
  const speed = element("td", { class: "number" });
  const from = element("td", { class: "number" });
  return {
    node: element("tr", {}, element("td", {}, name), speed, from),
    update(limit) {
      setWho(name, subject(limit.subject ?? ""));
      setText(speed, rate(number(limit.bytesPerSecond)));
      setText(from, origin(limit.origin));
    },
  };
}

/** Returns the work of a poll. */
export function rateLimits() {
  const list = new KeyedList(byId("limit-table").tBodies[0], ({ name }) => name, limitRow);
  const empty = emptyRow(3, "No rate limit is set.");
  return async (signal) => {
    const answer = await call("PolicyService/ListRateLimits", { pageSize: LISTED_MAX }, signal);
    list.show(answer.rateLimits ?? [], { empty });
    setText(byId("limit-hint"), more(answer, "rate"));
  };
}
