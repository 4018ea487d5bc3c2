// The relay for calls: what is in use of it, and what it refuses and drops.
import { call } from "./api.js";
import { KeyedList, bar, byId, element, emptyRow, setText } from "./dom.js";
import { count, number } from "./format.js";

const NO_TURN_MILLISECONDS = 60_000;

/** How fast a counter grows, from one answer to the next; null at first and after a restart. */
class Rate {
  constructor() {
    this.last = null;
  }

  /** `now` in milliseconds, of a clock that never goes back. */
  add(value, now) {
    const { last } = this;
    this.last = { value, now };
    if (last === null || now <= last.now || value < last.value) return null;
    return (value - last.value) * 1000 / (now - last.now);
  }
}

function perSecond(rate) {
  return rate === null ? "…" : `${count(Math.round(rate))}/s`;
}

function relayRow() {
  const address = element("span", { class: "who" });
  const used = bar("ports in use");
  const free = element("td", { class: "number" });
  return {
    node: element("tr", {}, element("td", {}, address, used.node), free),
    update(relay) {
      const all = number(relay.portCount);
      const taken = all - number(relay.freePortCount);
      setText(address, relay.address === relay.localAddress
        ? relay.address : `${relay.address} (here ${relay.localAddress})`);
      setText(free, count(number(relay.freePortCount)));
      used.set(all > 0 ? taken / all : 0, `${count(taken)} of ${count(all)} ports are taken`);
      used.warn();
    },
  };
}

/** Returns the work of a poll. The section is hidden where nobody offers TURN. */
export function turn() {
  const relays = new KeyedList(byId("relay-table").tBodies[0], ({ address }) => address, relayRow);
  const empty = emptyRow(2, "No address is lent.");
  const packets = new Rate();
  const dropped = new Rate();
  const show = (answer) => {
    const now = performance.now();
    const calls = `${count(number(answer.allocationCount))} of ` +
      count(number(answer.allocationLimit));
    setText(byId("turn-allocations"), answer.isOpen ? calls : `${calls}, takes no new ones`);
    setText(byId("turn-channels"), count(number(answer.channelCount)));
    setText(byId("turn-packets"), perSecond(packets.add(number(answer.packetCount), now)));
    setText(byId("turn-dropped"), perSecond(dropped.add(number(answer.droppedPacketCount), now)));
    setText(byId("turn-kernel"), count(number(answer.kernelDroppedPacketCount)));
    setText(byId("turn-refusals"), count(number(answer.refusalCount)));
    setText(byId("turn-services"), (answer.services ?? []).join(", ") || "–");
    relays.show(answer.relays ?? [], { empty });
  };
  return async (signal) => {
    const { turn: answer = null } = await call("TurnService/GetTurn", {}, signal);
    byId("turn").hidden = answer === null;
    if (answer === null) return NO_TURN_MILLISECONDS;
    show(answer);
    return null;
  };
}
