// From a zone to a form: the form's map opens at the zone. The zone's box stays in this tab for a few minutes and is in
// no address.

const KEY = "solidarity.start-here";
const MINUTES = 10;

/** The box (west, south, east, north) of the zone that the reader left a moment ago; null without one. */
export function startBox() {
  try {
    const { box, until } = JSON.parse(window.sessionStorage.getItem(KEY)) ?? {};
    return Date.now() < until && box.length === 4 && box.every(Number.isFinite) ? box : null;
  } catch {
    return null;
  }
}

document.addEventListener("click", (event) => {
  const bounds = event.target.closest("[data-start-here]")?.closest("[data-bounds]")?.dataset.bounds;
  if (!bounds) return;
  const stored = { box: bounds.split(",").map(Number), until: Date.now() + MINUTES * 60_000 };
  try {
    window.sessionStorage.setItem(KEY, JSON.stringify(stored));
  } catch {
    // Storage is blocked: the map opens at the territory.
  }
});
