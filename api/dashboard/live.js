// The last fifteen minutes, second by second: from the history at first, then as they pass.
import { ConnectionError, call } from "./api.js";
import { Chart } from "./chart.js";
import { byId, setText } from "./dom.js";
import { bytes, count, number, rate, seconds, time, timestamp } from "./format.js";

const WINDOW_SECONDS = 900;
// Seconds of this age may just have left the finest tier.
const FILL_SECONDS = WINDOW_SECONDS - 10;
// So long after the start of the process its history has every second.
const START_SECONDS = 2;
// A second is asked for when it is over on the server, and this much later.
const AFTER_SECOND_MILLISECONDS = 120;
const POLL_MILLISECONDS_MIN = 250;

/** Bytes of each known second of the window. */
class Seconds {
  constructor() {
    this.known = new Map();
  }

  put(second, amount) {
    this.known.set(second, amount);
  }

  /** Between the two everything is known now: what has no point was silent. */
  fill(start, end, step, points) {
    for (let second = start; second < end; second += 1) this.known.set(second, 0);
    for (const point of points) {
      const begin = Math.round(seconds(point.time));
      for (let second = begin; second < begin + step; second += 1) {
        if (second >= start && second < end) this.known.set(second, number(point.bytes) / step);
      }
    }
  }

  /** The first second of the window's end that is not known. */
  firstMissing(end) {
    let second = end - 1;
    while (second > end - FILL_SECONDS && !this.known.has(second)) second -= 1;
    return second + 1;
  }

  /** Forgets what is older than the window, and gives the rest in order. */
  window(end) {
    for (const second of this.known.keys()) {
      if (second < end - WINDOW_SECONDS) this.known.delete(second);
    }
    const times = Array.from({ length: WINDOW_SECONDS }, (_, i) => end - WINDOW_SECONDS + i);
    return { times, values: times.map((second) => this.known.get(second) ?? null) };
  }
}

export class Live {
  /** `clock`: learns the server's time; `say`: speaks to screen readers. */
  constructor(clock, say) {
    this.clock = clock;
    this.seconds = new Seconds();
    this.shown = null;
    this.host = byId("live-chart");
    this.chart = new Chart(this.host, {
      onCursor: (index) => this.read(index),
      onKey: () => say(byId("live-readout").textContent),
    });
  }

  /** One look; returns after how many milliseconds the next second is over. */
  async poll(signal) {
    const answer = await call("BandwidthService/GetBandwidth", {}, signal);
    const now = Math.floor(seconds(answer.time));
    if (Number.isNaN(now)) throw new ConnectionError("an answer without its time");
    this.clock.set(seconds(answer.time));
    const total = answer.total ?? {};
    await this.fill(now - 1, signal);
    this.seconds.put(now - 1, number(total.rates?.lastSecondBytesPerSecond));
    this.show(total);
    this.draw(now);
    const millisecond = Date.parse(answer.time) % 1000;
    return Math.max(POLL_MILLISECONDS_MIN, 1000 - millisecond + AFTER_SECOND_MILLISECONDS);
  }

  /** Gets what passed while nobody looked. */
  async fill(end, signal) {
    const start = this.seconds.firstMissing(end);
    if (start >= end || await this.fillFrom(start, end, signal) === 1) return;
    // Of the time before its start Bellhop has minutes only, and the coarsest step of a span is
    // the step of all of it: ask again for what has passed since.
    const { node } = await call("NodeService/GetNode", {}, signal);
    const began = Math.ceil(seconds(node?.startTime)) + START_SECONDS;
    if (began > start && began < end) await this.fillFrom(began, end, signal);
  }

  /** Returns the step in which it was known. */
  async fillFrom(start, end, signal) {
    const request = { startTime: timestamp(start), endTime: timestamp(end), step: "1s" };
    const answer = await call("BandwidthService/QueryHistory", request, signal);
    const points = answer.series?.[0]?.points ?? [];
    const step = Math.max(1, parseFloat(answer.step ?? "1s"));
    this.seconds.fill(start, end, step, points);
    return step;
  }

  show(total) {
    const rates = total.rates ?? {};
    setText(byId("rate"), rate(number(rates.tenSecondsBytesPerSecond)));
    setText(byId("session-count"), count(number(total.sessionCount)));
    setText(byId("rate-second"), rate(number(rates.lastSecondBytesPerSecond)));
    setText(byId("rate-ten"), rate(number(rates.tenSecondsBytesPerSecond)));
    setText(byId("rate-minute"), rate(number(rates.minuteBytesPerSecond)));
    setText(byId("moved"), bytes(number(total.totalBytes)));
    document.title = `${rate(number(rates.tenSecondsBytesPerSecond))} · Bellhop`;
  }

  draw(now) {
    const { times, values } = this.seconds.window(now);
    const peak = Math.max(0, ...values);
    const at = times[values.indexOf(peak)];
    const sum = values.reduce((total, value) => total + (value ?? 0), 0);
    setText(byId("live-peak"), rate(peak));
    byId("live-peak").title = peak > 0 ? `at ${time(at, "second")}` : "";
    setText(byId("live-moved"), bytes(sum));
    this.host.setAttribute("aria-label", "Bytes per second over the last 15 minutes, now " +
      `${rate(values.at(-1) ?? 0)}, peak ${rate(peak)}`);
    this.shown = { times, values };
    this.chart.show({
      times,
      lines: [{ values, colour: "--series-1" }],
      peaks: null,
      from: now - WINDOW_SECONDS,
      to: now - 1,
    });
  }

  read(index) {
    let text = "";
    if (index !== null && this.shown) {
      const value = this.shown.values[index];
      text = `${time(this.shown.times[index], "second")}: ` +
        (value === null ? "not known" : rate(value));
    }
    setText(byId("live-readout"), text);
  }
}
