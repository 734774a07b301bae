// The public page of an event: the device's position, and a photo made small before it is sent. Works without, too.

import { smaller } from "../phone_queue/photo.js";

const place = document.querySelector("[data-crisis-place]");
const state = place.querySelector("[data-crisis-state]");

place.querySelector("[data-crisis-locate]").addEventListener("click", () => {
  const refused = () => { state.textContent = place.dataset.refused; };
  state.textContent = place.dataset.looking;
  if (!navigator.geolocation) {
    refused();
    return;
  }
  navigator.geolocation.getCurrentPosition(({ coords }) => {
    place.querySelector("[name=latitude]").value = coords.latitude.toFixed(6);
    place.querySelector("[name=longitude]").value = coords.longitude.toFixed(6);
    place.dataset.chosen = "1";
    state.textContent = place.dataset.found.replace("METRES", Math.round(coords.accuracy));
  }, refused, { enableHighAccuracy: true, timeout: 12000, maximumAge: 15000 });
});

const photo = document.querySelector("[data-crisis-photo] [type=file]");

photo.addEventListener("change", async () => {
  const [file] = photo.files;
  if (!file) return;
  const box = new DataTransfer();
  box.items.add(await smaller(file));
  if (photo.files[0] === file) photo.files = box.files;
});

// The queue and the draft weigh a third of this page: they come when somebody begins to fill it in, or at once where the
// phone has them. Until then, and where they cannot be had, the form is posted as it is.
const { form } = photo;
const correcting = window.location.hash.startsWith("#edit=");
let queue = null;
let ready = false;

function fetchQueue() {
  queue ??= Promise.all([import("../reports/draft.js"), import("../phone_queue/app.js")]).then(() => { ready = true; }, () => { queue = null; });
  return queue;
}

function begun() {
  try {
    return Boolean(window.localStorage.getItem(`solidarity.draft.${form.dataset.draft}`));
  } catch {
    return false;
  }
}

// A position that was taken hours ago is not where somebody is now; in a report that is put right it stays.
form.addEventListener("draft:filled", () => {
  if (correcting) return;
  for (const name of ["latitude", "longitude"]) place.querySelector(`[name=${name}]`).value = "";
});
for (const kind of ["pointerdown", "focusin", "input"]) form.addEventListener(kind, fetchQueue, { once: true });
form.addEventListener("submit", async (event) => {
  if (ready) return; // draft.js hears it, too
  event.preventDefault();
  if (form.dataset.sending) return; // a second tap while the network is slow
  form.dataset.sending = "1";
  await fetchQueue();
  delete form.dataset.sending;
  const said = form.querySelector("[data-draft-state]");
  if (ready) form.requestSubmit();
  else if (navigator.onLine) form.submit();
  else said.textContent = said.dataset.offline;
});
if (correcting || begun() || navigator.serviceWorker?.controller) fetchQueue();
