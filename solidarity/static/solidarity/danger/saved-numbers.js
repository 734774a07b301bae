// A report with danger words waits on this phone: show the numbers to call, and queue the sender's answer behind the
// report.

import { enqueue, newId } from "../phone_queue/queue.js";
import { groupsOf, showGroups } from "./danger-words.js";

export const BANNER = "solidarity.danger";

// The rules are large. They load when somebody enters a field for text, so that they are ready when the form is sent,
// also without network. If the form is sent earlier, it waits for them (groupsOf).
document.addEventListener("focusin", function enter({ target }) {
  if (!target.matches("textarea, input[type=text], input:not([type])")) return;
  document.removeEventListener("focusin", enter);
  import("./matcher.js").catch(() => {});
});

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
