// HTML fragments from our own server, for the panel.

/** The order of the list without a choice (mapping/map/pages/zone_list.py). */
export const DEFAULT_ORDER = "unhelped";

/** Fetch an HTML fragment. If the session has ended, reload the page, which leads to the sign-in. */
export async function fragment(address) {
  const response = await fetch(address, { headers: { "HX-Request": "true" }, credentials: "same-origin" });
  if (response.redirected) {
    window.location.reload();
    return new Promise(() => {});
  }
  if (!response.ok) throw new Error(`status ${response.status}`);
  return response.text();
}

/** Return the state from the address bar: { statuses: keys, sort: order of the list, zone: key or "" }. */
export function stateOfAddress() {
  const query = new URLSearchParams(window.location.search);
  return { statuses: query.getAll("status"), sort: query.get("sort") ?? DEFAULT_ORDER, zone: query.get("zone") ?? "" };
}

/** Return the address bar's query with some entries changed; null or "" removes an entry. */
export function queryWith(changes) {
  const query = new URLSearchParams(window.location.search);
  for (const [name, value] of Object.entries(changes)) {
    query.delete(name);
    for (const item of [value ?? []].flat()) if (item !== "") query.append(name, item);
  }
  const text = query.toString();
  return text ? `?${text}` : "";
}
