// A report with danger words waits on this phone: show the numbers to call, and queue the sender's answer behind the
// report.

import { enqueue, newId } from "../phone_queue/queue.js";
import { groupsOf, showGroups } from "./danger-words.js";

const FIELDS = "textarea, input[type=text], input:not([type])";

export const BANNER = "solidarity.danger";

// The rules are large. They load when somebody enters a field for text, so that they are ready when the form is sent,
// also without network. If the form is sent earlier, it waits for them (groupsOf).
document.addEventListener("focusin", function enter({ target }) {
  if (!target.matches(FIELDS)) return;
  document.removeEventListener("focusin", enter);
  import("./matcher.js").catch(() => {});
});

const TYPING_WAIT = 300; // ms after the last key

/** While somebody types danger words, show the numbers above the button of the form, which stays as it is. */
export function showWhileTyping(form) {
  const box = form.querySelector("[data-danger-typing]");
  const lines = document.querySelectorAll("[data-danger-saved] [data-danger-lines]");
  if (!box || !lines.length) return;
  for (const each of lines) box.append(each.cloneNode(true));
  let waiting;
  const look = async () => showGroups(box, await groupsOf(form));
  form.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(look, TYPING_WAIT);
  });
  form.addEventListener("draft:filled", look);
  // This file may load after somebody has started typing.
  if (Array.from(form.querySelectorAll(FIELDS)).some(({ value }) => value)) look();
}

/** Show the numbers in the panel of a saved report. id: the id of the report, which the sender's answer contains. */
export async function showNumbers(panel, form, id) {
  const box = panel.querySelector("[data-danger-saved]");
  if (!box) return;
  const groups = await groupsOf(form);
  showGroups(box, groups);
  if (groups.length && form.dataset.queue === "encounter") remember(groups);
  for (const button of box.querySelectorAll("[data-danger-answer]")) {
    button.setAttribute("aria-pressed", "false");
    button.onclick = async () => {
      for (const each of box.querySelectorAll("[data-danger-answer]")) {
        each.setAttribute("aria-pressed", String(each === button));
      }
      const fields = { answer: button.dataset.dangerAnswer };
      await enqueue({ id: newId(), kind: "danger-answer", parent: id, after: [id], fields }).catch(() => {});
    };
  }
  if (groups.length) box.scrollIntoView({ block: "nearest" });
}

/** Store the groups: tour mode shows their numbers as a banner for the rest of this visit. */
function remember(groups) {
  try {
    window.sessionStorage.setItem(BANNER, JSON.stringify(groups));
  } catch {
    // Storage is blocked: only the panel shows the numbers.
  }
}
