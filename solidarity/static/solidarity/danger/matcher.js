// Danger words in free text: a pure function finds which of the twelve danger flags a text raises, in nine languages
// at once. Same engine and rules as solidarity/lib/danger_words, which documents the rules; tests compare the two.

import ar from "./rules/ar.js";
import en from "./rules/en.js";
import es from "./rules/es.js";
import fr from "./rules/fr.js";
import prs from "./rules/prs.js";
import ps from "./rules/ps.js";
import ro from "./rules/ro.js";
import ti from "./rules/ti.js";
import uk from "./rules/uk.js";
import { wordsOf } from "./word-folding.js";
import { judged, LONGEST_SENTENCE } from "./word-model.js";

const EVERY = [ar, en, es, fr, prs, ps, ro, ti, uk];
const LONGEST_WORD = 40;
// minimum number of letters of a word with one error, of the beginning of a word with one error, of a word with two
// errors
const [ONE_EDIT, ONE_EDIT_IN_BEGINNING, TWO_EDITS] = [5, 6, 9];
const MOST_SENTENCES = 12;
const FEWEST_AFTER_CLITIC = 2;
const [GAP, EITHER] = [3, 4];
const [AFTER_COMMA, AFTER_END] = [2, 16]; // empty positions

// --- rules: see rules.py ----------------------------------------------------------------------------------------------

function folded(word) {
  const parts = wordsOf(word);
  if (parts.length !== 1) throw new Error(`${word} is not one word`);
  return parts[0];
}

const spaced = (text = "") => text.split(" ").filter(Boolean);

function atomOf(said) {
  const word = said.replace(/[*!]+$/, "");
  return folded(word) + said.slice(word.length);
}

function bothOrders(pattern) {
  const parts = spaced(pattern);
  const middle = parts.findIndex((part) => part.startsWith("~"));
  if (middle < 0) return [parts];
  const gap = `..${parts[middle].slice(1) || EITHER}`;
  const [left, right] = [parts.slice(0, middle), parts.slice(middle + 1)];
  return [[...left, gap, ...right], [...right, gap, ...left]];
}

function patternOf(parts, groups, cancelling, exact) {
  const steps = [];
  let gap = 0;
  for (const part of parts) {
    const marked = /^\.\.(\d*)$/.exec(part);
    if (marked) {
      gap = Number(marked[1] || GAP);
      continue;
    }
    const optional = part.endsWith("?");
    const choices = (optional ? part.slice(0, -1) : part).split("|");
    const named = choices.flatMap((word) => word.startsWith("@") ? groups[word.slice(1)] : [word]);
    steps.push({ atoms: [...new Set(named.map((word) => atomOf(exact ? `${word}!` : word)))], gap, optional });
    gap = 0;
  }
  const bare = (atom) => `${atom.replace(/!+$/, "")}!`;
  const fewest = steps.filter((step) => !step.optional).map((step) => step.atoms)
    .reduce((least, each) => each.length < least.length ? each : least);
  return { steps, fewest, negated: steps.some(({ atoms }) => atoms.some((atom) => cancelling.has(bare(atom)))) };
}

const cancellingOf = (said) => spaced(said.negation?.words).map((word) => atomOf(`${word}!`));
const SHARED = EVERY.flatMap(cancellingOf).filter((atom) => atom.length > 2);

function languageOf(said) {
  const groups = Object.fromEntries(Object.entries(said.groups ?? {}).map(([name, words]) => [name, spaced(words)]));
  const words = cancellingOf(said);
  const cancelling = new Set(words);
  const patterns = (every = [], exact = true) =>
    every.flatMap(bothOrders).map((parts) => patternOf(parts, groups, cancelling, exact));
  return {
    flags: Object.entries(said.flags).map(([flag, every]) => [flag, patterns(every, false)]),
    harmless: patterns(said.harmless),
    calm: patterns(said.calm),
    negation: { words: [...words, ...SHARED], before: said.negation?.before ?? 0, after: said.negation?.after ?? 0 },
  };
}

// --- vocabulary: see word_index.py ------------------------------------------------------------------------------------

function add(map, key, value) {
  if (map.has(key)) map.get(key).push(value);
  else map.set(key, [value]);
}

