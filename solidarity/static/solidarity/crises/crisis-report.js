// The public page of an event: sets the position and shrinks the photo. The page also works without this script.

import { smaller } from "../phone_queue/photo.js";

const place = document.querySelector("[data-crisis-place]");
const state = place.querySelector("[data-crisis-state]");

/** The street of the position, so that the person sees whether the place is right. */
async function showStreet(point) {
  const { streetLine } = await import("../reports/pin-street.js");
  streetLine(place.querySelector("[data-pin-street]"))(point);
}

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
    showStreet({ lat: coords.latitude, lng: coords.longitude });
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

// The phone queue and the draft are a third of the page's size. They load when the user starts to fill in the form, or
// immediately if the phone already has them. Without these scripts, the form is posted directly.
const { form } = photo;
const correcting = window.location.hash.startsWith("#edit=");
let queue = null;
let ready = false;

function fetchQueue() {
  queue ??= Promise.all([import("../reports/draft.js"), import("../phone_queue/app.js")])
    .then(() => { ready = true; }, () => { queue = null; });
  return queue;
}

function begun() {
  try {
    return Boolean(window.localStorage.getItem(`solidarity.draft.${form.dataset.draft}`));
  } catch {
    return false;
  }
}

// Delete the position that an old draft fills in, because it is outdated. A corrected report keeps its position.
form.addEventListener("draft:filled", () => {
  if (correcting) return;
  for (const name of ["latitude", "longitude"]) place.querySelector(`[name=${name}]`).value = "";
});
for (const kind of ["pointerdown", "focusin", "input"]) form.addEventListener(kind, fetchQueue, { once: true });
form.addEventListener("submit", async (event) => {
  if (ready) return; // draft.js handles this case
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
