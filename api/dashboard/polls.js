// Asks again and again, while the page is looked at; tells when the connection is lost and back.
import { AbandonedError, ApiError, ConnectionError, forgetToken } from "./api.js";
import { setProblem } from "./dom.js";

const RETRY_MILLISECONDS = 1_000;
const RETRY_MILLISECONDS_MAX = 15_000;
const REFUSED_MILLISECONDS = 5_000;

/** One thing that is asked for regularly. */
class Poll {
  constructor(polls, section, period, work) {
    this.polls = polls;
    this.section = section;
    this.period = period;
    this.work = work;
    this.timer = null;
    this.running = null;
    this.failures = 0;
    this.problem = "";
  }

  /** Asks now; an answer that is still under way is not wanted any more. */
  kick() {
    this.pause();
    if (!document.hidden) this.run();
  }

  pause() {
    clearTimeout(this.timer);
    this.running?.abort();
    this.running = null;
  }

  async run() {
    const running = new AbortController();
    this.running = running;
    let delay = null;
    try {
      delay = await this.work(running.signal);
      if (running.signal.aborted) return;
      this.succeeded();
    } catch (error) {
      // Whoever gave this run up has started another one.
      if (error instanceof AbandonedError || running.signal.aborted) return;
      delay = this.failed(error);
    }
    this.running = null;
    this.timer = setTimeout(() => this.run(), delay ?? this.period);
  }

  succeeded() {
    this.failures = 0;
    this.show("");
    this.polls.isBack(this);
  }

  /** A section with several polls shows the problem of each. */
  show(problem) {
    this.problem = problem;
    const problems = this.polls.polls
      .filter(({ section }) => section === this.section)
      .map((poll) => poll.problem)
      .filter(Boolean);
    setProblem(this.section, [...new Set(problems)].join("; "));
  }

  failed(error) {
    if (error.status === 401 && error.token !== null) {
      if (forgetToken(error.token)) this.polls.handlers.tokenRefused();
      return 0;
    }
    if (error instanceof ConnectionError || error.status === 401) {
      this.polls.isLost(error);
      this.failures += 1;
      const wait = RETRY_MILLISECONDS * 2 ** (this.failures - 1);
      return Math.min(RETRY_MILLISECONDS_MAX, Math.max(wait, this.period));
    }
    this.show(error.message);
    if (error instanceof ApiError) {
      this.polls.isBack(this); // it answers, be it with a refusal
    } else {
      console.error(error); // our bug; the rest of the page goes on
    }
    return Math.max(REFUSED_MILLISECONDS, this.period);
  }
}

/** All of them. `handlers`: lost(error, since), back(), tokenRefused(). */
export class Polls {
  constructor(handlers) {
    this.handlers = handlers;
    this.polls = [];
    this.lostSince = null;
    document.addEventListener("visibilitychange", () => {
      for (const poll of this.polls) document.hidden ? poll.pause() : poll.kick();
    });
  }

  /**
   * `work(signal)` each `period` milliseconds after its last answer; it may return how many
   * milliseconds to wait instead. Refusals are shown in `section`.
   */
  add(section, period, work) {
    const poll = new Poll(this, section, period, work);
    this.polls.push(poll);
    return poll;
  }

  kickAll() {
    for (const poll of this.polls) poll.kick();
  }

  isLost(error) {
    this.lostSince ??= Date.now();
    this.handlers.lost(error, this.lostSince);
  }

  isBack(except) {
    if (this.lostSince === null) return;
    this.lostSince = null;
    this.handlers.back();
    for (const poll of this.polls) if (poll !== except) poll.kick();
  }
}
