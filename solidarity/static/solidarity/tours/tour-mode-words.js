// Messages of coordinators that this reader has not marked as read. They come with the server's list of the tour and are
// not stored on the phone.

import { part } from "./tour-mode-now.js";

let shown = { texts: [], address: "", csrf: "" };

/** Show the messages of the server's answer: {texts, address, csrf}. */
export function showWords(words) {
  const isNew = words.texts.join("\n") !== shown.texts.join("\n");
  shown = words;
  part("words").hidden = !words.texts.length;
  part("words-answer").href = words.address;
  if (!isNew) return; // screen readers hear each message once
  const lines = words.texts.map((textContent) => Object.assign(document.createElement("p"), { textContent, dir: "auto" }));
  part("words-list").replaceChildren(...lines);
}

part("words-read").addEventListener("click", async () => {
  const body = new URLSearchParams({ csrfmiddlewaretoken: shown.csrf });
  const sent = { method: "POST", body, credentials: "same-origin" };
  const answer = await fetch(`${shown.address}read/`, sent).catch(() => null);
  part("words").hidden = Boolean(answer?.ok);
});
