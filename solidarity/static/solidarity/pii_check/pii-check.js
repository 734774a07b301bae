// Warns while somebody types personal data: names, telephone numbers, e-mails, health, origin. Nothing leaves the page,
// and nothing is blocked. Same algorithm and vocabulary as solidarity/lib/pii_check; tests compare the two.

import said from "./vocabulary.js";

const WAIT = 600; // ms after the last key
const LONGEST_WAIT = 1500; // ms while somebody types without a pause
const CLICK_WITHIN = 300; // ms after a finger is up
const MOST_SHOWN = 3;
const LONGEST_BEGINNING = 20;
const PLAIN = {
  "’": "'", "‘": "'", "ʼ": "'", "`": "'", "´": "'", "“": '"', "”": '"', "«": '"', "»": '"',
  "‐": "-", "‑": "-", "–": "-", "—": "-", "\u00a0": " ", "\u202f": " ", "\u2009": " ", "＠": "@",
};

const known = Object.fromEntries(Object.entries(said).map(([name, value]) => [name, compiled(value)]));

function patterns(sources, before = "") {
  return sources.map((source) => new RegExp(before ? `${before}(?:${source})` : source, "g"));
}

function wordsOf(entry) {
  const [first, ...ends] = entry.split(",");
  return [first, ...ends.map((end) => first.slice(0, 3) + end)];
}

function compiled(value) {
  if (typeof value === "string") return new Set(value.split(" ").flatMap(wordsOf));
  if (Array.isArray(value)) return patterns(value);
  const every = value.words.split(" ");
  return {
    whole: new Set(every.filter((word) => !word.endsWith("*"))),
    beginnings: new Set(every.filter((word) => word.endsWith("*")).map((word) => word.slice(0, -1))),
    phrases: patterns(value.phrases, "\\b"),
    harmless: patterns(value.not, "\\b"),
  };
}

function folded(text) {
  const bare = (letter) => /[\u00c0-\u024f\u1e00-\u1eff]/.test(letter) ? letter.normalize("NFD")[0] : letter;
  return text.replace(/[^\x00-\x7f]/g, (letter) => PLAIN[letter] ?? bare(letter));
}

function spans(every, low) {
  const span = (match) => [match.index, match.index + match[0].length];
  return every.flatMap((pattern) => Array.from(low.matchAll(pattern), span));
}

function meet([start, end], [otherStart, otherEnd]) {
  return start < otherEnd && otherStart < end;
}

function apart(every) {
  const kept = [];
  for (const [start, end] of every.sort((one, other) => one[0] - other[0] || one[1] - other[1])) {
    const last = kept.at(-1);
    if (last && start < last[1]) last[1] = Math.max(last[1], end);
    else kept.push([start, end]);
  }
  return kept;
}

function holds({ whole, beginnings }, word) {
  const parts = word.includes("-") ? [word, ...word.split("-")] : [word];
  const starts = (part) => {
    const length = Math.min(Math.max(part.length - 2, 0), LONGEST_BEGINNING - 2);
    return Array.from({ length }, (_none, at) => part.slice(0, at + 3));
  };
  return parts.some((part) => whole.has(part) || starts(part).some((some) => beginnings.has(some)));
}

function vocabulary(words, low) {
  const single = Array.from(low.matchAll(/[a-zà-ɏ]+(?:-[a-zà-ɏ]+)*/g)).filter(([word]) => holds(words, word));
  const found = [...single.map((match) => [match.index, match.index + match[0].length]), ...spans(words.phrases, low)];
  if (!found.length) return [];
  const harmless = spans(words.harmless, low);
  return found.filter((span) => !harmless.some((other) => meet(span, other)));
}

