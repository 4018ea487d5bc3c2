// The past, coarser the further back, summed or by kind, domain or JID.
import { call } from "./api.js";
import { Chart, lineColour } from "./chart.js";
import { KeyedList, byId, element, emptyRow, setText, setWho, who } from "./dom.js";
import { bytes, number, rate, seconds, time, timestamp } from "./format.js";

// Steps that the server keeps (1 s, 10 s, 1 min, 1 h) or multiples, 180 to 365 of them each.
const RANGES = {
  "15m": { length: 900, step: 5, period: 5_000, form: "second" },
  "4h": { length: 14_400, step: 60, period: 30_000, form: "minute" },
  "14d": { length: 14 * 86_400, step: 3_600, period: 60_000, form: "moment" },
  "2y": { length: 730 * 86_400, step: 2 * 86_400, period: 300_000, form: "date" },
};
const KEY_TITLES = {
  "": "Series", GROUP_BY_KIND: "Kind", GROUP_BY_DOMAIN: "Domain", GROUP_BY_JID: "JID",
};
// Lines with a name of their own; the rest is one line.
const LINES_MAX = 8;
// The step that still runs is shown once this part of it has passed.
const OPEN_PART_MIN = 0.1;
const OPEN_SECONDS_MIN = 2;
const CLOCK_MILLISECONDS = 200;

/** The steps of a range, and how long each lasts up to now. */
class Grid {
  constructor(points, step, start, now) {
    const phase = points.length > 0 ? seconds(points[0].time) % step : 0;
    this.step = step;
    this.begin = Math.floor((start - phase) / step) * step + phase;
    if (this.begin < start) this.begin += step;
    this.times = [];
    const passed = Math.max(OPEN_SECONDS_MIN, step * OPEN_PART_MIN);
    for (let at = this.begin; at + passed <= now; at += step) this.times.push(at);
    this.lengths = this.times.map((at) => Math.min(step, now - at));
  }

  /** One number for each step; 0 where there is no point. */
  values(points, valueOf) {
    const result = new Array(this.times.length).fill(0);
    for (const point of points) {
      const index = Math.round((seconds(point.time) - this.begin) / this.step);
      if (index >= 0 && index < result.length) result[index] += valueOf(point);
    }
    return result;
  }

  bytes(points) {
    return this.values(points, (point) => number(point.bytes));
  }

  rates(amounts) {
    return amounts.map((amount, i) => amount / this.lengths[i]);
  }
}

function sum(values) {
  return values.reduce((total, value) => total + value, 0);
}

function summary(label, amounts, grid, extra) {
  return { label, rates: grid.rates(amounts), total: sum(amounts), ...extra };
}

/** The named lines, heaviest first, and what is left of the total. */
function groupLines(series, totals, grid) {
  const named = series.slice(0, LINES_MAX).map((one, i) => {
    const points = one.points ?? [];
    const amounts = grid.bytes(points);
    const peaks = points.map((point) => number(point.peakBytesPerSecond));
    const error = sum(points.map((point) => number(point.errorBytes)));
    return { amounts, ...summary(one.key || "(none)", amounts, grid,
      { key: `=${one.key ?? ""}`, peak: Math.max(0, ...peaks), error, colour: lineColour(i) }) };
  });
  // JIDs are counted too high, never too low: nothing may be left.
  const rest = totals.map((total, i) =>
    Math.max(0, total - sum(named.map(({ amounts }) => amounts[i]))));
  if (sum(rest) > 0) {
    named.push(summary("others", rest, grid,
      { key: "rest", peak: 0, error: 0, colour: lineColour(0, true) }));
  }
  return named;
}

function makeRow() {
  const swatch = element("span", { class: "swatch" });
  const name = who("");
  const cells = [0, 1, 2].map(() => element("td", { class: "number" }));
  const node = element("tr", {},
    element("td", {}, element("div", { class: "named" }, swatch, name)), ...cells);
  return {
    node,
    update(line) {
      swatch.style.background = `var(${line.colour})`;
      setWho(name, line.label);
      setText(cells[0], rate(line.at));
      setText(cells[1], (line.error > 0 ? "≤ " : "") + bytes(line.total));
      cells[1].title = line.error > 0 ? `too high by ${bytes(line.error)} at most` : "";
      setText(cells[2], line.peak > 0 ? rate(line.peak) : "–");
    },
  };
}

