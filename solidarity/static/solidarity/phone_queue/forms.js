// A form that goes through the queue: with network it feels like sending, without it is kept and said so.
// Hook: form[data-outbox=KIND]; data-outbox-parent: what it belongs to. Without JavaScript the form is posted as ever.

import { smaller } from "./photo.js";
import { QueueFull, drain, enqueue, newId, outcome, store } from "./queue.js";

const PATIENCE = 6000; // with a network: how long the page waits for the acknowledgement before it says "kept"
const NOT_SENT = new Set(["csrfmiddlewaretoken", "id"]);

/** Text fields by name, and files; photos are made small. */
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

/** Queue a form and wait a little for the server. Returns "kept", "gone" (the page changes), "full",
 *  "unkept" (no database here), "refused", or "signin": kept, and sent once somebody signs in. */
export async function submit(form, { say = () => {}, kept = () => {}, back = () => {}, lacks = "" } = {}) {
  const { fields, files } = await readForm(form);
  const corrects = form.dataset.outboxCorrects ? await store.find(form.dataset.outboxCorrects) : null;
  const sameId = corrects && corrects.problem?.code !== "conflict";
  const id = sameId ? corrects.id : newId();
  const field = form.elements.namedItem("id");
  if (field) field.value = id; // should it have to be posted after all, it is the same report
  const post = () => {
    back(id);
    form.submit();
  };
  let item;
  try {
    item = await enqueue({
      id, kind: form.dataset.outbox, fields, files, parent: form.dataset.outboxParent ?? null, edit: form.dataset.outboxEdit ?? window.location.pathname,
      summary: { persons: Number(fields.persons?.[0] ?? 0) }, lacks,
      ...(corrects ? { replaces: corrects.id, wall: corrects.wall, contact: corrects.contact } : {}),
    });
  } catch (error) {
    if (error instanceof QueueFull) {
      say("full");
      if (navigator.onLine && !lacks) post(); // the server still has room
      return "full";
    }
    say("refused");
    if (navigator.onLine && !lacks) post(); // no database on this device: the plain way
    return "unkept";
  }
  kept(item);
  if (lacks || !navigator.onLine) return "kept";
  say("sending");
  const sending = drain({ here: id });
  const nobody = sending.then(({ reason }) => (["sign_in", "other_account"].includes(reason) ? outcome(id).then((said) => ({ ...said, reason })) : new Promise(() => {})));
  const became = await Promise.race([outcome(id, PATIENCE), nobody]);
  if (became.reason && became.state === "waiting") return "signin";
  if (became.state === "acknowledged") {
    window.location.assign(became.next || "/outbox/");
    return "gone";
  }
  if (became.state === "refused" && became.problem.status === 400 && !files.length) {
    await store.remove(id); // the page draws what is wrong, beside the fields, with everything still typed in
    post();
    return "gone";
  }
  return became.state === "refused" ? "refused" : "kept";
}
