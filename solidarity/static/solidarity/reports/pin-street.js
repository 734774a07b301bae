// The street under a pin, from our own server. The point goes in the body of a POST, so that no log holds it.

const PAUSE = 250; // milliseconds without another move
const ROUND = 5; // decimals of a degree: about 1 m

/**
 * Update a line of text that names the street of a place. line: [data-pin-street] with data-near (address) and
 * data-unknown (words). Returns show(point) for a point { lat, lng }; null empties the line. Without network the line
 * stays empty.
 */
export function streetLine(line) {
  const token = line.closest("form")?.elements.namedItem("csrfmiddlewaretoken")?.value ?? "";
  let waiting = 0;
  let asking = null;

  async function ask({ lat, lng }) {
    const body = new FormData();
    body.set("csrfmiddlewaretoken", token);
    body.set("latitude", lat.toFixed(ROUND));
    body.set("longitude", lng.toFixed(ROUND));
    asking = new AbortController();
    try {
      const answer = await fetch(line.dataset.near, { method: "POST", body, signal: asking.signal });
      if (!answer.ok) return;
      const { near } = await answer.json();
      line.textContent = near || line.dataset.unknown;
    } catch {
      // No network, or the pin has moved on.
    }
  }

  return (point) => {
    window.clearTimeout(waiting);
    asking?.abort();
    line.textContent = "";
    if (point) waiting = window.setTimeout(ask, PAUSE, point);
  };
}
