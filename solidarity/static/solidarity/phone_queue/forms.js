// A form that goes through the queue. Online it looks like a normal submit; offline the page says that it is saved.
// Hook: form[data-queue=KIND]. data-queue-parent: the report to which the item belongs. Without JavaScript the form is
// posted.

import { smaller } from "./photo.js";
import { QueueFull, drain, enqueue, newId, outcome, store } from "./queue.js";

const TIMEOUT = 6000; // milliseconds online without an answer, before the page says “saved on this phone”
const NOT_SENT = new Set(["csrfmiddlewaretoken", "id"]);

/** Return the text fields by name, and the files; photos are made smaller. */
export async function readForm(form) {
  const fields = {};
  const files = [];
  for (const [name, value] of new FormData(form)) {
    if (NOT_SENT.has(name)) continue;
    if (typeof value === "string") (fields[name] ??= []).push(value);
    else if (value.size) {
      const blob = value.type.startsWith("image/") ? await smaller(value) : value;
      files.push({ field: name, blob, type: blob.type, name: blob.name });
    }
  }
  return { fields, files };
}

/** Return the numbers that the lists on this phone show, also after the content is gone. */
function summaryOf({ persons, given, tour }) {
  return { persons: Number(persons?.[0] ?? 0), given: Boolean(given?.length), tour: tour?.[0] ?? "" };
}

/** Queue a form and wait a little for the server. Returns "kept", "gone" (the page changes), "full",
 *  "unkept" (no database here), "refused", or "signin": saved, and sent after the next sign-in. */
export async function submit(form, { say = () => {}, kept = () => {}, back = () => {}, lacks = "" } = {}) {
  const { fields, files } = await readForm(form);
  const corrects = form.dataset.queueCorrects ? await store.find(form.dataset.queueCorrects) : null;
  const sameId = corrects && corrects.problem?.code !== "conflict";
  const id = sameId ? corrects.id : newId();
  const field = form.elements.namedItem("id");
  if (field) field.value = id; // with the same id, a form that is posted after all is the same report for the server
  const post = () => {
    back(id);
    form.submit();
  };
  let item;
  try {
    item = await enqueue({
      id, kind: form.dataset.queue, fields, files, parent: form.dataset.queueParent ?? null,
      edit: form.dataset.queueEdit ?? window.location.pathname,
      summary: summaryOf(fields), lacks,
      ...(corrects ? { replaces: corrects.id, wall: corrects.wall, contact: corrects.contact } : {}),
    });
  } catch (error) {
    if (error instanceof QueueFull) {
      say("full");
      if (navigator.onLine && !lacks) post(); // the server still has room
      return "full";
    }
    say("refused");
    if (navigator.onLine && !lacks) post(); // no database on this device: post the form
    return "unkept";
  }
  kept(item);
  if (lacks || !navigator.onLine) return "kept";
  say("sending");
  const sending = drain({ here: id });
  const signedOut = sending.then(({ reason }) => {
    if (!["sign_in", "other_account"].includes(reason)) return new Promise(() => {});
    return outcome(id).then((became) => ({ ...became, reason }));
  });
  const became = await Promise.race([outcome(id, TIMEOUT), signedOut]);
  if (became.reason && became.state === "waiting") return "signin";
  if (became.state === "acknowledged") {
    window.location.assign(became.next || "/queue/");
    return "gone";
  }
  if (became.state === "refused" && became.problem.status === 400 && !files.length) {
    await store.remove(id); // the page shows the errors beside the fields, which keep their values
    post();
    return "gone";
  }
  return became.state === "refused" ? "refused" : "kept";
}