function phones(low) {
  const mask = (match) => "x".repeat(match.length);
  const bare = known.harmless.reduce((text, pattern) => text.replace(pattern, mask), low);
  return spans(known.phone, bare).map(([start, end]) => {
    const figure = /[+(]*\d/.exec(bare.slice(start, end));
    return [start + (figure ? figure.index : 0), end];
  });
}

// --- names: see solidarity/lib/pii_check/person_names.py -----------------------------------------------------------

const SAINTS = new Set(["saint", "sainte", "st", "ste", "san", "santa", "notre"]);
const [LOOK_BACK, LOOK_AHEAD] = [5, 3];

function tokensOf(plain) {
  let end = 0;
  return Array.from(plain.matchAll(/[A-Za-zÀ-ɏ]+(?:-[A-Za-zÀ-ɏ]+)*/g), (match) => {
    const gap = plain.slice(end, match.index);
    const low = match[0].toLowerCase();
    const token = {
      text: match[0], low, parts: low.split("-"), capital: match[0][0] !== low[0], gap,
      start: match.index, end: match.index + low.length, first: end === 0 || /[.!?:;\n"(•]/.test(gap),
    };
    end = token.end;
    return token;
  });
}

const bearsSaint = ({ parts }) => SAINTS.has(parts[0]) && parts.length > 1;
const isUpper = (text) => text === text.toUpperCase() && text !== text.toLowerCase();

function strange(token) {
  const groups = [known.not_names, known.place_before, known.place_after, known.connectors];
  const isKnown = (part) => groups.some((group) => group.has(part));
  return token.capital && token.low.length > 2 && ![token.low, ...token.parts].some(isKnown);
}

function titled(before, token) {
  const { low } = token;
  if (known.particles.has(low) && token.capital && (known.titles.has(before.low) || before.low === "m")) return true;
  if (low.length < 2 || known.not_names.has(low) || known.not_after_intro.has(low)) return false;
  if (["M", "Me", "Dr"].includes(before.text) && token.gap.startsWith(".")) return token.capital;
  if (!known.titles.has(before.low) || ![" ", ". "].includes(token.gap)) return false;
  return token.capital || (known.low_titles.has(before.low) && low.length > 2);
}

function capitalFollows(tokens, index) {
  const after = tokens[index + 1];
  return Boolean(after) && after.gap === " " && after.capital && !known.not_names.has(after.low);
}

function unknownPair(tokens, index) {
  const token = tokens[index];
  if (!strange(token)) return false;
  const after = tokens[index + 1];
  const before = tokens[index - 1];
  const fits = (other) => strange(other) && !(isUpper(token.text) && isUpper(other.text));
  if (after && after.gap === " " && !token.first && fits(after)) return true;
  return Boolean(before) && token.gap === " " && !before.first && fits(before);
}

function isName(tokens, index, shouted) {
  const token = tokens[index];
  const before = tokens[index - 1];
  if (before && titled(before, token)) return true;
  if (token.low.length < 2 || bearsSaint(token)) return false;
  if (!token.capital || shouted) {
    return token.low.length > 2 && token.parts.some((part) => part.length > 2 && known.names.has(part));
  }
  if (known.not_names.has(token.low)) return false;
  if (token.parts.some((part) => known.names.has(part))) return true;
  if (token.parts.some((part) => known.common.has(part))) {
    return !(token.first && known.starters.has(token.low)) || capitalFollows(tokens, index);
  }
  const cued = Boolean(before) && known.cues.has(before.low) && token.gap === " ";
  return unknownPair(tokens, index) || (cued && strange(token) && !isUpper(token.text));
}

function inAPlace(tokens, index) {
  const own = tokens[index];
  if (bearsSaint(own)) return true;
  const numbered = /\d[ ,]{1,2}$/;
  if (numbered.test(own.gap) || (index && numbered.test(tokens[index - 1].gap))) return own.capital;
  for (let back = index - 1; back >= Math.max(index - LOOK_BACK, 0); back -= 1) {
    if (!/^[ '.,/-]{1,2}$/.test(tokens[back + 1].gap)) break;
    const token = tokens[back];
    if ([token.low, ...token.parts].some((part) => known.place_before.has(part))) return true;
    if (!(token.capital || known.connectors.has(token.low) || known.names.has(token.low)) || token.first) break;
  }
  for (let ahead = index + 1; ahead < Math.min(index + 1 + LOOK_AHEAD, tokens.length); ahead += 1) {
    const token = tokens[ahead];
    if (![" ", "'", "-"].includes(token.gap)) break;
    if (known.place_after.has(token.low) && token.capital === own.capital) return true;
    if (!(token.capital || ["s", "and", "of", "the"].includes(token.low) || known.names.has(token.low))) break;
  }
  return false;
}

function canBeOne(token, strict) {
  if (token.low.length < 2 || known.not_after_intro.has(token.low) || known.not_names.has(token.low)) return false;
  const sure = token.parts.some((part) => known.names.has(part));
  if (sure || token.parts.some((part) => known.common.has(part))) return token.capital || strict || sure;
  return strict && !token.parts.some((part) => known.place_before.has(part));
}

function introduced(plain, tokens) {
  const low = plain.toLowerCase();
  const at = new Map(tokens.map((token, index) => [token.start, index]));
  const after = (every, allowed) => spans(every, low).map(([, end]) => at.get(end))
    .filter((index) => index !== undefined && allowed(index));
  return [
    ...after(known.intro, (index) => canBeOne(tokens[index], true)),
    ...after(known.weak_intro, (index) => canBeOne(tokens[index], false) && !inAPlace(tokens, index)),
    ...after(known.capital_intro, (index) => strange(tokens[index])),
  ].map((index) => [tokens[index].start, tokens[index].end]);
}

function names(plain) {
  const tokens = tokensOf(plain);
  const shouted = tokens.length > 2 && isUpper(plain);
  const found = tokens.map((_token, index) => index)
    .filter((index) => isName(tokens, index, shouted) && !inAPlace(tokens, index));
  return [...introduced(plain, tokens), ...found.map((index) => [tokens[index].start, tokens[index].end])];
}

/** Return the findings in a text, ordered by position: [{kind, start, end, words}]. */
export function find(text, kinds = ["name", "phone", "email", "health", "origin"]) {
  const whole = text.normalize("NFC");
  const plain = folded(whole);
  const low = plain.toLowerCase();
  const finders = {
    email: () => spans(known.email, low), phone: () => phones(low), health: () => vocabulary(known.health, low),
    origin: () => vocabulary(known.origin, low), name: () => names(plain),
  };
  const finding = (kind, start, end) => ({ kind, start, end, words: whole.slice(start, end).trim() });
  const found = kinds.flatMap((kind) => apart(finders[kind]()).map(([start, end]) => finding(kind, start, end)));
  const mails = found.filter(({ kind }) => kind === "email");
  return found
    .filter((one) => one.kind !== "name" || !mails.some((mail) => meet([one.start, one.end], [mail.start, mail.end])))
    .sort((one, other) => one.start - other.start || (one.kind < other.kind ? -1 : 1));
}

// --- on the page -------------------------------------------------------------------------------------------------

/** Return whether a text describes danger to life. The rules are large, so only a finding about health loads them. */
async function tellsOfDanger(text) {
  try {
    const { flagsIn } = await import("../danger/matcher.js");
    return flagsIn(text).size > 0;
  } catch {
    return false; // offline and not cached yet
  }
}

/** Return the findings to warn about: without health details if the text describes danger to life, which needs them. */
export async function look(text, kinds) {
  const found = find(text, kinds);
  const danger = found.some(({ kind }) => kind === "health") && await tellsOfDanger(text);
  return danger ? found.filter(({ kind }) => kind !== "health") : found;
}

let released = () => {};
let pressed = Promise.resolve(); // fulfilled when no finger and no mouse button is down
document.addEventListener("pointerdown", ({ button }) => {
  released();
  if (button === 0) pressed = new Promise((resolve) => { released = resolve; });
}, true);
// A list of choices can hide the end of a tap from the page; a key shows that it is over.
for (const end of ["click", "pointercancel", "keydown"]) document.addEventListener(end, () => released(), true);
// On a touchscreen, the click comes some time after the finger is up. Without a click, it was no tap.
document.addEventListener("pointerup", () => { setTimeout(released, CLICK_WITHIN); }, true);

/** Wait for the end of a tap. A warning that is drawn earlier moves the button under the finger, and the tap is lost. */
async function tapped() {
  await pressed;
  await new Promise((resolve) => { setTimeout(resolve); }); // after the click
}

/** Return the warning of a field. Its texts are in the field's data attributes, in the reader's language. */
class CheckedField {
  constructor(field) {
    this.field = field;
    this.kinds = field.dataset.piiCheck.split(" ");
    this.reasons = JSON.parse(field.dataset.piiReasons);
    this.box = document.createElement("div");
    this.box.className = "pii-check";
    this.box.setAttribute("aria-live", "polite");
    field.before(this.box); // above: a keyboard covers what is below
  }

  later() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.look(), WAIT);
    this.latest ??= setTimeout(() => this.look(this.finishedWords()), LONGEST_WAIT);
  }

  /** Return the text without the word that is being typed. */
  finishedWords() {
    return this.field.value.replace(/\S+$/, "");
  }

  async look(text = this.field.value) {
    if (text === this.field.value) clearTimeout(this.timer);
    clearTimeout(this.latest);
    this.latest = null;
    const found = await look(text, this.kinds);
    await tapped();
    if (!this.field.value.startsWith(text)) return;
    const kinds = this.kinds.filter((kind) => found.some((each) => each.kind === kind));
    const lines = kinds.map((kind) => [this.wordsOf(kind, found), this.reasons[kind]]);
    const print = JSON.stringify(lines);
    if (print === this.print) return;
    this.print = print;
    this.field.closest(".field")?.querySelector("[data-pii-held]")?.toggleAttribute("hidden", !kinds.length);
    this.box.replaceChildren(...(this.alreadySaid() ? [] : lines.map(([words, reason]) => line(words, reason))));
    this.box.dataset.kinds = kinds.join(" ");
    if (lines.length && document.activeElement === this.field) this.field.scrollIntoView({ block: "nearest" });
  }

  /** Return whether the server already shows this warning with its checkbox. */
  alreadySaid() {
    return Boolean(this.field.closest(".field")?.querySelector("[data-pii-held]:not([hidden])"));
  }

  wordsOf(kind, found) {
    const words = [...new Set(found.filter((each) => each.kind === kind).map((each) => each.words))];
    return words.slice(0, MOST_SHOWN).map((each) => `“${each}”`).join(", ");
  }
}

function line(words, reason) {
  const [before, after] = reason.split("%(words)s");
  const strong = document.createElement("strong");
  strong.textContent = words;
  const made = document.createElement("p");
  made.append(before, strong, after ?? "");
  return made;
}

const checks = new WeakMap();

function checkOf(field) {
  if (!checks.has(field)) checks.set(field, new CheckedField(field));
  return checks.get(field);
}

// The listeners also handle fields that are added later (htmx).
document.addEventListener("input", ({ target }) => { if (target.dataset?.piiCheck) checkOf(target).later(); });
document.addEventListener("focusout", ({ target }) => { if (target.dataset?.piiCheck) checkOf(target).look(); });
for (const field of document.querySelectorAll("[data-pii-check]")) if (field.value) checkOf(field).look();
