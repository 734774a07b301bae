// Convert a track into passes through cells, on the phone. A track is a list of legs; a leg is a list of points
// {t, lat, lng}, in milliseconds and degrees. Between two legs nothing was measured: there was a pause or a gap.

export const GAP = 5 * 60e3; // after a longer time without a position, the place is unknown
const STILL = 30 * 60e3; // the limit if the next position is in the same cell
const STEP = 20e3;
const ABSENCE = 2; // minutes; as in needs/base/records/time_per_cell.py
const TOLERANCE = 15; // metres
const METRE = 1 / 111320;

/** Add a point; a new leg begins where too much time is missing. cellOf(lat, lng). */
export function extend(legs, point, cellOf) {
  const leg = legs.at(-1);
  const last = leg?.at(-1);
  if (!last) {
    if (leg) leg.push(point);
    else legs.push([point]);
    return;
  }
  const missing = point.t - last.t;
  if (missing <= 0) return; // the phone's clock was set back
  const same = cellOf(last.lat, last.lng) === cellOf(point.lat, point.lng);
  if (missing > (same ? STILL : GAP)) legs.push([point]);
  else leg.push(point);
  if (legs.at(-1).length % 120 === 0) legs[legs.length - 1] = thin(legs.at(-1));
}

/** Simplify a leg (Douglas–Peucker with time). The place is never more than TOLERANCE metres off, at any time. */
export function thin(leg) {
  if (leg.length < 3) return leg;
  const [first, last] = [leg[0], leg.at(-1)];
  let worst = 0;
  let where = 0;
  for (let index = 1; index < leg.length - 1; index += 1) {
    const off = metres(leg[index], between(first, last, (leg[index].t - first.t) / (last.t - first.t)));
    if (off > worst) [worst, where] = [off, index];
  }
  if (worst <= TOLERANCE) return [first, last];
  return [...thin(leg.slice(0, where + 1)).slice(0, -1), ...thin(leg.slice(where))];
}

function between(a, b, part) {
  return { lat: a.lat + (b.lat - a.lat) * part, lng: a.lng + (b.lng - a.lng) * part };
}

function metres(a, b) {
  const wide = Math.cos((a.lat * Math.PI) / 180);
  return Math.hypot(a.lat - b.lat, (a.lng - b.lng) * wide) / METRE;
}

/** Return the passes through cells in order, as {cell, minutes}. stays: [{cell, from, to}], the ticked cells; most: the
 *  limit of all minutes together. A stay of less than ABSENCE outside a cell does not end a pass. */
export function passesOf(legs, stays, cellOf, most) {
  const runs = stays.map(({ cell, from, to }) => ({ cell, from, minutes: (to - from) / 60e3 }));
  for (const leg of legs) {
    for (let index = 1; index < leg.length; index += 1) {
      const [a, b] = [leg[index - 1], leg[index]];
      const pieces = Math.max(1, Math.ceil((b.t - a.t) / STEP));
      const time = (b.t - a.t) / pieces;
      for (let piece = 0; piece < pieces; piece += 1) {
        const { lat, lng } = between(a, b, (piece + 0.5) / pieces);
        runs.push({ cell: cellOf(lat, lng), from: a.t + piece * time, minutes: time / 60e3 });
      }
    }
  }
  const [passes, latest] = [[], new Map()];
  let clock = 0;
  for (const { cell, minutes } of runs.filter((run) => run.minutes > 0).sort((a, b) => a.from - b.from)) {
    let pass = latest.get(cell);
    if (!pass || clock - pass.left >= ABSENCE) {
      pass = { cell, minutes: 0 };
      latest.set(cell, pass);
      passes.push(pass);
    }
    clock += minutes;
    pass.minutes += minutes;
    pass.left = clock;
  }
  const share = Math.min(1, most / clock);
  return passes.map(({ cell, minutes }) => ({ cell, minutes: minutes * share }));
}
