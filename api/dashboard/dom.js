// The only place that puts text from the server into the page: always as text, never as markup.

/** The element with this id; a wrong id is our bug and fails at the start. */
export function byId(id) {
  const found = document.getElementById(id);
  if (!found) throw new Error(`no element ${id}`);
  return found;
}

// Invisible characters, and those that turn the direction of text, could make one JID look like
// another: they are shown by their number.
const INVISIBLE = new RegExp(
  "[\\u0000-\\u001f\\u007f-\\u009f\\u00ad\\u061c\\u200b-\\u200f\\u2028-\\u202e" +
    "\\u2060-\\u206f\\ufeff]", "g");

export function visible(text) {
  return String(text).replace(
    INVISIBLE,
    (found) => `\\u${found.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

/** Sets the text if it is another one, so that a selection in unchanged text stays. */
export function setText(node, text) {
  const wanted = visible(text);
  if (node.textContent !== wanted) node.textContent = wanted;
}

/** An element with attributes and children; strings become text. */
export function element(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  for (const child of children) {
    node.append(child instanceof Node ? child : document.createTextNode(visible(child)));
  }
  return node;
}

/** A JID or another name: set apart from the text around it, cut after two lines. */
export function who(text) {
  const node = element("bdi", { class: "who" });
  setWho(node, text);
  return node;
}

export function setWho(node, text) {
  setText(node, text);
  if (node.title !== node.textContent) node.title = node.textContent;
}

export function setBadge(node, kind, text) {
  node.className = `badge ${kind}`;
  setText(node, text);
}

/** A bar that is `share` (0 to 1) full. */
export function bar(label) {
  const fill = element("div");
  const node = element("div", { class: "bar", role: "meter", "aria-label": label,
    "aria-valuemin": "0", "aria-valuemax": "100" }, fill);
  return {
    node,
    set(share, text) {
      const filled = Math.min(1, Math.max(0, share));
      fill.style.width = `${(100 * filled).toFixed(1)}%`;
      node.setAttribute("aria-valuenow", String(Math.round(100 * filled)));
      node.setAttribute("aria-valuetext", text);
    },
    warn() {
      const full = Number(node.getAttribute("aria-valuenow"));
      node.className = full >= 100 ? "bar bad" : full >= 80 ? "bar warn" : "bar";
    },
  };
}

/** Shows or clears the problem line of a section. */
export function setProblem(section, text) {
  const line = section.querySelector(".problem");
  line.hidden = !text;
  setText(line, text);
}

/**
 * Makes the children of `parent` those of `items`: kept by key, updated, made, removed. `make`
 * returns { node, update(item) }. With `keepOrder` what is there stays where it is.
 */
export class KeyedList {
  constructor(parent, keyOf, make) {
    this.parent = parent;
    this.keyOf = keyOf;
    this.make = make;
    this.entries = new Map();
    this.placeholder = null;
  }

  show(items, { keepOrder = false, empty = null } = {}) {
    this.placeholder?.remove();
    const wanted = new Set(items.map(this.keyOf));
    for (const key of [...this.entries.keys()]) {
      if (!wanted.has(key)) this.remove(key);
    }
    let place = this.parent.firstElementChild;
    for (const item of items) {
      const key = this.keyOf(item);
      let entry = this.entries.get(key);
      const isNew = !entry;
      if (isNew) {
        entry = this.make(item);
        this.entries.set(key, entry);
      }
      entry.update(item);
      if (keepOrder) {
        if (isNew) this.parent.append(entry.node);
      } else if (entry.node === place) {
        place = place.nextElementSibling;
      } else {
        this.parent.insertBefore(entry.node, place);
      }
    }
    this.placeholder = items.length === 0 ? empty : null;
    if (this.placeholder) this.parent.append(this.placeholder);
  }

  remove(key) {
    this.entries.get(key)?.node.remove();
    this.entries.delete(key);
  }
}

/** What a table without rows says. */
export function emptyRow(columns, text) {
  return element("tr", {}, element("td", { colspan: columns, class: "empty" }, text));
}
