// Drafts: the content of a form is stored on this device until the server has it.
// A form with data-queue goes into the phone queue (phone_queue/forms.js), where it gets its id. Other forms get an id
// here when they are sent: one id per content, so sending the same content twice creates only one report.
// A draft whose name begins with “tab.” is stored for this tab only, and sign-out deletes it.

import { showNumbers, showWhileTyping } from "../danger/saved-numbers.js";
import { submit } from "../phone_queue/forms.js";
import { newId, store } from "../phone_queue/queue.js";

export { newId };

const KINDS = ["kinds", "category", "asked"]; // what is needed, in the forms of needs, events and encounters
const PREFIX = "solidarity.draft.";
const TAB = `${PREFIX}tab.`;
const NOT_KEPT = new Set(["csrfmiddlewaretoken", "id", "seen"]);

const storageOf = (key) => (key.startsWith(TAB) ? window.sessionStorage : window.localStorage);

/** Return the draft of a form as {values, at, print, id}, or null. */
function kept(key) {
  try {
    return JSON.parse(storageOf(key).getItem(key));
  } catch {
    return null;
  }
}

function forget(key) {
  try {
    storageOf(key).removeItem(key);
  } catch {
    // Storage is blocked: there is no draft.
  }
}

/** Delete the drafts that the server has stored as reports. */
export function forgetFiled(id) {
  try {
    for (const key of [...Object.keys(window.localStorage), ...Object.keys(window.sessionStorage)]) {
      if (key.startsWith(PREFIX) && kept(key)?.id === id) forget(key);
    }
  } catch {
    // Storage is blocked.
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

/** The initial values of a form. */
function untouched(form) {
  const copy = form.cloneNode(true);
  copy.reset();
  return valuesOf(copy);
}

class Draft {
  constructor(form) {
    this.form = form;
    this.key = PREFIX + form.dataset.draft;
    this.state = form.querySelector("[data-draft-state]");
    this.found = document.querySelector("[data-draft-found]");
    this.first = untouched(form); // this file may load after somebody has started typing
    this.start = JSON.stringify(this.first);
    this.panel = form.parentElement.querySelector("[data-queue-saved]");
    // Firefox restores typed text in a reopened tab, even if it was sent. Switch that off: only drafts should return.
    // (For a reload, the attribute of the form is enough.)
    for (const field of form.elements) if (!field.autocomplete) field.setAttribute("autocomplete", "off");
    this.restore();
    this.correct();
    form.addEventListener("input", (event) => {
      if (event.isTrusted) this.sent = false; // somebody continues typing
      this.keepSoon();
    });
    form.addEventListener("change", () => this.keepSoon());
    showWhileTyping(form);
    form.addEventListener("place:taken", () => this.rebase());
    form.addEventListener("submit", (event) => this.send(event));
    form.querySelector("[data-place-later]")?.addEventListener("click", (event) => this.queue(event, "place"));
    window.addEventListener("pagehide", () => this.keepIfTyped());
    window.addEventListener("beforeunload", (event) => {
      if (!this.sent && (this.hasRecording() || this.recording)) event.preventDefault(); // a draft cannot keep it
    });
    this.found?.querySelector("[data-draft-clear]").addEventListener("click", () => this.clear());
  }

  restore() {
    if ("draftBound" in this.form.dataset) { // sent and refused: the page has what was typed
      this.keep();
      return;
    }
    const old = kept(this.key);
    if (!old) return;
    const hours = Number(this.form.dataset.draftHours);
    if (Date.now() - old.at > hours * 3600e3) {
      forget(this.key);
      return;
    }
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
    this.timer = window.setTimeout(() => {
      if (!this.sent) this.keep(); // a field that is hidden after sending fires "change" once more
    }, 250);
  }

  /** Return whether the form has a recording. It counts as something entered, but only saving the form keeps it. */
  hasRecording() {
    return Boolean(this.form.querySelector("input[type=file][name=voice]")?.files.length);
  }

  /** The part of the form where a recording runs, or null. */
  get recording() {
    return this.form.querySelector("[data-voice][data-state=recording]");
  }

  /** Stop a recording that runs, and wait until the form has it. */
  async endRecording() {
    const voice = this.recording;
    if (!voice) return;
    const ended = new Promise((done) => voice.addEventListener("voice:ended", done, { once: true }));
    voice.querySelector("[data-voice-stop]").click();
    await ended;
  }

  /** A position that the phone took by itself was not typed, so it makes no draft. */
  rebase() {
    const without = ({ latitude: _lat, longitude: _lng, ...rest }) => JSON.stringify(rest);
    const values = valuesOf(this.form);
    if (without(values) === without(JSON.parse(this.start))) this.start = JSON.stringify(values);
  }

  keepIfTyped() {
    if (!this.sent && JSON.stringify(valuesOf(this.form)) !== this.start) this.keep();
  }

  keep(minted = null) {
    window.clearTimeout(this.timer);
    const values = valuesOf(this.form);
    const draft = { values, at: Date.now(), ...(minted ?? this.minted() ?? {}) };
    try {
      storageOf(this.key).setItem(this.key, JSON.stringify(draft));
      this.show("saved", "kept");
      if (this.hasRecording()) {
        this.state.dataset.state = "unsaved";
        this.state.textContent = this.form.dataset.recorded;
      }
    } catch {
      this.show("error", "refused");
    }
  }

  minted() {
    const old = kept(this.key);
    return old?.id ? { id: old.id, print: old.print } : null;
  }

  /** Return the id for the form's current content: the one under which it was sent before, or a new one. */
  mint() {
    const print = JSON.stringify(valuesOf(this.form));
    const old = this.last ?? this.minted();
    if (old?.print === print) return old;
    return { id: newId(), print };
  }

  /** Fill the form with a waiting report that was refused (#edit=ID). */
  async correct() {
    const id = new URLSearchParams(window.location.hash.slice(1)).get("edit");
    if (!id || !this.form.dataset.queue) return;
    const item = await store.find(id).catch(() => null);
    const kinds = { nobody: "encounter" }; // “nobody” is corrected in the full form
    if (!item || (kinds[item.kind] ?? item.kind) !== this.form.dataset.queue) return;
    const { fields } = JSON.parse(item.body);
    if (item.kind === "nobody") fields.persons = "0";
    fill(this.form, Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, [value].flat()])));
    this.form.dataset.queueCorrects = id;
    if (item.parent) this.form.dataset.queueParent = item.parent;
    if (item.problem?.code === "place") {
      this.show("unsaved", "lacksPlace");
      return;
    }
    this.explain(item.problem ?? {});
  }

  /** Show the errors of a refused report above the form and beside the fields; the entered values stay. */
  explain({ detail = "", errors = {} }) {
    this.clearReasons();
    this.show("error", "refusedBefore");
    const said = Object.entries(errors).flatMap(([label, problems]) =>
      problems.map((problem) => (label ? `${label}: ${problem}` : problem)),
    );
    const element = (tag, className, ...inside) => {
      const made = Object.assign(document.createElement(tag), { className });
      made.append(...inside);
      return made;
    };
    const title = element("h2", "", element("span", "said", this.state?.dataset.refusedBefore ?? ""));
    const lines = (said.length ? said : [detail]).filter(Boolean).map((line) => element("li", "", line));
    this.reasons = element("div", "error-summary", title, element("ul", "said", ...lines));
    this.reasons.setAttribute("role", "alert");
    this.reasons.tabIndex = -1;
    this.form.before(this.reasons);
    for (const field of this.form.querySelectorAll(".field")) {
      const label = field.querySelector("legend, label");
      const name = (label?.querySelector(".said") ?? label)?.textContent.trim();
      field.classList.toggle("field--invalid", Boolean(name && errors[name]));
    }
    this.form.dispatchEvent(new Event("draft:refused"));
    this.reasons.focus();
  }

  clearReasons() {
    this.reasons?.remove();
    for (const field of this.reasons ? this.form.querySelectorAll(".field--invalid") : [])
      field.classList.remove("field--invalid");
    this.reasons = null;
  }

  /** Send through the queue; the draft is deleted once the queue has the report. */
  async queue(event, lacks = "") {
    event.preventDefault();
    if (this.busy) return;
    this.busy = true;
    await this.endRecording();
    this.keep();
    this.clearReasons();
    const began = performance.now();
    let own = "";
    const end = await submit(this.form, {
      lacks,
      say: (text) => this.show(text === "sending" ? "saving" : "error", text),
      kept: ({ id }) => {
        own = id;
        this.filed = id;
        forget(this.key);
        this.sent = true;
        this.form.dataset.savedAfter = String(Math.round(performance.now() - began));
        if (lacks || !navigator.onLine) this.showKept(false, lacks);
      },
      back: (id) => {
        this.keep({ id }); // the page returns with errors; the draft is deleted by this id once the report is filed
        this.sent = true;
      },
    });
    if (end === "gone") return;
    this.busy = false;
    if (end === "signin" || (end === "kept" && navigator.onLine && !lacks)) this.showKept(end === "signin");
    const item = end === "refused" ? await store.find(own).catch(() => null) : null;
    if (!item) return;
    this.sent = false;
    this.form.dataset.queueCorrects = own; // a report with a photo: both wait for a correction in this form
    this.explain(item.problem ?? {});
  }

  /** Replace the form by the message that the report waits on this phone, and offer an empty form. */
  showKept(signIn = false, lacks = "") {
    this.show("offline", lacks ? "lacksPlace" : "waits");
    if (!this.panel) return;
    this.panel.querySelector("[data-queue-sign-in]").hidden = !signIn;
    for (const words of this.panel.querySelectorAll("[data-queue-lacks]"))
      words.hidden = (words.dataset.queueLacks === "place") !== (lacks === "place");
    if (this.filed) showNumbers(this.panel, this.form, this.filed);
    const bed = this.panel.querySelector("[data-shelter-saved]");
    if (bed) bed.hidden = !KINDS.some((name) => new FormData(this.form).getAll(name).includes("shelter"));
    this.form.hidden = true;
    if (this.found) this.found.hidden = true;
    this.panel.hidden = false;
    this.panel.querySelector("[data-queue-another]")?.addEventListener("click", () => this.another(), { once: true });
    this.panel.focus();
  }

  another() {
    delete this.form.dataset.queueCorrects;
    if (window.location.hash) window.history.replaceState(null, "", window.location.pathname);
    this.form.reset();
    fill(this.form, this.first);
    this.sent = false;
    this.panel.hidden = true;
    this.form.hidden = false;
    this.show("unsaved", "empty");
    this.form.scrollIntoView({ block: "start" });
    this.form.querySelector("button, input:not([type=hidden])")?.focus();
  }

  send(event) {
    if (this.form.dataset.queue) {
      this.queue(event);
      return;
    }
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

window.addEventListener("pageshow", (event) => {
  if (!event.persisted) return;
  for (const state of document.querySelectorAll("[data-draft-state]")) state.dataset.state = "unsaved";
  for (const draft of drafts) draft.busy = false;
});

const drafts = Array.from(document.querySelectorAll("form[data-draft]"), (form) => new Draft(form));
