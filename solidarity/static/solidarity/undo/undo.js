// The bar that offers to undo an action for ten seconds. The time stands still while the pointer or the focus is on it.
// Hooks: [data-undo=SECONDS] (a message with a form), template[data-undo-template] (the bar of an action on the phone).

export const SECONDS = 10; // SHOWN_SECONDS of undo_offers.py, for offers of the phone itself
const TICK = 200; // milliseconds

/** Show a message with an offer as a bar, and remove it when its time is over. */
function bar(box, seconds = SECONDS) {
  let left = seconds * 1000;
  const timer = window.setInterval(() => {
    if (!box.isConnected) window.clearInterval(timer);
    if (box.matches(":hover") || box.contains(document.activeElement) || document.hidden || box.dataset.waits) return;
    left -= TICK;
    if (left <= 0) box.remove();
  }, TICK);
}

/** Offer to undo an action of this page. undo: called at most once. A screen reader reads the words. */
export function offerUndo(words, undo) {
  const place = document.querySelector("[data-undo-place]") ?? makePlace();
  const box = document.querySelector("template[data-undo-template]").content.firstElementChild.cloneNode(true);
  box.querySelector("[data-undo-words]").textContent = words;
  box.querySelector("button").addEventListener("click", () => {
    box.remove();
    undo();
  }, { once: true });
  box.classList.add("undo-bar");
  place.replaceChildren(box);
  bar(box);
}

/** The live region must be in the page before its text is. */
function makePlace() {
  const place = Object.assign(document.createElement("div"), { role: "status" });
  place.dataset.undoPlace = "";
  document.querySelector("main").prepend(place);
  return place;
}

/** Without network, Undo waits for the network; the server accepts Undo for a minute. */
function waitForNetwork(event) {
  const form = event.target;
  if (navigator.onLine) return;
  event.preventDefault();
  const box = form.closest("[data-undo]");
  box.dataset.waits = "1";
  box.querySelector("button").disabled = true;
  box.querySelector(".alert__body").textContent = form.dataset.waiting;
  window.addEventListener("online", () => form.submit(), { once: true });
}

const boxes = [...document.querySelectorAll("[data-undo]")];
boxes.at(-1)?.classList.add("undo-bar"); // two bars would cover each other
for (const box of boxes) {
  bar(box, Number(box.dataset.undo));
  box.querySelector("form").addEventListener("submit", waitForNetwork);
}
