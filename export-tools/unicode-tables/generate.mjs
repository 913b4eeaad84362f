// Writes the Unicode tables: node generate.mjs OUTPUT. Takes a few minutes. The format is read by UnicodeTables.cs; keep both in step.
import { writeFileSync } from 'node:fs';
import { brotliCompressSync, constants } from 'node:zlib';
import { CodePoints, combiningRank, graphemeBreak, map, normalizer, preTokenizer, regexClass, set } from './probe.mjs';

const categories = ['Lu', 'Ll', 'Lt', 'Lm', 'Lo', 'Mn', 'Mc', 'Me', 'Nd', 'Nl', 'No', 'Pc', 'Pd', 'Ps', 'Pe', 'Pi', 'Pf', 'Po', 'Sm', 'Sc', 'Sk', 'So', 'Zs', 'Zl', 'Zp', 'Cc', 'Cf', 'Co', 'Cs'];
const scripts = ('Adlam Ahom Anatolian_Hieroglyphs Arabic Armenian Avestan Balinese Bamum Bassa_Vah Batak Bengali Bhaiksuki Bopomofo Brahmi Braille Buginese Buhid '
  + 'Canadian_Aboriginal Carian Caucasian_Albanian Chakma Cham Cherokee Chorasmian Common Coptic Cuneiform Cypriot Cypro_Minoan Cyrillic Deseret Devanagari Dives_Akuru '
  + 'Dogra Duployan Egyptian_Hieroglyphs Elbasan Elymaic Ethiopic Garay Georgian Glagolitic Gothic Grantha Greek Gujarati Gunjala_Gondi Gurmukhi Gurung_Khema Han Hangul '
  + 'Hanifi_Rohingya Hanunoo Hatran Hebrew Hiragana Imperial_Aramaic Inherited Inscriptional_Pahlavi Inscriptional_Parthian Javanese Kaithi Kannada Katakana Kawi Kayah_Li '
  + 'Kharoshthi Khitan_Small_Script Khmer Khojki Khudawadi Kirat_Rai Lao Latin Lepcha Limbu Linear_A Linear_B Lisu Lycian Lydian Mahajani Makasar Malayalam Mandaic Manichaean '
  + 'Marchen Masaram_Gondi Medefaidrin Meetei_Mayek Mende_Kikakui Meroitic_Cursive Meroitic_Hieroglyphs Miao Modi Mongolian Mro Multani Myanmar Nabataean Nag_Mundari Nandinagari '
  + 'New_Tai_Lue Newa Nko Nushu Nyiakeng_Puachue_Hmong Ogham Ol_Chiki Ol_Onal Old_Hungarian Old_Italic Old_North_Arabian Old_Permic Old_Persian Old_Sogdian Old_South_Arabian '
  + 'Old_Turkic Old_Uyghur Oriya Osage Osmanya Pahawh_Hmong Palmyrene Pau_Cin_Hau Phags_Pa Phoenician Psalter_Pahlavi Rejang Runic Samaritan Saurashtra Sharada Shavian Siddham '
  + 'SignWriting Sinhala Sogdian Sora_Sompeng Soyombo Sundanese Sunuwar Syloti_Nagri Syriac Tagalog Tagbanwa Tai_Le Tai_Tham Tai_Viet Takri Tamil Tangsa Tangut Telugu Thaana Thai '
  + 'Tibetan Tifinagh Tirhuta Todhri Toto Tulu_Tigalari Ugaritic Vai Vithkuqi Wancho Warang_Citi Yezidi Yi Zanabazar_Square').split(' ');

/** One property from several disjoint classes: 1 + the index of the class that holds the code point; classes that the engine lacks are left out. */
function classes(names) {
  const values = new Uint16Array(CodePoints);
  const known = [];
  for (const name of names) {
    let members;
    try {
      members = regexClass(`\\p{${name}}`);
    } catch {
      continue;
    }
    known.push(name);
    members.forEach((inside, c) => inside && (values[c] = known.length));
  }
  return { known, values };
}

/** Scripts as the UnicodeScripts pre-tokenizer sees them: equal numbers are never split apart, 1 joins anything. */
function scriptRuns() {
  const split = preTokenizer({ type: 'UnicodeScripts' });
  const values = new Uint16Array(CodePoints);
  const representatives = [];
  const joined = (a, b) => split(a + b).length === 1;
  let last = 0;
  for (let c = 0; c < CodePoints; c++) {
    if (c >= 0xd800 && c < 0xe000)
      continue;
    const s = String.fromCodePoint(c);
    if (joined('a' + s, 'a') && joined('\u4e00' + s, '\u4e00')) {
      values[c] = 1;
      continue;
    }
    if (!last || !joined(representatives[last], s))
      last = representatives.findIndex((r, i) => i && joined(r, s));
    if (last < 1) {
      if (!representatives.length)
        representatives.push('');
      last = representatives.push(s) - 1;
    }
    values[c] = last + 1;
  }
  return values;
}

/** Which characters a regular expression that ignores case takes for each other: [character, the others] and [character, sequence]. */
function caseVariants() {
  const candidates = [];
  for (let c = 0; c < CodePoints; c++) {
    const s = String.fromCodePoint(c);
    if (!(c >= 0xd800 && c < 0xe000) && (s.toLowerCase() !== s || s.toUpperCase() !== s))
      candidates.push(s);
  }
  const all = candidates.join('\u0001'), others = [], sequences = [];
  for (const s of candidates) {
    const pattern = `(?i)\\x{${s.codePointAt(0).toString(16)}}`;
    const split = preTokenizer({ type: 'Split', pattern: { Regex: pattern }, behavior: 'Removed', invert: true });
    const variants = split(all).map(([text]) => text).filter(text => text !== s);
    if (variants.length)
      others.push([s.codePointAt(0), variants.join('')]);
    const folded = s.toUpperCase().toLowerCase();
    if ([...folded].length > 1 && split(folded).some(([text]) => text === folded))
      sequences.push([s.codePointAt(0), folded]);
  }
  return { others, sequences };
}

