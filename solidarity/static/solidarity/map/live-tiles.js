// Keeps the live map of coordinators up to date: asks for the version of its tiles, and redraws the tiles when the
// version has changed. It pauses while the page is hidden or offline, and does nothing on phones that save data.

const EVERY = 1000; // milliseconds between questions
const SLOWEST = 60e3; // after failures

/**
 * Return { address(url) }, which adds the signed right to the address of a tile. settings: the settings of the page
 * (tiles, version). changed: called when the tiles have changed.
 */
export function liveTiles(settings, changed) {
  const [before] = (window.location.origin + settings.tiles).split("{z}");
  let right = "";
  let known = "";
  let until = 0;
  let wait = EVERY;
  let timer = 0;

  async function ask() {
    window.clearTimeout(timer);
    if (document.hidden || !navigator.onLine) return; // visibilitychange and online ask again
    const current = Date.now() < until && right;
    const address = settings.version + (current ? `?v=${encodeURIComponent(right)}` : "");
    const headers = current && known ? { "If-None-Match": known } : {};
    const answer = await fetch(address, { credentials: "same-origin", cache: "no-store", headers }).catch(() => null);
    if (answer?.status === 404) return; // this reader may no longer see the live map
    wait = answer && (answer.ok || answer.status === 304) ? EVERY : Math.min(wait * 2, SLOWEST);
    if (answer?.ok) take(await answer.json(), answer.headers.get("ETag"), !current);
    timer = window.setTimeout(ask, wait * (0.9 + Math.random() * 0.2));
  }

  function take(found, version, renewed) {
    const other = known && version !== known;
    if (renewed) until = Date.now() + found.seconds * 900;
    [right, known] = [found.right, version];
    if (other) changed();
  }

  document.addEventListener("visibilitychange", ask);
  window.addEventListener("online", ask);
  ask();
  // A right that has expired is left out; the server then checks the session instead.
  const holds = (url) => right && Date.now() < until && url.startsWith(before);
  return { address: (url) => (holds(url) ? `${url}?v=${encodeURIComponent(right)}` : url) };
}
