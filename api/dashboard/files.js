// The file store: how full it is, and whose files fill it.
import { call } from "./api.js";
import { KeyedList, bar, byId, element, emptyRow, setText, setWho, who } from "./dom.js";
import { bytes, count, number, percent } from "./format.js";

const OWNERS = 10;
const NO_STORE_MILLISECONDS = 60_000;

function ownerRow() {
  const name = who("");
  const share = bar("share of what is taken");
  const files = element("td", { class: "number" });
  const amount = element("td", { class: "number" });
  return {
    node: element("tr", {}, element("td", {}, name, share.node), files, amount),
    update({ owner, fileCount, sizeBytes, total }) {
      setWho(name, owner ?? "");
      setText(files, count(number(fileCount)));
      setText(amount, bytes(number(sizeBytes)));
      share.set(total > 0 ? number(sizeBytes) / total : 0, percent(number(sizeBytes), total));
    },
  };
}

/** Returns the work of a poll. The section is hidden where nobody offers uploads. */
export function files() {
  const list = new KeyedList(byId("owner-table").tBodies[0], ({ owner }) => owner, ownerRow);
  const empty = emptyRow(3, "Nobody has a file.");
  const disk = bar("disk");
  byId("disk").append(disk.node);
  const show = (answer) => {
    const taken = number(answer.sizeBytes);
    const expected = number(answer.expectedBytes);
    setText(byId("files-taken"), `${bytes(taken)} in ${count(number(answer.fileCount))} files`);
    setText(byId("files-expected"),
      `${bytes(expected)} in ${count(number(answer.expectedFileCount))} slots`);
    setText(byId("files-owners"), count(number(answer.ownerCount)));
    const free = Math.max(0, number(answer.diskFreeBytes) - number(answer.diskReserveBytes));
    setText(byId("files-free"), bytes(free));
    const stored = taken - expected;
    disk.set(stored + free > 0 ? stored / (stored + free) : 0,
      `${bytes(stored)} stored, room for ${bytes(free)} more`);
    disk.warn();
    const rows = answer.largestOwners ?? [];
    list.show(rows.map((row) => ({ ...row, total: taken })), { empty });
  };
  return async (signal) => {
    const answer = await call("FileService/GetStorage", { ownerCount: OWNERS }, signal);
    byId("files").hidden = !answer.isOffered;
    if (!answer.isOffered) return NO_STORE_MILLISECONDS;
    show(answer);
    return null;
  };
}
