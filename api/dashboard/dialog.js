// The one dialog of the page: asks before something is changed, or explains.
import { byId, element, setProblem, setText } from "./dom.js";

let confirmed = null;

export function setUpDialog() {
  const dialog = byId("dialog");
  byId("dialog-cancel").addEventListener("click", () => dialog.close());
  dialog.addEventListener("close", () => {
    if (!dialog.open) confirmed = null;
  });
  byId("dialog-confirm").addEventListener("click", run);
}

/** Does what was confirmed; a refusal is shown in the dialog, which stays. */
async function run() {
  const dialog = byId("dialog");
  const button = byId("dialog-confirm");
  const work = confirmed;
  if (!work) return;
  button.disabled = true;
  setProblem(dialog, "");
  try {
    const next = await work();
    if (confirmed !== work) return;
    dialog.close();
    next.focus({ preventScroll: true });
  } catch (error) {
    if (confirmed === work) setProblem(dialog, error.message);
  } finally {
    button.disabled = false;
  }
}

function show(title, body, action) {
  const dialog = byId("dialog");
  setText(byId("dialog-title"), title);
  byId("dialog-body").replaceChildren(...body);
  setProblem(dialog, "");
  byId("dialog-confirm").hidden = !action;
  setText(byId("dialog-cancel"), action ? "Cancel" : "Close");
  dialog.showModal();
  byId("dialog-cancel").focus();
}

/** `lines`: [name, text] pairs; `work` runs when confirmed and returns what gets the focus. */
export function ask(title, lines, action, work) {
  const list = element("dl", { class: "lines" });
  for (const [name, text] of lines) {
    list.append(element("dt", {}, name), element("dd", {}, element("bdi", {}, text)));
  }
  setText(byId("dialog-confirm"), action);
  show(title, [list], action);
  confirmed = work;
}

/** `paragraphs`: lists of texts and elements. */
export function explain(title, paragraphs) {
  show(title, paragraphs.map((parts) => element("p", {}, ...parts)), null);
}
