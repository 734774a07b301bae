// "I looked here and met nobody" in one tap: fill in the device's position and send the form.

import { submit } from "../phone_queue/forms.js";
import { position } from "./place.js";

const TOO_VAGUE = 300; // metres: about the width of a cell

for (const form of document.querySelectorAll("form[data-nobody]")) {
  const note = form.querySelector("[data-nobody-note]");
  const field = (name) => form.elements.namedItem(name);

  const goOn = (reason) => {
    if (document.querySelector("form[data-encounter]")) {
      document.dispatchEvent(new CustomEvent("nobody:map", { detail: { reason } }));
      note.textContent = reason;
    } else window.location.assign(form.dataset.fallback);
  };

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (form.dataset.busy) return;
    form.dataset.busy = "1";
    note.textContent = form.dataset.looking;
    try {
      const { lat, lng, metres } = await position();
      if (metres > TOO_VAGUE) goOn(form.dataset.coarse);
      else {
        field("latitude").value = lat.toFixed(6);
        field("longitude").value = lng.toFixed(6);
        const words = { sending: form.dataset.sending, full: form.dataset.full, refused: form.dataset.notKept };
        const end = await submit(form, { say: (text) => { note.textContent = words[text]; } });
        if (end === "gone") return;
        if (end === "kept" || end === "signin") note.textContent = form.dataset.kept;
      }
    } catch {
      goOn(form.dataset.refused);
    }
    delete form.dataset.busy;
  });
}
