// The public page of an event: the device's position, and a photo made small before it is sent. Works without, too.

import { smaller } from "../outbox/picture.js";

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

// Sent once: a second tap while the network is slow does nothing.
const form = photo.form;
form.addEventListener("submit", (event) => {
  if (form.dataset.sending) event.preventDefault();
  form.dataset.sending = "1";
});
addEventListener("pageshow", () => { delete form.dataset.sending; });