function signature(word) {
  let bits = 0;
  for (const letter of word) bits |= 1 << (letter.codePointAt(0) % 31);
  return bits;
}

function differences(one, other) {
  let bits = one ^ other;
  let count = 0;
  for (; bits; bits &= bits - 1) count += 1;
  return count;
}

function within(one, other, edits) {
  const shorter = Math.min(one.length, other.length);
  let [begin, end] = [0, 0];
  while (begin < shorter && one[begin] === other[begin]) begin += 1;
  while (end < shorter - begin && one.at(-1 - end) === other.at(-1 - end)) end += 1;
  const [left, right] = [one.slice(begin, one.length - end), other.slice(begin, other.length - end)];
  const longer = Math.max(left.length, right.length);
  if (longer <= 1) return true;
  if (edits === 1) return left.length === 2 && right.length === 2 && left[0] === right[1] && left[1] === right[0];
  return Math.abs(left.length - right.length) <= edits && distance(left, right) <= edits;
}

function distance(one, other) {
  let before = [];
  let last = Array.from({ length: other.length + 1 }, (_none, at) => at);
  for (let row = 1; row <= one.length; row += 1) {
    const line = [row];
    for (let column = 1; column <= other.length; column += 1) {
      const change = last[column - 1] + (one[row - 1] === other[column - 1] ? 0 : 1);
      let cost = Math.min(last[column] + 1, line[column - 1] + 1, change);
      const swapped = row > 1 && column > 1 && one[row - 1] === other[column - 2] && one[row - 2] === other[column - 1];
      if (swapped) cost = Math.min(cost, before[column - 2] + 1);
      line.push(cost);
    }
    [before, last] = [last, line];
  }
  return last[other.length];
}

class Vocabulary {
  constructor(atoms, said) {
    this.whole = new Map();
    this.beginnings = new Map();
    this.near = new Map();
    this.nearBeginnings = new Map();
    this.short = new Map();
    this.longestBeginning = 0;
    for (const atom of [...new Set(atoms)].sort()) this.take(atom);
    for (const rules of said) {
      for (const [word, meaning] of Object.entries(rules.short ?? {})) add(this.short, folded(word), wordsOf(meaning));
    }
    const listed = (name) => said.flatMap((rules) => spaced(rules[name]).map(folded));
    this.clitics = [...new Set(listed("clitics"))];
    this.turns = new Set(listed("turn"));
    this.known = new Set([...listed("ordinary"), ...this.turns, ...this.whole.keys(), ...this.short.keys()]);
  }

  take(atom) {
    const word = atom.replace(/[*!]+$/, "");
    const beginning = atom.includes("*");
    const fuzzy = word.length >= (beginning ? ONE_EDIT_IN_BEGINNING : ONE_EDIT) && !atom.endsWith("!");
    if (beginning) {
      add(this.beginnings, word, atom);
      this.longestBeginning = Math.max(this.longestBeginning, word.length);
      if (fuzzy) add(this.nearBeginnings, word[0] + word.length, [word, signature(word)]);
    } else {
      add(this.whole, word, atom);
      if (fuzzy) add(this.near, word[0] + word.length, [word, signature(word), word.length >= TWO_EDITS ? 2 : 1]);
    }
  }

  readings(word) {
    const meanings = this.short.get(word) ?? [];
    const longer = meanings.find((meaning) => meaning.length > 1);
    if (longer) return longer.map((each) => [each]);
    const bare = this.clitics.filter((each) => word.startsWith(each)).map((each) => word.slice(each.length));
    return [[word, ...meanings.map(([each]) => each), ...bare.filter((each) => each.length >= FEWEST_AFTER_CLITIC)]];
  }

  atomsOf(word) {
    if (word.length > LONGEST_WORD) return [];
    const found = [...(this.whole.get(word) ?? [])];
    for (let length = 1; length <= Math.min(word.length, this.longestBeginning); length += 1) {
      found.push(...(this.beginnings.get(word.slice(0, length)) ?? []));
    }
    const error = word.length >= ONE_EDIT && !this.known.has(word) && !/^\p{Nd}/u.test(word);
    return error ? [...found, ...this.withError(word)] : found;
  }

