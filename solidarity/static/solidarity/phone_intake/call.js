// The pages of a telephone call and of unclear messages: keys, emergency numbers while the dispatcher listens, similar needs while they type.
// Hooks: form[data-call], data-roving, data-call-danger, data-call-similar, data-call-addresses, data-call-end,
// data-call-refuse.

import { groupsOf, showGroups } from "../danger/danger-words.js";

const PAUSE = 700; // milliseconds without typing, before similar needs are looked up
const form = document.querySelector("form[data-call]");

// --- keys ---

/** The fields in the order of the Tab key; a group of radio buttons is one field. */
function stops() {
  const seen = new Set();
  return [...form.querySelectorAll("input, select, textarea, summary, button, canvas")].filter((field) => {
    if (field.disabled || field.tabIndex < 0 || field.offsetParent === null) return false;
    if (field.closest("[data-place-search]")) return false; // Tab stops at the search; Enter goes past it
    if (field.type !== "radio") return true;
    if (seen.has(field.name)) return false;
    const chosen = form.querySelector(`input[name="${field.name}"]:checked`);
    if (chosen && chosen !== field) return false;
    seen.add(field.name);
    return true;
  });
}

function goOn(field) {
  const group = field.type === "radio" ? form.querySelector(`input[name="${field.name}"]:checked`) ?? field : field;
  const all = stops();
  const here = all.indexOf(group);
  const next = all.slice(here + 1).find((each) => each.type !== "radio" || each.name !== field.name);
  next?.focus();
}

form.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.isComposing) return;
  if (event.ctrlKey || event.metaKey) {
    event.preventDefault();
    if (!event.repeat) form.querySelector(`[data-call-end=${event.shiftKey ? "open" : "verified"}]`).click();
    return;
  }
  if (event.target.closest("[data-place-search]")) {
    event.preventDefault(); // the search itself chooses a result
  } else if (event.target instanceof HTMLCanvasElement) {
    event.preventDefault();
    form.querySelector("[data-place-middle]").click();
    if (form.querySelector("[data-place][data-chosen]")) goOn(stops().findLast((each) => each.closest("[data-place]")));
  } else if (event.target instanceof HTMLInputElement || event.target instanceof HTMLSelectElement) {
    event.preventDefault(); // Enter never sends half a form
    goOn(event.target);
  }
});

/**
 * Make a group of check boxes one stop of the Tab key. Arrow keys move inside the group. A letter goes to the next box
 * whose label begins with it.
 */
function rove(group) {
  const boxes = [...group.querySelectorAll("input[type=checkbox]")];
  const letter = (box) => box.closest("label").textContent.trim().charAt(0).toLocaleLowerCase();
  const first = boxes.find((box) => box.checked) ?? boxes[0];
  for (const box of boxes) box.tabIndex = box === first ? 0 : -1;
  const go = (box) => {
    for (const each of boxes) each.tabIndex = each === box ? 0 : -1;
    box.focus();
  };
  group.addEventListener("focusin", ({ target }) => {
    if (boxes.includes(target)) for (const each of boxes) each.tabIndex = each === target ? 0 : -1;
  });
  group.addEventListener("keydown", (event) => {
    const here = boxes.indexOf(event.target);
    if (here < 0 || event.ctrlKey || event.altKey || event.metaKey) return;
    const steps = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 };
    if (event.key in steps) {
      event.preventDefault();
      go(boxes.at((here + steps[event.key]) % boxes.length));
    } else if (event.key.length === 1 && event.key !== " ") {
      const after = [...boxes.slice(here + 1), ...boxes.slice(0, here + 1)];
      const found = after.find((box) => letter(box) === event.key.toLocaleLowerCase());
      if (found) go(found);
    }
  });
}

for (const group of form.querySelectorAll("[data-roving]")) rove(group);

const refusing = form.querySelector("[data-call-refuse]");

refusing?.addEventListener("toggle", () => { if (refusing.open) refusing.scrollIntoView({ block: "nearest" }); });

// --- danger ---

const danger = form.querySelector("[data-call-danger]");
let listening;

async function showDanger() {
  const groups = await groupsOf(form).catch(() => []);
  showGroups(danger, groups);
  form.toggleAttribute("data-in-danger", groups.length > 0);
}

form.addEventListener("input", ({ target }) => {
  window.clearTimeout(listening);
  listening = window.setTimeout(showDanger, target.name === "gate" ? 0 : 300);
  if (target.name !== "gate" || target.value === "none" || form.querySelector("[name=urgency]:checked")) return;
  form.querySelector("[name=urgency][value=now]").checked = true;
});
form.addEventListener("draft:filled", showDanger);
if (form.querySelector("[name=gate]:checked")) showDanger();

// --- similar needs ---

const box = form.querySelector("[data-call-similar]");
const addresses = form.querySelector("[data-call-addresses]");
let waiting;
let asking;
let last = "";

/** The fields that are sent to the server while the dispatcher types: never the caller's name or number. */
function described() {
  const all = new FormData(form);
  const sent = new FormData();
  for (const name of ["latitude", "longitude", "place_text", "kinds", "text"]) {
    for (const value of all.getAll(name)) sent.append(name, value);
  }
  return sent;
}

async function look() {
  const sent = described();
  if (!sent.get("place_text") && !sent.get("latitude")) return;
  const print = JSON.stringify([...sent]);
  if (print === last) return;
  last = print;
  sent.set("csrfmiddlewaretoken", form.elements.namedItem("csrfmiddlewaretoken").value);
  asking?.abort();
  asking = new AbortController();
  try {
    const answer = await fetch(form.dataset.similar, { method: "POST", body: sent, signal: asking.signal });
    if (answer.status === 429) box.textContent = box.dataset.paused;
    if (!answer.ok) return;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const offered = page.querySelector("[data-addresses]");
    addresses.replaceChildren(...offered.content.children);
    offered.remove();
    box.replaceChildren(...page.body.children);
  } catch {
    last = ""; // No network, or a newer search: the form works without it.
  }
}

form.addEventListener("input", ({ target }) => {
  if (!["latitude", "place_text", "kinds", "text"].includes(target.name)) return;
  window.clearTimeout(waiting);
  waiting = window.setTimeout(look, PAUSE);
});
form.addEventListener("draft:filled", look);
look();
