// Folding of a text into words, as solidarity/lib/danger_words/words.py does.

const LONGEST_TEXT = 20_000; // characters; the rest is not read
const DOUBLED = "too"; // keeps its doubled letter: "used too much" is not "used to"

const FOLDED = new Map(Object.entries({
  "œ": "oe", "æ": "ae", "ß": "ss", "ı": "i", "ł": "l", "đ": "d", "ø": "o",
  "’": "'", "‘": "'", "ʼ": "'", "`": "'", "´": "'", "′": "'",
  "ـ": "", "\u200c": "", "\u200d": "", "\u00ad": "",
  "ى": "ي", "ی": "ي", "ې": "ي", "ۍ": "ي", "ے": "ي", "ک": "ك", "ګ": "گ", "ة": "ه", "ہ": "ه", "ە": "ه", "ھ": "ه",
}));
for (const [old, base] of [[0x1210, 0x1200], [0x1280, 0x1200], [0x1220, 0x1230], [0x12d0, 0x12a0], [0x1340, 0x1338]]) {
  for (let order = 0; order < 7; order += 1) {
    FOLDED.set(String.fromCharCode(old + order), String.fromCharCode(base + order));
  }
}
for (const zero of [0x660, 0x6f0]) {
  for (let digit = 0; digit < 10; digit += 1) FOLDED.set(String.fromCharCode(zero + digit), String(digit));
}
for (const [old, base] of ["ሃሀ", "ሓሀ", "ኃሀ", "ኣአ", "ዓአ"]) FOLDED.set(old, base);

const JOINED = /(?<=\p{L})'(?=(?:t|s|m|d|re|ll|ve)(?![\p{L}\p{N}])|[\u0400-\u04ff])/gu;
const DOTTED = /(?<![\p{L}\p{N}])([\p{L}\p{Nl}\p{No}])\.(?=[\p{L}\p{Nl}\p{No}](?![\p{L}\p{N}]))/gu; // "o.d."
const PIECES = /([\p{L}\p{Nl}\p{No}]+)|(\p{Nd}+)|([.!?;:\n\r؟۔؛።፧፨]+)|([,،፣፥፡()]+)/gu;

function plain(text) {
  const low = Array.from(text).slice(0, LONGEST_TEXT).join("").toLowerCase().normalize("NFKD").replace(/\p{Mn}/gu, "");
  return low.replace(/[^\x00-\x5f\x61-\x7f]/gu, (sign) => FOLDED.get(sign) ?? sign).replace(JOINED, "").replace(DOTTED, "$1");
}

/** Return the words of a text, with "," and "." between them. */
export function wordsOf(text) {
  return Array.from(plain(text).matchAll(PIECES), ([, letters, digits, end]) => {
    if (letters) return letters === DOUBLED ? letters : letters.replace(/([\p{L}\p{Nl}\p{No}])\1+/gu, "$1");
    return digits ?? (end ? "." : ",");
  });
}