  withError(word) {
    const own = signature(word);
    const found = [];
    for (let length = word.length - 2; length <= word.length + 2; length += 1) {
      for (const [near, sign, edits] of this.near.get(word[0] + length) ?? []) {
        if (differences(own, sign) <= 2 * edits && within(word, near, edits)) found.push(near);
      }
    }
    for (let length = ONE_EDIT + 1; length <= word.length + 1; length += 1) {
      const sign = signature(word.slice(0, length));
      for (const [near, theirs] of this.nearBeginnings.get(word[0] + (length - 1)) ?? []) {
        const fits = (most) => within(word.slice(0, most), near, 1);
        if (differences(theirs & ~sign, 0) <= 1 && [length - 2, length - 1, length].some(fits)) found.push(`${near}*`);
      }
    }
    return found;
  }
}

const LANGUAGES = EVERY.map(languageOf);
const PATTERNS = LANGUAGES.flatMap(({ flags, harmless, calm }) => [...harmless, ...calm, ...flags.flatMap((each) => each[1])]);
const VOCABULARY = new Vocabulary([
  ...PATTERNS.flatMap(({ steps }) => steps.flatMap(({ atoms }) => atoms)),
  ...LANGUAGES.flatMap(({ negation }) => negation.words),
], EVERY);

const ENTRIES = LANGUAGES.flatMap(({ flags, negation }) =>
  flags.flatMap(([flag, patterns]) => patterns.map((pattern) => ({ flag, negation, pattern }))));

// --- reading: see text_bits.py. A text is one BigInt per atom, with one bit per position. -----------------------

class Reading {
  constructor(words) {
    const places = new Map();
    const known = new Map();
    this.parts = []; // for each part: beginning of its sentence, its beginning, its end
    let [begin, part, at] = [0, 0, 0];
    for (const word of words) {
      if (word === ",") {
        at += AFTER_COMMA;
      } else if (word === ".") {
        this.parts.push([begin, part, at]);
        at += AFTER_END;
        [begin, part] = [at, at];
      } else {
        if (VOCABULARY.turns.has(word)) {
          this.parts.push([begin, part, at]);
          part = at;
        }
        if (!known.has(word)) {
          const atoms = (reading) => new Set(reading.flatMap((each) => VOCABULARY.atomsOf(each)));
          known.set(word, VOCABULARY.readings(word).map(atoms));
        }
        for (const atoms of known.get(word)) {
          for (const atom of atoms) add(places, atom, at);
          at += 1;
        }
      }
    }
    this.parts.push([begin, part, at]);
    this.bits = new Map(Array.from(places, ([atom, positions]) => [atom, bitsOf(positions, at)]));
    this.unusable = 0n; // positions that no rule may use
    this.negations = new Map();
  }

  ignore(positions) {
    this.unusable = positions;
    this.negations.clear();
  }

  has({ steps }) {
    const required = steps.filter(({ optional }) => !optional);
    return required.length > 1 && required.every(({ atoms }) => this.where(atoms));
  }

  touches({ fewest }) {
    return fewest.some((atom) => this.bits.has(atom));
  }

  where(atoms) {
    return atoms.reduce((found, atom) => found | (this.bits.get(atom) ?? 0n), 0n) & ~this.unusable;
  }

  steps({ steps }) {
    const found = [];
    for (const { atoms, optional } of steps) {
      const here = this.where(atoms);
      if (!here && !optional) return null;
      found.push(here);
    }
    return found;
  }

  endsOf(pattern, negation = null) {
    const here = this.steps(pattern);
    if (!here) return 0n;
    const { before, inside, after } = negation && !pattern.negated ? this.near(negation) : NOWHERE;
    let held = here[0] & ~before;
    for (let index = 1; index < here.length && held; index += 1) {
      const { gap, optional } = pattern.steps[index];
      let reach = held << 1n;
      for (let word = 0; word < gap; word += 1) reach |= (reach & ~inside) << 1n;
      held = (reach & here[index]) | (optional ? held : 0n);
    }
    return held & ~after;
  }

