// Compute the time of an event even if the phone's clock is wrong by days. Shared by pages and the service worker.
//
// An item stores the phone's time (`wall`) and the last known difference from the server's clock (`contact`: {offset,
// server}, from the latest answer; offset = server − phone). The phone sends the age of an item, never a time of day.

(function (scope) {
  "use strict";

  const SAME = 2 * 60e3; // ms; if the offset changed by less, the clock was not set
  const SLACK = 60e3;

  /** Return the milliseconds since an item was queued. now: {offset, server}, just measured; wall: the phone's time. */
  function ago(item, now, wall = Date.now()) {
    const arrival = wall + now.offset;
    const before = item.contact ?? null;
    const earliest = before ? before.server - SLACK : -Infinity;
    const latest = arrival + SLACK;
    const steady = item.wall + now.offset; // this is right if the clock was not changed since
    let queuedAt = steady;
    if (before && Math.abs(before.offset - now.offset) > SAME) {
      // The clock was changed, either before or after the item was queued. Only one of the two guesses lies between the
      // last contact and now.
      const changedSince = item.wall + before.offset;
      queuedAt = [changedSince, steady].find((guess) => guess >= earliest && guess <= latest) ?? steady;
    }
    queuedAt = Math.min(Math.max(queuedAt, before ? before.server : -Infinity), arrival);
    return Math.max(0, arrival - queuedAt);
  }

  scope.solidarity = { ...scope.solidarity, datetimes: { ago } };
})(globalThis);
