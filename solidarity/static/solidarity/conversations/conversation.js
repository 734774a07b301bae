// The form of a thread: a message goes through the phone queue, so it is sent once. Without network it waits on this
// phone, and the page says so. Without JavaScript the form is posted. #edit=ID opens a message that the server refused.

import { submit } from "../phone_queue/forms.js";
import { store } from "../phone_queue/queue.js";

const form = document.querySelector("form[data-queue=message]");

/** Show a message that waits at the end of the thread, and make room for the next one. */
function showWaiting(text) {
  const list = form.parentElement.querySelector(".talk") ?? document.createElement("ol");
  list.classList.add("talk", "list-plain");
  form.before(list);
  const row = Object.assign(document.createElement("li"), { className: "talk__one" });
  row.dataset.own = row.dataset.waits = "";
  const said = Object.assign(document.createElement("p"), { textContent: text, dir: "auto" });
  const who = Object.assign(document.createElement("p"), { className: "talk__who" });
  who.textContent = `${form.dataset.you} · ${form.dataset.waits}`;
  row.append(said, who);
  list.append(row);
  row.scrollIntoView({ block: "nearest" });
}

async function refill() {
  const id = new URLSearchParams(window.location.hash.slice(1)).get("edit");
  const item = id ? await store.find(id).catch(() => null) : null;
  if (item?.kind !== "message") return;
  form.elements.text.value = [JSON.parse(item.body).fields.text].flat()[0];
  form.dataset.queueCorrects = id;
  form.elements.text.focus();
}

if (form) {
  const field = form.elements.text;
  let busy = false;
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (busy || !field.value.trim()) {
      field.focus();
      return;
    }
    busy = true;
    const end = await submit(form);
    busy = false;
    if (end !== "kept" && end !== "signin") return;
    showWaiting(field.value);
    field.value = "";
    delete form.dataset.queueCorrects;
    field.focus();
  });
  refill();
}
