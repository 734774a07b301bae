// “Meals and events”: the phone is asked for its position only after a tap. The position is rounded and sent in the
// body of a POST.

import { position, rounded } from "../find_help/places-list.js";

const root = document.querySelector("[data-events]");
const form = root.querySelector("[data-events-form]");
const say = (text) => { root.querySelector("[data-events-state]").textContent = text; };

function goTo({ lat, lng }, label = "") {
  const values = { latitude: rounded(lat), longitude: rounded(lng), label };
  for (const [name, value] of Object.entries(values)) form.querySelector(`input[name=${name}]`).value = value;
  form.submit();
}

root.querySelector("[data-events-here]").addEventListener("click", async () => {
  say(root.dataset.looking);
  try {
    goTo(await position());
  } catch {
    say(root.dataset.refused);
  }
});

// As soon as a list is shown, another day or kind is shown at once.
const show = root.querySelector("[data-events-show]");
if (show) {
  for (const choice of form.querySelectorAll("[name=day], [name=kind]")) {
    choice.addEventListener("change", () => {
      form.querySelector("[name=place_query]").value = ""; // a typed place is never in an address
      form.requestSubmit(show);
    });
  }
}

/** The search is loaded when somebody types; a territory has a page of its own. */
const box = root.querySelector("[data-place-search]");
box?.addEventListener("focusin", async () => {
  try {
    const { placeSearch } = await import("../map/search.js");
    placeSearch(box, {
      quiet: true,
      choose: ({ slug, latitude, longitude, label }) => {
        if (slug) window.location.assign(`${root.dataset.page}in/${slug}/`);
        else goTo({ lat: latitude, lng: longitude }, label);
      },
    });
  } catch {
    box.querySelector("[data-place-search-state]").textContent = box.dataset.offline;
  }
}, { once: true });
root.dataset.ready = "";
