// The panel beside the map: the list of zones, or one zone. Without this script its links open pages without the map.

import "./start-here.js";
import { fragment, queryWith } from "./fragments.js";

/**
 * root: the element [data-map] of the page. settings: the settings of the page. on: { choose(key, bounds), leave(),
 * listed(), failed(yes) }. Returns { open(key, options), close(), list(address) }.
 */
export function panel(root, settings, on) {
  const overview = root.querySelector("[data-overview]");
  const card = root.querySelector("[data-zone-panel]");
  const zones = root.querySelector("[data-zone-list]");
  const sheet = root.querySelector("[data-sheet]");
  const body = root.querySelector("[data-panel-body]");
  let latest = 0;
  let origin = "";

  function show(isCard) {
    overview.hidden = isCard;
    card.hidden = !isCard;
    body.scrollTop = 0;
    if (isCard && sheet.dataset.sheet === "peek") sheet.dataset.sheet = "half";
  }

  /** Tell the map which zone the card shows. */
  function point({ zoom }) {
    const shown = card.querySelector("[data-zone-card]");
    if (!shown) return;
    const bounds = shown.dataset.bounds.split(",").map(Number);
    on.choose(shown.dataset.key, zoom ? bounds : null);
  }

  async function open(key, { zoom = false, push = true, focus = true } = {}) {
    const turn = ++latest;
    card.setAttribute("aria-busy", "true");
    try {
      const html = await fragment(settings.zone.replace("KEY", key) + queryWith({ zone: null }));
      if (turn !== latest) return;
      card.innerHTML = html;
      on.failed(false);
    } catch {
      if (turn === latest) on.failed(true);
      return;
    } finally {
      card.removeAttribute("aria-busy");
    }
    if (push) window.history.pushState({}, "", window.location.pathname + queryWith({ zone: key }));
    show(true);
    point({ zoom });
    if (focus) card.querySelector("[data-zone-title]")?.focus({ preventScroll: true });
  }

  function close({ push = true } = {}) {
    latest += 1;
    if (push) window.history.pushState({}, "", window.location.pathname + queryWith({ zone: null }));
    const key = origin || card.querySelector("[data-zone-card]")?.dataset.key;
    show(false);
    card.replaceChildren();
    on.leave();
    zones?.querySelector(`[data-zone="${key}"]`)?.focus();
    origin = "";
  }

  async function list(address) {
    if (!zones) return;
    zones.setAttribute("aria-busy", "true");
    try {
      zones.innerHTML = await fragment(address);
      on.listed();
      on.failed(false);
    } catch {
      on.failed(true);
    } finally {
      zones.removeAttribute("aria-busy");
    }
  }

  root.addEventListener("click", (event) => {
    if (event.defaultPrevented || event.button || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey)
      return;
    const zone = event.target.closest("[data-zone]");
    if (zone) {
      event.preventDefault();
      origin = zone.dataset.zone;
      open(zone.dataset.zone, { zoom: true });
    }
    if (event.target.closest("[data-zone-back]")) {
      event.preventDefault();
      close();
    }
    const page = event.target.closest("[data-list-page]");
    if (page) {
      event.preventDefault();
      list(page.getAttribute("href")).then(() => zones.querySelector("[data-zone]")?.focus());
    }
  });
  card.addEventListener("keydown", (event) => {
    if (event.key === "Escape") close();
  });

  return { open, close, list, point };
}