  wordsOf(pattern) {
    const here = this.steps(pattern);
    if (!here) return 0n;
    const held = [here[0]];
    for (let index = 1; index < here.length; index += 1) {
      const { gap, optional } = pattern.steps[index];
      let reach = held[index - 1] << 1n;
      for (let word = 0; word < gap; word += 1) reach |= reach << 1n;
      held.push((reach & here[index]) | (optional ? held[index - 1] : 0n));
    }
    let found = 0n;
    let back = held.at(-1);
    for (let index = here.length - 1; index > 0; index -= 1) {
      const { gap, optional } = pattern.steps[index];
      const used = back & here[index];
      found |= used;
      let reach = used >> 1n;
      for (let word = 0; word < gap; word += 1) reach |= reach >> 1n;
      back = held[index - 1] & (reach | (optional ? back : 0n));
    }
    return found | back;
  }

  calmedBy(positions) {
    if (!positions) return 0n;
    const between = (begin, end) => ((1n << BigInt(end - begin)) - 1n) << BigInt(begin);
    return this.parts.reduce((found, [begin, part, end]) =>
      positions & between(part, end) ? found | between(begin, end) : found, 0n);
  }

  near(negation) {
    if (!this.negations.has(negation)) {
      const inside = this.where(negation.words);
      let [before, after] = [0n, 0n];
      for (let distance = 1; distance <= negation.before; distance += 1) before |= inside << BigInt(distance);
      for (let distance = 1; distance <= negation.after; distance += 1) after |= inside >> BigInt(distance);
      this.negations.set(negation, { before, inside, after });
    }
    return this.negations.get(negation);
  }
}

const NOWHERE = { before: 0n, inside: 0n, after: 0n };

function bitsOf(positions, length) {
  const digits = new Uint8Array((length >> 2) + 1);
  for (const at of positions) digits[digits.length - 1 - (at >> 2)] |= 1 << (at & 3);
  return BigInt(`0x${Array.from(digits, (digit) => digit.toString(16)).join("")}`);
}

/** Take harmless phrases and calm parts out of a text; return whether there were some of each. */
function ignoreIn(read) {
  let quiet = 0n;
  let calm = 0n;
  for (const { harmless, calm: calming } of LANGUAGES) {
    for (const pattern of harmless) quiet |= read.wordsOf(pattern);
    for (const pattern of calming) calm |= read.endsOf(pattern);
  }
  read.ignore(quiet | read.calmedBy(calm));
  return { calm: calm !== 0n, harmless: quiet !== 0n };
}

function flagsByRules(words) {
  const read = new Reading(words);
  ignoreIn(read);
  return ENTRIES.filter(({ pattern, negation }) => read.endsOf(pattern, negation)).map(({ flag }) => flag);
}

function hearingOf(sentence) {
  const read = new Reading(sentence);
  const count = (entries) => {
    const found = new Map();
    for (const { flag } of entries) found.set(flag, (found.get(flag) ?? 0) + 1);
    return found;
  };
  const touched = ENTRIES.filter(({ pattern }) => read.touches(pattern));
  const matched = touched.filter(({ pattern }) => read.endsOf(pattern));
  const negated = matched.some(({ pattern, negation }) => !read.endsOf(pattern, negation));
  const near = count(touched.filter((entry) => !matched.includes(entry) && read.has(entry.pattern)));
  const seen = ignoreIn(read);
  const hits = count(matched.filter(({ pattern, negation }) => read.endsOf(pattern, negation)));
  const dropped = count(matched.filter(({ flag }) => !hits.has(flag)));
  return { hits, dropped, near, negated, ...seen };
}

function sentencesOf(words) {
  const found = [[]];
  for (const word of words) {
    if (word === ".") found.push([]);
    else found.at(-1).push(word);
  }
  return found.filter((sentence) => sentence.some((word) => word !== ","));
}

/** Return the danger flags that a text in any of the nine languages raises, as a Set. */
export function flagsIn(text) {
  const words = wordsOf(text);
  const sentences = sentencesOf(words);
  if (sentences.length > MOST_SENTENCES) return new Set(flagsByRules(words));
  return new Set(sentences.flatMap((sentence) =>
    sentence.length > LONGEST_SENTENCE ? flagsByRules(sentence) : judged(sentence, hearingOf(sentence))));
}