export class History {
  constructor(clock, say) {
    this.clock = clock;
    this.shown = null;
    this.cursor = null;
    this.host = byId("history-chart");
    this.rows = new KeyedList(byId("history-legend").tBodies[0], (line) => line.key, makeRow);
    this.empty = emptyRow(4, "Nothing was moved.");
    this.chart = new Chart(this.host, {
      onCursor: (index) => this.read(index),
      onKey: () => say(byId("history-readout").textContent),
      isStepped: true,
    });
  }

  /** Calls `changed` when the operator wants to see something else. */
  onChange(changed) {
    byId("history-range").addEventListener("change", changed);
    byId("history-group").addEventListener("change", changed);
    byId("history-peaks").addEventListener("change", () => this.draw());
  }

  range() {
    return RANGES[byId("history-range").querySelector("input:checked").value];
  }

  async poll(signal) {
    if (!this.clock.isSet) return CLOCK_MILLISECONDS; // the live chart asks for the time
    const range = this.range();
    const groupBy = byId("history-group").value;
    const end = this.clock.now();
    const start = end - range.length;
    const request = {
      startTime: timestamp(start), endTime: timestamp(end), step: `${range.step}s`,
    };
    const ask = (more) =>
      call("BandwidthService/QueryHistory", { ...request, ...more }, signal);
    const [total, groups] = await Promise.all([ask({}), groupBy ? ask({ groupBy }) : null]);
    this.take(range, groupBy, start, end, total, groups);
    return range.period;
  }

  take(range, groupBy, start, end, total, groups) {
    const step = Math.max(1, parseFloat(total.step ?? `${range.step}s`));
    const points = total.series?.[0]?.points ?? [];
    const grid = new Grid(points, step, start, end);
    const totals = grid.bytes(points);
    const peaks = grid.values(points, (point) => number(point.peakBytesPerSecond));
    const sessions = grid.values(points, (point) => number(point.sessionCount));
    const all = summary("total", totals, grid,
      { key: "total", peak: Math.max(0, ...peaks), error: 0, colour: lineColour(0) });
    const lines = groups ? groupLines(groups.series ?? [], totals, grid) : [all];
    this.shown = { range, grid, lines, all, peaks, sessions, groupBy, start, end };
    this.draw();
  }

  draw() {
    if (!this.shown) return;
    const { grid, lines, all, peaks, groupBy, start, end } = this.shown;
    setText(byId("history-key"), KEY_TITLES[groupBy]);
    this.host.setAttribute("aria-label", `Bytes per second since ${time(start, "moment")}: ` +
      `${bytes(all.total)} in all, fastest second ${rate(all.peak)}`);
    this.chart.show({
      times: grid.times,
      lines: lines.map((line) => ({ values: line.rates, colour: line.colour })),
      peaks: byId("history-peaks").checked ? peaks : null,
      from: start,
      to: end,
    });
  }

  /** Fills the legend: with averages, or with the values under the cursor. */
  read(index) {
    if (!this.shown) return;
    const { grid, lines, all, peaks, sessions, range, groupBy } = this.shown;
    const elapsed = Math.max(1, sum(grid.lengths));
    const isAt = index !== null && index < grid.times.length;
    const shown = groupBy ? [...lines, { ...all, colour: "--card" }] : lines;
    const rows = shown.map((line) =>
      ({ ...line, at: isAt ? line.rates[index] : line.total / elapsed }));
    this.rows.show(all.total > 0 ? rows : [], { empty: this.empty });
    setText(byId("history-at"), isAt ? time(grid.times[index], range.form) : "Average");
    setText(byId("history-readout"), isAt
      ? `${time(grid.times[index], range.form)}: ${rate(all.rates[index])}, fastest second ` +
        `${rate(peaks[index])}, at most ${sessions[index]} sessions`
      : byId("history-peaks").checked ? "Dashed: the fastest second of each step." : "");
  }
}
