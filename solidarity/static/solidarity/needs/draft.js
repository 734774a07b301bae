// Nothing typed is lost: what stands in a form is kept on this device until the server has it.
// The report's id is minted when the form is sent, once per content: sending the same again is the same report.

const PREFIX = "solidarity.draft.";
const NOT_KEPT = new Set(["csrfmiddlewaretoken", "id"]);

/** What was kept for a form, or null: {values, at, print, id}. */
function kept(key) {
  try {
    return JSON.parse(window.localStorage.getItem(key));
  } catch {
    return null;
  }
}

function forget(key) {
  try {
    window.localStorage.removeItem(key);
  } catch {
    // Storage is refused: nothing was kept.
  }
}

/** Forget the drafts that became a report. */
export function forgetFiled(id) {
  try {
    for (const key of Object.keys(window.localStorage)) {
      if (key.startsWith(PREFIX) && kept(key)?.id === id) forget(key);
    }
  } catch {
    // Storage is refused.
  }
}

function valuesOf(form) {
  const values = {};
  for (const [name, value] of new FormData(form)) {
    if (!NOT_KEPT.has(name) && typeof value === "string") (values[name] ??= []).push(value);
  }
  return values;
}

function fill(form, values) {
  for (const field of form.elements) {
    if (!field.name || NOT_KEPT.has(field.name) || field.type === "submit") continue;
    const mine = values[field.name] ?? [];
    if (field.type === "checkbox" || field.type === "radio") field.checked = mine.includes(field.value);
    else if (field.name in values) field.value = mine[0];
    field.dispatchEvent(new Event("change", { bubbles: true }));
  }
  for (const stepper of form.querySelectorAll("[data-stepper] input")) {
    stepper.dispatchEvent(new Event("input", { bubbles: true }));
  }
  form.querySelector("[data-place]")?.dispatchEvent(new Event("place:show"));
  form.dispatchEvent(new Event("draft:filled"));
}

class Draft {
  constructor(form) {
    this.form = form;
    this.key = PREFIX + form.dataset.draft;
    this.state = form.querySelector("[data-draft-state]");
    this.found = document.querySelector("[data-draft-found]");
    this.start = JSON.stringify(valuesOf(form));
    this.restore();
    form.addEventListener("input", () => this.keepSoon());
    form.addEventListener("change", () => this.keepSoon());
    form.addEventListener("submit", (event) => this.send(event));
    window.addEventListener("pagehide", () => this.keepIfTyped());
    this.found?.querySelector("[data-draft-clear]").addEventListener("click", () => this.clear());
  }

  restore() {
    const old = kept(this.key);
    if (!old) return;
    const hours = Number(this.form.dataset.draftHours);
    if (Date.now() - old.at > hours * 3600e3) {
      forget(this.key);
      return;
    }
    if ("draftBound" in this.form.dataset) return;
    fill(this.form, old.values);
    if (this.found) this.found.hidden = false;
    this.show("saved", "kept");
  }

  show(state, text) {
    if (!this.state) return;
    this.state.dataset.state = state;
    this.state.textContent = this.state.dataset[text];
  }

  keepSoon() {
    window.clearTimeout(this.timer);
    this.timer = window.setTimeout(() => this.keep(), 250);
  }

  keepIfTyped() {
    if (!this.sent && JSON.stringify(valuesOf(this.form)) !== this.start) this.keep();
  }

  keep(minted = null) {
    window.clearTimeout(this.timer);
    const values = valuesOf(this.form);
    const draft = { values, at: Date.now(), ...(minted ?? this.minted() ?? {}) };
    try {
      window.localStorage.setItem(this.key, JSON.stringify(draft));
      this.show("saved", "kept");
    } catch {
      this.show("error", "refused");
    }
  }

  minted() {
    const old = kept(this.key);
    return old?.id ? { id: old.id, print: old.print } : null;
  }

  /** The id of what stands in the form now: the one it was sent under before, or a new one. */
  mint() {
    const print = JSON.stringify(valuesOf(this.form));
    const old = this.last ?? this.minted();
    if (old?.print === print) return old;
    return { id: newId(), print };
  }

  send(event) {
    if (!navigator.onLine) {
      event.preventDefault();
      this.keep();
      this.show("offline", "offline");
      return;
    }
    this.last = this.mint();
    const field = this.form.elements.namedItem("id");
    if (field) field.value = this.last.id;
    this.keep(this.last);
    this.sent = true;
    this.show("saving", "sending");
  }

  clear() {
    forget(this.key);
    this.sent = true;
    window.location.reload();
  }
}

/** A random UUID, also where the page is not served over HTTPS. */
export function newId() {
  if (window.crypto.randomUUID) return window.crypto.randomUUID();
  const bytes = window.crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const text = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return text.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

window.addEventListener("pageshow", (event) => {
  if (event.persisted) for (const state of document.querySelectorAll("[data-draft-state]")) state.dataset.state = "unsaved";
});

for (const form of document.querySelectorAll("form[data-draft]")) new Draft(form);
