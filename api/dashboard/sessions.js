// The running sessions: sorted and filtered by the API, ended on request.
import { ApiError, call } from "./api.js";
import { ask, explain } from "./dialog.js";
import { KeyedList, byId, element, emptyRow, setText, setWho, who } from "./dom.js";
import { bytes, count, duration, number, rate, seconds } from "./format.js";

const PAGE_SIZE = 50;
const PAGE_SIZE_MAX = 1_000;
const PERIOD_MILLISECONDS = 2_000;
const TYPING_MILLISECONDS = 400;

/** Words are looked for in both parties; whatever compares goes to the API as it is. */
export function filterOf(text) {
  const trimmed = text.trim();
  if (/[=<>:()"]|^-|(^|\s)(NOT|AND|OR)(\s|$)/.test(trimmed)) return trimmed;
  return trimmed.split(/\s+/).filter(Boolean)
    .map((word) => `"${word.replace(/\\/g, "\\\\")}"`)
    .map((word) => `(requester:${word} OR target:${word})`)
    .join(" AND ");
}

function moved(session) {
  return number(session.firstToSecondBytes) + number(session.secondToFirstBytes);
}

function cell(label, name) {
  return element("td", { "data-label": label, class: name });
}

export class Sessions {
  /** `mayEnd()`: the caller's role allows it; `tell(text)`: shows what was done. */
  constructor(clock, mayEnd, tell) {
    this.clock = clock;
    this.mayEnd = mayEnd;
    this.tell = tell;
    this.pageSize = PAGE_SIZE;
    this.filter = "";
    this.ended = new Set();
    this.list = new KeyedList(
      byId("session-table").tBodies[0], (session) => session.name, (session) => this.row(session));
    this.showOrder();
    this.isUnderMouse = false;
    const body = byId("session-table").tBodies[0];
    // A finger has gone when it is lifted; only a mouse stays.
    body.addEventListener("pointerenter", ({ pointerType }) => {
      this.isUnderMouse = pointerType === "mouse";
    });
    body.addEventListener("pointerleave", () => {
      this.isUnderMouse = false;
    });
  }

  /** Calls `changed` when the operator wants to see something else. */
  onChange(changed) {
    const order = byId("session-order");
    order.addEventListener("change", () => {
      this.showOrder();
      changed();
    });
    for (const head of document.querySelectorAll("#session-table th[data-order]")) {
      head.firstElementChild.addEventListener("click", () => {
        // A second click on the age turns it round; the others only go from the top.
        const isAge = head.dataset.order === "create_time desc";
        order.value = isAge && order.value === head.dataset.order ? "" : head.dataset.order;
        order.dispatchEvent(new Event("change"));
      });
    }
    byId("session-more").addEventListener("click", () => {
      this.pageSize = Math.min(PAGE_SIZE_MAX, this.pageSize * 2);
      changed();
    });
    this.watchFilter(changed);
  }

  watchFilter(changed) {
    const field = byId("session-filter");
    let timer = null;
    const apply = () => {
      clearTimeout(timer);
      const filter = filterOf(field.value);
      if (filter === this.filter) return;
      this.filter = filter;
      changed();
    };
    field.addEventListener("input", () => {
      clearTimeout(timer);
      timer = setTimeout(apply, TYPING_MILLISECONDS);
    });
    field.addEventListener("change", apply);
    field.addEventListener("keydown", (event) => event.key === "Enter" && apply());
  }

  showOrder() {
    const order = byId("session-order").value;
    for (const head of document.querySelectorAll("#session-table th[data-order]")) {
      const isAge = head.dataset.order === "create_time desc";
      if (head.dataset.order === order) {
        // Newest first is the smallest age first.
        head.setAttribute("aria-sort", isAge ? "ascending" : "descending");
      } else if (isAge && order === "") {
        head.setAttribute("aria-sort", "descending");
      } else {
        head.removeAttribute("aria-sort");
      }
    }
  }

  async poll(signal) {
    const request = { pageSize: this.pageSize, filter: this.filter,
      orderBy: byId("session-order").value };
    let answer;
    try {
      answer = await call("SessionService/ListSessions", request, signal);
    } catch (error) {
      if (error instanceof ApiError && error.status === 400) this.markFilter(true);
      throw error;
    }
    this.markFilter(false);
    this.show(answer);
    return PERIOD_MILLISECONDS;
  }

  markFilter(isWrong) {
    byId("session-filter").setAttribute("aria-invalid", String(isWrong && this.filter !== ""));
  }

  show(answer) {
    const sessions = (answer.sessions ?? []).filter(({ name }) => !this.ended.has(name));
    const total = number(answer.totalSize);
    const text = this.filter ? "No running session matches." : "No session is running.";
    this.list.show(sessions, { keepOrder: this.isPointedAt(), empty: emptyRow(7, text) });
    setText(byId("session-shown"), sessions.length === 0 ? ""
      : `${count(sessions.length)} shown, ${count(total)} running.`);
    const isFull = sessions.length >= this.pageSize;
    byId("session-more").hidden = !isFull || this.pageSize >= PAGE_SIZE_MAX;
  }

  /** Rows must not change places under the pointer or the focus. */
  isPointedAt() {
    const body = byId("session-table").tBodies[0];
    return this.isUnderMouse || body.querySelector(":focus-visible") !== null;
  }

  row(session) {
    const kind = cell("Kind", "kind");
    const requester = who(session.requester ?? "");
    const target = who(session.target ?? "");
    const speed = cell("Rate, 10 s", "number");
    const limit = element("small");
    const amount = cell("Bytes", "number");
    const age = cell("Age", "number");
    const button = element("button", { type: "button", class: "danger" }, "End");
    const parties = [["Requester", requester], ["Target", target]].map(([label, node]) =>
      element("td", { "data-label": label, class: "party" }, node));
    const action = element("td", { class: "action" }, button);
    const speedText = document.createTextNode("");
    speed.append(speedText, limit);
    let current = session;
    button.addEventListener("click", () => this.askToEnd(current));
    const update = (now) => {
      current = now;
      setText(kind, now.kind ?? "");
      setWho(requester, now.requester ?? "");
      setWho(target, now.target || "–");
      speedText.data = rate(number(now.rates?.tenSecondsBytesPerSecond));
      const limited = number(now.limitBytesPerSecond);
      setText(limit, limited > 0 ? `limit ${rate(limited)}` : "");
      limit.hidden = limited === 0;
      setText(amount, bytes(moved(now)));
      amount.title = `to the second party ${bytes(number(now.firstToSecondBytes))}, ` +
        `to the first ${bytes(number(now.secondToFirstBytes))}`;
      setText(age, duration(this.clock.now() - seconds(now.createTime)));
      button.setAttribute("aria-label", `End the session of ${requester.textContent}`);
    };
    const node = element("tr", {}, kind, ...parties, speed, amount, age, action);
    return { node, update };
  }

  askToEnd(session) {
    if (!this.mayEnd()) {
      explain("Ending needs the full role", [
        ["You may look, but not change anything."],
        ["Run ", element("code", {}, "bellhopctl page"), " on the machine of Bellhop, as a " +
          "user with the full role, and open the link that it prints."],
      ]);
      return;
    }
    ask("End this session?", [
      ["Requester", session.requester ?? ""],
      ["Target", session.target ?? ""],
      ["Moved", bytes(moved(session))],
      ["Name", session.name],
    ], "End session", () => this.end(session));
  }

  async end(session) {
    let text = `The session of ${session.requester} has been ended.`;
    try {
      await call("SessionService/EndSession", { name: session.name });
    } catch (error) {
      if (!(error instanceof ApiError && error.status === 404)) throw error;
      text = "That session had ended by itself.";
    }
    // An answer that is under way may still have it.
    this.ended.add(session.name);
    this.list.remove(session.name);
    this.tell(text);
    return byId("sessions");
  }
}
