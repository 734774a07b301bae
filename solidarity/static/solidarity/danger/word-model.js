// The trained model beside the rules. Same calculation as solidarity/lib/danger_words/word_model.py, which explains it.

import weights from "./word-weights.js";

export const LONGEST_SENTENCE = 40; // words
const LONGEST_WORD = 40; // letters
const PARTS = [3, 4, 5];
const STRETCH = 9; // words
const SURE_PATTERNS = 2;
const BUCKETS = weights.words.length;
const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const VALUES = Object.fromEntries(Array.from(ALPHABET, (letter, value) => [letter, value - 32]));
const WORDS = Array.from(weights.words, (letter) => VALUES[letter]);

function bucket(letters) {
  let bits = 0x811c9dc5;
  for (const letter of letters) bits = Math.imul(bits ^ letter.codePointAt(0), 0x01000193);
  return ((bits ^ (bits >>> 16)) >>> 0) % BUCKETS;
}

function bucketsOf(words) {
  const found = new Set();
  for (const word of words) {
    const marked = Array.from(`<${word}>`);
    if (marked.length > LONGEST_WORD + 2) continue;
    found.add(bucket(word));
    for (const length of PARTS) {
      for (let at = 0; at + length <= marked.length; at += 1) found.add(bucket(marked.slice(at, at + length)));
    }
  }
  const around = ["^", ...words, "$"];
  for (let at = 0; at + 1 < around.length; at += 1) found.add(bucket(`${around[at]} ${around[at + 1]}`));
  return found;
}

const sum = (numbers) => [...numbers].reduce((total, number) => total + number, 0);

function signsOf({ hits, dropped, near, calm, harmless, negated }) {
  const patterns = sum(hits.values());
  const also = {
    "flags 2": hits.size > 1, dropped: dropped.size, near: near.size, calm, harmless, negated,
  };
  return [
    ...Array.from(hits.keys(), (flag) => `hit ${flag}`),
    ...Array.from(dropped.keys(), (flag) => `dropped ${flag}`),
    ...Array.from(near.keys(), (flag) => `near ${flag}`),
    ...[1, 2, 3, 4].filter((number) => patterns >= number).map((number) => `patterns ${number}`),
    ...Object.keys(also).filter((name) => also[name]),
  ];
}

function scoreOf(words, signs) {
  const buckets = bucketsOf(words);
  const share = Math.floor(Math.sqrt(Math.floor(2 ** 32 / buckets.size)));
  return weights.bias + share * sum(Array.from(buckets, (each) => WORDS[each]))
    + sum(signs.map((sign) => weights.signs[sign] ?? 0));
}

function keeps(words, signs) {
  for (let start = 0; start === 0 || start + STRETCH <= words.length; start += 1) {
    if (scoreOf(words.slice(start, start + STRETCH), signs) >= weights.drop) return true;
  }
  return false;
}

/** Return the flags of a sentence, from its words and from Maps of what the rules found: flag → number of patterns. */
export function judged(words, heard) {
  const { hits, dropped, near, negated } = heard;
  if (hits.size) {
    return sum(hits.values()) >= SURE_PATTERNS || keeps(words, signsOf(heard)) ? [...hits.keys()] : [];
  }
  if (!near.size || dropped.size || negated || scoreOf(words, signsOf(heard)) <= weights.near) return [];
  const most = Math.max(...near.values());
  return [...near.keys()].filter((flag) => near.get(flag) === most);
}
