// A stack of areas over time, drawn by uPlot; what is stacked is summed up here.
import { axisRate, time } from "./format.js";

const uPlot = globalThis.uPlot;
const DAY = 86_400;
const AXIS_FONT = "12px system-ui, sans-serif";
const SERIES_COLOURS = 8;

// Steps of the axis: powers of two, so that each is a round number of KiB, MiB, …
const RATE_STEPS = Array.from({ length: 50 }, (_, power) => 2 ** power);

function colour(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

/** The CSS variable with the colour of a line: the heaviest have their own. */
export function lineColour(index, isRest = false) {
  return isRest || index >= SERIES_COLOURS ? "--series-rest" : `--series-${index + 1}`;
}

function axisTime(at, step) {
  if (step < 60) return time(at, "second");
  if (step < DAY) {
    const midnight = new Date(at * 1000);
    const isDay = midnight.getHours() === 0 && midnight.getMinutes() === 0;
    return time(at, isDay ? "day" : "minute");
  }
  return time(at, step < 28 * DAY ? "day" : "month");
}

/** Sums from the bottom up; a step that is not known stays so. */
function stacked(lines) {
  const sums = [];
  for (const { values } of lines) {
    const below = sums.at(-1);
    sums.push(values.map((value, i) => {
      const under = below ? below[i] : 0;
      return value === null || under === null ? null : value + under;
    }));
  }
  return sums;
}

export class Chart {
  /**
   * `onCursor(index)`: the pointer or an arrow key points at a step; null: at none.
   * `isStepped`: a value holds for the whole step after its time.
   */
  constructor(host, { onCursor, onKey, isStepped = false }) {
    this.host = host;
    this.onCursor = onCursor;
    this.onKey = onKey;
    this.isStepped = isStepped;
    this.plot = null;
    this.shape = "";
    this.drawn = null;
    host.tabIndex = 0;
    host.setAttribute("role", "group");
    host.setAttribute("aria-roledescription", "chart, arrow keys read values");
    host.addEventListener("keydown", (event) => this.move(event));
    host.addEventListener("blur", () => this.point(null));
    new ResizeObserver(() => this.resize()).observe(host);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
      this.shape = "";
      if (this.drawn) this.show(this.drawn);
    });
  }

  /** `drawn`: { times, lines: [{ values, colour }], peaks: values or null, from, to }. */
  show(drawn) {
    this.drawn = drawn;
    const data = [drawn.times, ...stacked(drawn.lines)];
    if (drawn.peaks) data.push(drawn.peaks);
    const shape = `${drawn.lines.map((line) => line.colour)}|${Boolean(drawn.peaks)}`;
    if (shape === this.shape) {
      this.plot.setData(data);
    } else {
      this.plot?.destroy();
      this.shape = shape;
      this.plot = new uPlot(this.options(drawn), data, this.host);
    }
    this.tell();
  }

  options({ lines, peaks }) {
    const series = lines.map((line) => this.area(line));
    // Each area ends where the one below it begins.
    const bands = lines.slice(1).map((_, i) => ({ series: [i + 2, i + 1] }));
    if (peaks) series.push(this.peakLine());
    return {
      width: this.host.clientWidth,
      height: this.host.clientHeight,
      legend: { show: false },
      cursor: { y: false, drag: { x: false, y: false }, points: { show: false } },
      scales: {
        x: { time: true, range: () => [this.drawn.from, this.drawn.to] },
        y: { range: (_plot, _low, high) => [0, high > 0 ? high * 1.08 : 1024] },
      },
      axes: [this.timeAxis(), this.rateAxis()],
      series: [{}, ...series],
      bands,
      hooks: { setCursor: [() => this.tell()] },
    };
  }

  paths() {
    return this.isStepped ? uPlot.paths.stepped({ align: 1 }) : uPlot.paths.linear();
  }

  area(line) {
    const stroke = colour(line.colour);
    return {
      stroke, width: 1.5, fill: `${stroke}59`, paths: this.paths(), points: { show: false },
    };
  }

  peakLine() {
    return {
      stroke: colour("--muted"),
      width: 1,
      dash: [4, 4],
      paths: this.paths(),
      points: { show: false },
    };
  }

  axis() {
    const line = { stroke: colour("--grid"), width: 1 };
    return { stroke: colour("--muted"), font: AXIS_FONT, grid: line, ticks: { ...line, size: 4 } };
  }

  timeAxis() {
    return {
      ...this.axis(),
      space: 76,
      size: 28,
      values: (_plot, splits, _axis, _space, step) => splits.map((at) => axisTime(at, step)),
    };
  }

  rateAxis() {
    return {
      ...this.axis(),
      size: 78,
      incrs: RATE_STEPS,
      values: (_plot, splits) => splits.map(axisRate),
    };
  }

  resize() {
    const size = { width: this.host.clientWidth, height: this.host.clientHeight };
    if (this.plot && size.width > 0) this.plot.setSize(size);
  }

  tell() {
    this.onCursor(this.plot?.cursor.idx ?? null);
  }

  move(event) {
    const last = (this.drawn?.times.length ?? 0) - 1;
    if (last < 0) return;
    const at = this.plot.cursor.idx ?? last + 1;
    const target = {
      ArrowLeft: at - 1, ArrowRight: at + 1, PageUp: at - 10, PageDown: at + 10,
      Home: 0, End: last,
    }[event.key];
    if (event.key === "Escape") this.point(null);
    if (target === undefined) return;
    event.preventDefault();
    this.point(Math.min(last, Math.max(0, target)));
    this.onKey();
  }

  /** Puts the cursor on a step, or away. */
  point(index) {
    if (!this.plot) return;
    const left = index === null ? -10 : this.plot.valToPos(this.drawn.times[index], "x");
    this.plot.setCursor({ left, top: index === null ? -10 : 0 });
  }
}
