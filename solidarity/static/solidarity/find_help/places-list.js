// A list of places as the server wrote it (templates/needs/find_help/places_near.html). It is fetched for a rounded
// position and kept on the phone. Without a network, the phone updates what is open now, how far it is, and the order.

const KEPT = "solidarity-places"; // the last list, and the page with its files; deleted at sign-out
const LAST = "/find/near/";
const METRES_A_DEGREE = 111_195;
const DETOUR = 1.3;
const METRES_A_MINUTE = 75; // 4.5 km an hour
const ORDER = ["open", "unknown", "later", "full", "closed"]; // Openness in needs/guide/find_help/open_times.py

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

export async function keepList(html) {
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
    this.full = box.querySelector("[data-places-full]");
    this.fullList = this.full.querySelector("ol");
    this.rows = [...this.list.children, ...this.fullList.children];
    this.here = null;
  }

  get made() {
    return this.words.made;
  }

  /** Show the places of a kind for some people. here: {lat, lng}, if known. most: the largest number of rows. */
  show({ kind, who = "", here = null, most = 12 }) {
    this.here = here ?? this.here;
    const now = Date.now() / 60e3;
    const found = this.rows.map((row) => ({ row, ...this.stateOf(row, now, this.minutesTo(row)) }));
    found.sort((a, b) => (a.secret - b.secret) || (a.rank - b.rank)
      || (who ? 0 : a.someOnly - b.someOnly) || (a.inside - b.inside));
    let shown = 0;
    let full = 0;
    for (const { row, state, words, minutes, late, secret } of found) {
      const { kinds, who: open, noneFree = "" } = row.dataset;
      const isFull = !secret && (state === "full" || noneFree.split(" ").includes(kind));
      (isFull ? this.fullList : this.list).append(row);
      const fits = kinds.split(" ").includes(kind) && (!who || open.split(" ").includes(who));
      row.hidden = !fits || (isFull ? full : shown) >= most;
      if (!row.hidden && isFull) full += 1;
      else if (!row.hidden) shown += 1;
      row.dataset.state = state;
      const said = row.querySelector("[data-place-state]");
      if (said) said.textContent = words;
      const walk = row.querySelector("[data-place-minutes]");
      if (walk && this.here) walk.textContent = this.words.minutes.replace("MINUTES", minutes);
      row.querySelector("[data-place-late]")?.toggleAttribute("hidden", !late);
    }
    this.full.hidden = full === 0;
    this.full.querySelector("summary").textContent = this.words.fullOnes.replace("NUMBER", full);
    this.none.hidden = shown + full > 0;
    const hour = Number(this.format(now, { hour: "2-digit" }));
    const [from, until] = this.words.callFirst;
    for (const line of this.calls) {
      line.hidden = line.dataset.forKind !== kind;
      line.classList.toggle("find-call--first", hour >= from || hour < until);
    }
    return shown + full;
  }

  /** Minutes on foot to a place, from this phone, else from the point for which the server made the list. */
  minutesTo(row) {
    const { at, minutes } = row.dataset;
    if (!at || !this.here) return Number(minutes ?? 0);
    return Math.max(1, Math.round((metresBetween(this.here, at.split(",").map(Number)) * DETOUR) / METRES_A_MINUTE));
  }

  /**
   * The state of a place now, from its opening times: {state, rank, inside, words, late, minutes, someOnly, secret}.
   * now: minutes since 1970. rank, inside, late: as on the server, needs/guide/find_help/find_help_presenter.py.
   */
  stateOf(row, now, minutes) {
    const { spans, full, at } = row.dataset;
    const isFull = full !== undefined && now < Number(full);
    const all = spans?.split(" ").filter(Boolean).map((span) => span.split("-").map(Number));
    const span = all?.find(([, end]) => now < end);
    const reached = all?.find(([, end]) => now + minutes < end);
    let [state, words] = ["closed", this.words.closed];
    if (isFull && (!all || (span && now >= span[0]))) [state, words] = ["full", this.words.full];
    else if (!all) [state, words] = ["unknown", this.words.unknown];
    else if (span && now >= span[0]) {
      state = "open";
      words = span[1] - now < 20 * 60 ? this.words.until.replace("TIME", this.clock(span[1])) : this.words.open;
    } else if (span) [state, words] = ["later", this.opensWords(span[0], now)];
    const late = state === "open" && reached !== span;
    let [rank, inside] = [ORDER.indexOf(state), minutes];
    if (state === "open" || state === "later") {
      inside = reached ? Math.max(now + minutes, reached[0]) : Infinity;
      const soon = (state === "open" && !late) || inside - now <= this.words.soon;
      rank = ORDER.indexOf(!reached ? "closed" : soon ? "open" : "later");
    }
    const someOnly = Number("someOnly" in row.dataset);
    return { state, words, late, minutes, rank, inside, someOnly, secret: Number(!at) };
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