class Writer {
  #bytes = [];

  number(n) {
    for (; n > 127; n >>>= 7)
      this.#bytes.push((n & 127) | 128);
    this.#bytes.push(n);
  }

  text(s) {
    const bytes = Buffer.from(s);
    this.number(bytes.length);
    this.#bytes.push(...bytes);
  }

  /** Ranges with a value other than 0: gap since the last range, length, value. */
  property(name, values) {
    const ranges = [];
    for (let c = 0; c < CodePoints;) {
      let end = c + 1;
      while (end < CodePoints && values[end] === values[c])
        end++;
      if (values[c])
        ranges.push([c, end, values[c]]);
      c = end;
    }
    this.text(name);
    this.number(ranges.length);
    let last = 0;
    for (const [start, end, value] of ranges) {
      this.number(start - last);
      this.number(end - start);
      this.number(value);
      last = end;
    }
    console.log(`${name}: ${ranges.length} ranges`);
  }

  /** Entries: gap since the last code point, length of the replacement, its code points as zigzag distances from the code point. */
  map(name, entries) {
    this.text(name);
    this.number(entries.length);
    let last = 0;
    for (const [c, mapped] of entries) {
      const target = [...mapped].map(s => s.codePointAt(0));
      this.number(c - last);
      this.number(target.length);
      for (const t of target)
        this.number(t >= c ? 2 * (t - c) : 2 * (c - t) - 1);
      last = c;
    }
    console.log(`${name}: ${entries.length} entries`);
  }

  get bytes() {
    return Buffer.from(this.#bytes);
  }
}

const bert = (o) => normalizer({ type: 'BertNormalizer', clean_text: false, handle_chinese_chars: false, strip_accents: false, lowercase: false, ...o });
const clean = bert({ clean_text: true });
const strip = bert({ strip_accents: true });
const nfd = normalizer({ type: 'NFD' });
const nfc = normalizer({ type: 'NFC' });
const nfkd = normalizer({ type: 'NFKD' });
const accents = normalizer({ type: 'StripAccents' });
const whitespace = preTokenizer({ type: 'WhitespaceSplit' });
const words = preTokenizer({ type: 'Whitespace' });
const digits = preTokenizer({ type: 'Digits', individual_digits: false });
const punctuation = preTokenizer({ type: 'BertPreTokenizer' });
const isHangul = c => c >= 0xac00 && c <= 0xd7a3;
const isSpace = s => whitespace('a' + s + 'a').length === 2;

const gc = classes(categories);
const script = classes(scripts);
const properties = {
  White: set(isSpace),
  BertDrop: set(s => clean('a' + s + 'b') === 'ab'),
  BertSpace: set(s => clean('a' + s + 'b') === 'a b'),
  BertMark: set(s => nfd(s) === s && strip('a' + s + 'b') === 'ab'),
  Punctuation: set(s => !isSpace(s) && punctuation('a' + s + 'a').length === 3),
  Mark: set(s => accents('a' + s + 'b') === 'ab'),
  Word: set(s => words('a' + s + 'a').length === 1),
  Numeric: set(s => digits('a' + s).length === 2),
  CombiningRank: combiningRank(nfd),
  GraphemeBreak: graphemeBreak(),
  ScriptRun: scriptRuns(),
  Category: gc.values,
  Script: script.values,
  RegexSpace: regexClass('\\s'),
  RegexWord: regexClass('\\w'),
  RegexDigit: regexClass('\\d'),
  RegexUpper: regexClass('\\p{Uppercase}'),
  RegexLower: regexClass('\\p{Lowercase}'),
  RegexAlphabetic: regexClass('\\p{Alphabetic}'),
  RegexEmoji: regexClass('\\p{Emoji}'),
};
const maps = {
  Lower: map(normalizer({ type: 'Lowercase' })),
  Canonical: map(nfd).filter(([c]) => !isHangul(c)),
  Compatibility: map(nfkd).filter(([c, to]) => !isHangul(c) && to !== nfd(String.fromCodePoint(c))),
};
const composed = maps.Canonical.filter(([c]) => nfc(String.fromCodePoint(c)) === String.fromCodePoint(c));
maps.Composition = composed.map(([c, full]) => {
  const all = [...full], last = all.pop();
  return [c, nfc(all.join('')) + last];
});

const variants = caseVariants();
maps.CaseVariants = variants.others;
maps.CaseSequences = variants.sequences;

const writer = new Writer();
for (const names of [gc.known, script.known]) {
  writer.number(names.length);
  names.forEach(n => writer.text(n));
}
writer.number(Object.keys(properties).length);
Object.entries(properties).forEach(([name, values]) => writer.property(name, values));
writer.number(Object.keys(maps).length);
Object.entries(maps).forEach(([name, entries]) => writer.map(name, entries));
const compressed = brotliCompressSync(writer.bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_LGWIN]: 22 } });
writeFileSync(process.argv[2], compressed);
console.log(`${writer.bytes.length} bytes, ${compressed.length} compressed`);
