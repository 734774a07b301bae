// “Find help now”: a tap on a picture shows the nearest places. The phone is asked for its position only after a tap.

import { PlacesList, fetchList, forget, keepList, keepPage, keptList, position } from "./places-list.js";

const root = document.querySelector("[data-find]");
const form = root.querySelector("[data-find-form]");
const part = (name) => root.querySelector(`[data-find-${name}]`);
const field = (name) => form.querySelector(`input[name=${name}]`);
const say = (text) => { part("state").textContent = text; };
const who = form.querySelector("[name=who]");
let list = null;
let here = null;

const kindNow = () => form.querySelector("[name=kind][aria-pressed=true]")?.value ?? "";

function choose(kind) {
  for (const button of form.querySelectorAll(".find-kind")) {
    button.setAttribute("aria-pressed", String(button.value === kind));
  }
  field("kind").value = kind;
  remember();
}

/** Keep the kind and the people in the address and in the links to districts; a position is in neither. */
function remember(path = window.location.pathname) {
  const chosen = new URLSearchParams({ ...(kindNow() && { kind: kindNow() }), ...(who.value && { who: who.value }) });
  const query = chosen.size ? `?${chosen}` : "";
  window.history.replaceState(null, "", path + query);
  for (const link of root.querySelectorAll("[data-find-area]")) link.search = query;
}

function show() {
  const kind = kindNow();
  if (!list || !kind) return;
  list.show({ kind, who: who.value, here });
  root.dataset.listed = "";
  part("where").open = false;
}

function use(html, found) {
  here = found;
  list = new PlacesList(part("list"), html);
  if (found) [field("latitude").value, field("longitude").value] = [found.lat.toFixed(3), found.lng.toFixed(3)];
  part("forget").hidden = !("caches" in window);
  show();
}

/** Fetch the list around a position; without a network, show the one that this phone has. */
async function goTo(found, label = "") {
  field("label").value = label;
  remember(root.dataset.page); // no longer the district of this page
  say(root.dataset.looking);
  try {
    use(await fetchList(root.dataset.near, found, who.value), found);
  } catch {
    if (!(await showKept(found))) say(root.dataset.failed);
    return;
  }
  say(label);
  keep().catch(() => {});
}

/** Once the list is shown, keep the page, and load the service worker that opens it without a network. */
async function keep() {
  await keepPage(root.dataset.page);
  await import("../phone_queue/app.js");
}

async function locate() {
  say(root.dataset.looking);
  try {
    await goTo(await position());
  } catch {
    if (await showKept()) return;
    say(root.dataset.refused);
    part("where").open = true;
  }
}

async function showKept(found = null) {
  const html = await keptList();
  if (!html) return false;
  use(html, found);
  const time = new Date(list.made).toLocaleString(document.documentElement.lang || undefined, {
    dateStyle: "short", timeStyle: "short",
  });
  say(root.dataset.old.replace("TIME", time));
  return true;
}

form.addEventListener("submit", (event) => {
  const button = event.submitter;
  if (!button?.matches(".find-kind")) return;
  event.preventDefault();
  choose(button.value);
  if (list) show();
  else locate();
});
who.addEventListener("change", () => {
  if (here) goTo(here, field("label").value);
  else {
    remember();
    show();
  }
});
part("here").addEventListener("click", locate);
part("forget").addEventListener("click", async () => {
  await forget();
  part("forget").hidden = true;
});

/** The search is loaded when somebody types; a territory has a page of its own. */
const box = root.querySelector("[data-place-search]");
box?.addEventListener("focusin", async () => {
  try {
    const { placeSearch } = await import("../map/search.js");
    placeSearch(box, {
      quiet: true,
      choose: ({ slug, latitude, longitude, label }) => {
        if (slug) window.location.assign(`${root.dataset.page}in/${slug}/${window.location.search}`);
        else goTo({ lat: latitude, lng: longitude }, label);
      },
    });
  } catch {
    box.querySelector("[data-place-search-state]").textContent = box.dataset.offline;
  }
}, { once: true });

const asked = new URLSearchParams(window.location.search);
if (!kindNow() && asked.get("kind")) { // a page that was kept on this phone does not know what its address asks for
  who.value = [...who.options].some(({ value }) => value === asked.get("who")) ? asked.get("who") : "";
  choose(asked.get("kind"));
}
if (part("list").querySelector("[data-places-list]")) {
  const html = part("list").innerHTML;
  list = new PlacesList(part("list"));
  if (navigator.onLine) keepList(html).then(keep).then(() => { part("forget").hidden = !("caches" in window); }, () => {});
}
window.setInterval(show, 60e3);
document.addEventListener("visibilitychange", () => { if (!document.hidden) show(); });
keptList().then((html) => { part("forget").hidden = !html; });
if (!navigator.onLine && !list) showKept();
root.dataset.ready = "";
