// When something happened, on a phone whose clock may be days off. Shared by pages and the service worker.
//
// An item keeps what the phone's clock said (`wall`) and what was known of the server's clock then (`contact`: {offset,
// server}, from the latest answer; offset = server − phone). What is sent is how long ago it was, never a time of day.

(function (scope) {
  "use strict";

  const SAME = 2 * 60e3; // clocks that differ by less than this were not changed
  const SLACK = 60e3;

  /** Milliseconds since an item was queued. now: {offset, server}, just measured; wall: what the phone's clock says now. */
  function ago(item, now, wall = Date.now()) {
    const arrival = wall + now.offset;
    const before = item.contact ?? null;
    const earliest = before ? before.server - SLACK : -Infinity;
    const latest = arrival + SLACK;
    const steady = item.wall + now.offset; // right if the clock has not been changed since
    let moment = steady;
    if (before && Math.abs(before.offset - now.offset) > SAME) {
      // It was changed: after the item was queued, or before. Only one of the two fits between the last contact and now.
      const changedSince = item.wall + before.offset;
      moment = [changedSince, steady].find((guess) => guess >= earliest && guess <= latest) ?? steady;
    }
    moment = Math.min(Math.max(moment, before ? before.server : -Infinity), arrival);
    return Math.max(0, arrival - moment);
  }

  scope.solidarity = { ...scope.solidarity, moment: { ago } };
})(globalThis);
