// A list of places as the server wrote it (templates/needs/find_help/places_near.html). It is fetched for a rounded
// position and kept on the phone. Without a network, the phone updates what is open now, how far it is, and the order.

const KEPT = "solidarity-places"; // the last list, and the page with its files; deleted at sign-out
const LAST = "/find/near/";
const METRES_A_DEGREE = 111_195;
const DETOUR = 1.3;
const METRES_A_MINUTE = 75; // 4.5 km an hour
const ORDER = ["open", "unknown", "later", "full", "closed"];

/** About 100 m: nothing finer leaves the phone. */
export const rounded = (degrees) => degrees.toFixed(3);

/** The phone's position as {lat, lng}; rejects if it is not available. Call it only after a tap. */
export function position() {
  return new Promise((found, refused) => {
    if (!navigator.geolocation) {
      refused(new Error("no geolocation"));
      return;
    }
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => found({ lat: coords.latitude, lng: coords.longitude }),
      refused,
      { timeout: 12000, maximumAge: 60000 },
    );
  });
}

/** Fetch the list around a position and keep it on this phone. The position is in the body, never in an address. who:
 * the people for whom the places must be open. */
export async function fetchList(address, { lat, lng }, who = "") {
  const body = new URLSearchParams({ latitude: rounded(lat), longitude: rounded(lng), ...(who && { who }) });
  const answer = await fetch(address, { method: "POST", body, credentials: "same-origin" });
  if (!answer.ok) throw new Error(`status ${answer.status}`);
  const html = await answer.text();
  await keepList(html);
  return html;
}

async function keepList(html) {
  const cache = await window.caches?.open(KEPT).catch(() => null);
  await cache?.put(LAST, new Response(html, { headers: { "Content-Type": "text/html" } })).catch(() => {});
}

/** The list that was seen last on this phone, or "". */
export async function keptList() {
  const kept = await window.caches?.match(LAST, { cacheName: KEPT }).catch(() => null);
  return kept ? kept.text() : "";
}

/** Keep this page and the files that it uses, so that it opens without a network. */
export async function keepPage(address) {
  const cache = await window.caches?.open(KEPT).catch(() => null);
  if (!cache) return;
  const page = await fetch(address, { credentials: "same-origin" }).catch(() => null);
  if (page?.ok) await cache.put(address, page);
  const modules = performance.getEntriesByType("resource").map(({ name }) => new URL(name));
  const files = modules.filter(({ origin, pathname }) => origin === window.location.origin && /\.(css|js|svg)$/.test(pathname));
  for (const { pathname } of files) if (!(await caches.match(pathname))) await cache.add(pathname).catch(() => {});
}

export async function forget() {
  await window.caches?.delete(KEPT);
}

function metresBetween(one, [lat, lng]) {
  const east = (lng - one.lng) * Math.cos((one.lat * Math.PI) / 180);
  return Math.hypot(lat - one.lat, east) * METRES_A_DEGREE;
}

/** A list inside `box`. */
export class PlacesList {
  constructor(box, html = null) {
    if (html !== null) box.innerHTML = html; // from this site's own server, see fetchList
    this.list = box.querySelector("[data-places-list]");
    this.none = box.querySelector("[data-places-none]");
    this.calls = box.querySelectorAll("[data-for-kind]");
    this.words = JSON.parse(this.list.dataset.words);
    this.rows = [...this.list.children];
    this.here = null;
  }

  get made() {
    return this.words.made;
  }

  /** Show the places of a kind for some people. here: {lat, lng}, if known. most: the largest number of rows. */
  show({ kind, who = "", here = null, most = 12 }) {
    this.here = here ?? this.here;
    const now = Date.now() / 60e3;
    const found = this.rows.map((row) => ({ row, ...this.stateOf(row, now), metres: this.metresTo(row) }));
    found.sort((a, b) => (a.secret - b.secret) || (a.rank - b.rank) || (a.from - b.from) || (a.metres - b.metres));
    this.list.append(...found.map(({ row }) => row));
    let shown = 0;
    for (const { row, state, words, metres } of found) {
      const { kinds, who: open } = row.dataset;
      const fits = kinds.split(" ").includes(kind) && (!who || open.split(" ").includes(who));
      row.hidden = !fits || shown >= most;
      if (!row.hidden) shown += 1;
      row.dataset.state = state;
      const said = row.querySelector("[data-place-state]");
      if (said) said.textContent = words;
      const minutes = row.querySelector("[data-place-minutes]");
      if (minutes && this.here) {
        const number = Math.max(1, Math.round((metres * DETOUR) / METRES_A_MINUTE));
        minutes.textContent = this.words.minutes.replace("MINUTES", number);
      }
    }
    this.none.hidden = shown > 0;
    for (const line of this.calls) line.hidden = line.dataset.forKind !== kind;
    return shown;
  }

  metresTo(row) {
    if (!row.dataset.at) return 0;
    const point = row.dataset.at.split(",").map(Number);
    if (this.here) return metresBetween(this.here, point);
    return this.rows.indexOf(row); // as the server ordered them
  }

  /** The state of a place now, from its opening times: {state, rank, from, words, secret}. now: minutes since 1970. */
  stateOf(row, now) {
    const { spans, full, at } = row.dataset;
    const isFull = full !== undefined && now < Number(full);
    const all = spans?.split(" ").filter(Boolean).map((span) => span.split("-").map(Number));
    const span = all?.find(([, end]) => now < end);
    let [state, words, from] = ["closed", this.words.closed, 0];
    if (isFull && (!all || (span && now >= span[0]))) [state, words] = ["full", this.words.full];
    else if (!all) [state, words] = ["unknown", this.words.unknown];
    else if (span && now >= span[0]) {
      state = "open";
      words = span[1] - now < 20 * 60 ? this.words.until.replace("TIME", this.clock(span[1])) : this.words.open;
    } else if (span) [state, words, from] = ["later", this.opensWords(span[0], now), span[0]];
    return { state, words, from, rank: ORDER.indexOf(state), secret: Number(!at) };
  }

  opensWords(minute, now) {
    const days = [0, 24 * 60].map((more) => this.day(now + more));
    const text = [this.words.today, this.words.tomorrow][days.indexOf(this.day(minute))] ?? this.words.later;
    return text.replace("DAY", this.day(minute)).replace("TIME", this.clock(minute));
  }

  clock(minute) {
    return this.format(minute, { hour: "2-digit", minute: "2-digit" });
  }

  day(minute) {
    return this.format(minute, { day: "2-digit", month: "2-digit" });
  }

  format(minute, parts) {
    return new Intl.DateTimeFormat("en-GB", { ...parts, timeZone: this.words.zone }).format(minute * 60e3);
  }
}
