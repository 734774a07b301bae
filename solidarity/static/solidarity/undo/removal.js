// Forms that remove something. The removal can be undone: without network it waits in the phone queue, and Undo takes
// it out. Hooks: form[data-removal=KIND] with data-removal-of (the report, optional) and data-removed (what the bar
// says); [data-removable]: the part of the page that it hides.

import { QueueFull, enqueue, store } from "../phone_queue/queue.js";
import { SECONDS, offerUndo } from "./undo.js";

const HOLD = (SECONDS + 2) * 1000; // milliseconds before it is sent: longer than the bar is shown

async function queue(form, submitter) {
  const fields = Object.fromEntries(new FormData(form, submitter));
  delete fields.csrfmiddlewaretoken;
  let item;
  try {
    item = await enqueue({
      kind: form.dataset.removal, parent: form.dataset.removalOf ?? null, fields, heldUntil: Date.now() + HOLD,
    });
  } catch (error) {
    if (!(error instanceof QueueFull)) throw error;
    form.submit();
    return;
  }
  const part = form.closest("[data-removable]");
  if (part) part.hidden = true;
  offerUndo(form.dataset.removed, async () => {
    if (!(await store.withdraw(item.id))) return; // it is being sent
    if (part) part.hidden = false;
    submitter?.focus();
    document.dispatchEvent(new CustomEvent("queue:send"));
  });
  window.setTimeout(() => document.dispatchEvent(new CustomEvent("queue:send")), HOLD + 100);
}

/** The page also knows from failed requests that there is no network (app.js shows the band). */
function isOffline() {
  return !navigator.onLine || Boolean(document.querySelector("[data-when-offline]:not([hidden])"));
}

document.addEventListener("submit", (event) => {
  if (!event.target.matches("form[data-removal]") || !isOffline()) return;
  event.preventDefault();
  queue(event.target, event.submitter);
});
