// What the reference library thinks of every code point, observed from outside: each function returns an array indexed by code point.
import { createRequire } from 'node:module';
import { Charsmap } from './charsmap.mjs';

const hf = createRequire(import.meta.url)('tokenizers');

export const CodePoints = 0x110000;
const isSurrogate = c => c >= 0xd800 && c < 0xe000;

function* codePoints() {
  for (let c = 0; c < CodePoints; c++)
    if (!isSurrogate(c))
      yield c;
}

const parts = component => hf.Tokenizer.fromString(JSON.stringify({
  version: '1.0', truncation: null, padding: null, added_tokens: [], normalizer: null, pre_tokenizer: null, post_processor: null, decoder: null,
  model: { type: 'WordLevel', vocab: { a: 0 }, unk_token: 'a' }, ...component,
}));

export const normalizer = json => {
  const n = parts({ normalizer: json }).getNormalizer();
  return s => n.normalizeString(s);
};

export const preTokenizer = json => {
  const p = parts({ pre_tokenizer: json }).getPreTokenizer();
  return s => p.preTokenizeString(s);
};

/** 1 for each code point whose character satisfies the predicate. */
export function set(predicate) {
  const values = new Uint16Array(CodePoints);
  for (const c of codePoints())
    values[c] = predicate(String.fromCodePoint(c)) ? 1 : 0;
  return values;
}

/** A mapping: [code point, string] for each character that f changes. */
export function map(f) {
  const entries = [];
  for (const c of codePoints()) {
    const s = String.fromCodePoint(c), mapped = f(s);
    if (mapped !== s)
      entries.push([c, mapped]);
  }
  return entries;
}

/** What a character class of the regular-expression engine (Oniguruma) contains. */
export function regexClass(name) {
  const values = new Uint16Array(CodePoints).fill(1);
  const all = [...codePoints()];
  const split = preTokenizer({ type: 'Split', pattern: { Regex: `(?:${name})+` }, behavior: 'Removed', invert: false });
  for (let start = 0; start < all.length; start += 0x4000) {
    const chunk = all.slice(start, start + 0x4000);
    for (const [, [from, to]] of split(String.fromCodePoint(...chunk)))
      chunk.slice(from, to).forEach(c => values[c] = 0);
  }
  values.fill(0, 0xd800, 0xe000);
  return values;
}

/** Character class of each code point in canonical ordering, as a rank: 0 never moves, others sort by rank. */
export function combiningRank(nfd) {
  const swaps = (x, y) => x !== y && nfd('a' + x + y) === 'a' + y + x && nfd(x) === x && nfd(y) === y;
  const highest = '\u0345', lowest = '\u0334';
  const ranks = [];
  for (const c of codePoints()) {
    const s = String.fromCodePoint(c);
    if (!(s === highest || s === lowest || swaps(highest, s) || swaps(s, lowest)))
      continue;
    let low = 0, high = ranks.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (swaps(s, ranks[middle][0]))
        low = middle + 1;
      else
        high = middle;
    }
    if (low < ranks.length && !swaps(ranks[low][0], s))
      ranks[low].push(s);
    else
      ranks.splice(low, 0, [s]);
  }
  const values = new Uint16Array(CodePoints);
  ranks.forEach((members, rank) => members.forEach(s => values[s.codePointAt(0)] = rank + 1));
  return values;
}

/** Grapheme cluster break property, found through Precompiled, which maps a whole short cluster by its first character. */
export const GraphemeBreak = { Other: 0, Control: 1, Extend: 2, Prepend: 3, Pictographic: 4, Consonant: 5, Linker: 6, Joiner: 7, Regional: 8, L: 9, V: 10, T: 11, LV: 12, LVT: 13, SpacingMark: 14 };

// All prepended marks are in Arabic, Syriac and Indic blocks.
const mayPrepend = c => (c >= 0x600 && c < 0xe00) || (c >= 0x11000 && c < 0x12000);

export function graphemeBreak() {
  const firstBecomesX = new Map();
  /** Whether there is a cluster boundary inside s right after its first character; s has at most 5 bytes of UTF-8. */
  const joined = (first, rest) => {
    if (!firstBecomesX.has(first))
      firstBecomesX.set(first, normalizer({ type: 'Precompiled', precompiled_charsmap: Charsmap([[first, '!']]) }));
    return firstBecomesX.get(first)(first + rest) === '!';
  };
  const afterA = set(s => s !== 'a' && joined('a', s));
  const values = new Uint16Array(CodePoints);
  const mark = normalizer({ type: 'Precompiled', precompiled_charsmap: Charsmap([['\u0301', '!'], ['a', '?']]) });
  const segmenter = new Intl.Segmenter('en', { granularity: 'grapheme' });
  const single = s => [...segmenter.segment(s)].length === 1;
  for (const c of codePoints()) {
    const s = String.fromCodePoint(c);
    if (afterA[c]) {
      values[c] = c === 0x200d ? GraphemeBreak.Joiner : single('\u0915' + s + '\u0915') && s !== '\u200d' ? GraphemeBreak.Linker : GraphemeBreak.Extend;
      continue;
    }
    // Marks that join s are mapped one by one: '!!'. Two marks on their own are one short cluster: a single '!'.
    const marks = mark(s + '\u0301\u0301');
    if (marks.endsWith('!') && !marks.endsWith('!!'))
      values[c] = GraphemeBreak.Control;
    else if (mayPrepend(c) && joined(s, 'a'))
      values[c] = GraphemeBreak.Prepend;
    else if (c >= 0x1f1e6 && c <= 0x1f1ff)
      values[c] = GraphemeBreak.Regional;
    else if (/\p{Extended_Pictographic}/u.test(s))
      values[c] = GraphemeBreak.Pictographic;
    else if (single('\u0915\u094d' + s))
      values[c] = GraphemeBreak.Consonant;
    else if (c >= 0xac00 && c <= 0xd7a3)
      values[c] = (c - 0xac00) % 28 === 0 ? GraphemeBreak.LV : GraphemeBreak.LVT;
    else if (single('\uac01' + s))
      values[c] = GraphemeBreak.T;
    else if (single('\uac00' + s))
      values[c] = GraphemeBreak.V;
    else if (single(s + '\uac00'))
      values[c] = GraphemeBreak.L;
  }
  return values;
}
