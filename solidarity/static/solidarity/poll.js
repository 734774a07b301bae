// Asks an address of the page again and again. The server answers 304 as long as the page is up to date.

const OFTEN = 15; // number of answers without news after which it asks less often

/** Ask every `every` milliseconds, and when the page is shown again or the network comes back.
 *  address, etag: functions that return what to ask, and the ETag of what the page shows ("" to get it in any case).
 *  seldom: milliseconds between two questions when nothing changes, and in data-saving mode.
 *  whileHidden: whether it also asks while nobody sees the page. timeout: milliseconds to wait for an answer.
 *  changed(answer): called with new content; same(): called after 304; lost(status): after everything else, and after
 *  an error in `changed`; status is 0 without an answer. Returns a function that asks at once. */
export function poll({
  address, etag, every, seldom = every, whileHidden = false, timeout = 10e3, changed, same = () => {}, lost = () => {},
}) {
  let timer = 0;
  let asking = false;
  let again = false; // this request came while an answer was on its way
  let unchanged = 0;

  const pauses = () => document.hidden && !whileHidden;

  function plan() {
    window.clearTimeout(timer);
    if (pauses()) return;
    timer = window.setTimeout(ask, unchanged > OFTEN || navigator.connection?.saveData ? seldom : every);
  }

  async function ask() {
    again = asking;
    if (asking || pauses()) return;
    asking = true;
    window.clearTimeout(timer);
    let status = 0;
    try {
      const shown = etag();
      const answer = await fetch(address(), {
        headers: shown ? { "If-None-Match": shown } : {}, credentials: "same-origin", redirect: "error",
        cache: "no-store", signal: AbortSignal.timeout(timeout),
      });
      status = answer.status;
      if (status !== 200 && status !== 304) throw new Error(String(status));
      unchanged = status === 304 ? unchanged + 1 : 0;
      if (etag() !== shown) return; // the page was read again in the meantime
      await (status === 304 ? same() : changed(answer));
    } catch {
      lost(status);
    } finally {
      asking = false;
      if (again) ask();
      else plan();
    }
  }

  document.addEventListener("visibilitychange", () => {
    if (pauses()) window.clearTimeout(timer);
    else if (!document.hidden) ask();
  });
  window.addEventListener("online", ask);
  plan();
  return ask;
}
