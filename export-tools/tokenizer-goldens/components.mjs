// Small tokenizers, each of which shows what one component does. The "spy" model turns every character into its bytes, so that the
// ids spell out the normalised text, the offsets its origin and the word ids where it was cut.
import { Charsmap } from '../unicode-tables/charsmap.mjs';

const byteTokens = Object.fromEntries(Array.from({ length: 256 }, (_, i) => [`<0x${i.toString(16).toUpperCase().padStart(2, '0')}>`, i]));
export const spy = { type: 'BPE', dropout: null, unk_token: '<unk>', continuing_subword_prefix: null, end_of_word_suffix: null, fuse_unk: false, byte_fallback: true, vocab: { ...byteTokens, '<unk>': 256 }, merges: [] };

export const tokenizer = parts => ({
  version: '1.0', truncation: null, padding: null, added_tokens: [], normalizer: null, pre_tokenizer: null, post_processor: null, decoder: null, model: spy, ...parts,
});

const normalizers = {
  'BertNormalizer all off': { type: 'BertNormalizer', clean_text: false, handle_chinese_chars: false, strip_accents: false, lowercase: false },
  'BertNormalizer accents only': { type: 'BertNormalizer', clean_text: false, handle_chinese_chars: false, strip_accents: true, lowercase: false },
  'BertNormalizer lower, accents kept': { type: 'BertNormalizer', clean_text: true, handle_chinese_chars: true, strip_accents: false, lowercase: true },
  'BertNormalizer uncased': { type: 'BertNormalizer', clean_text: true, handle_chinese_chars: true, strip_accents: null, lowercase: true },
  'BertNormalizer no cleaning': { type: 'BertNormalizer', clean_text: false, handle_chinese_chars: true, strip_accents: null, lowercase: true },
  NFC: { type: 'NFC' },
  NFD: { type: 'NFD' },
  NFKC: { type: 'NFKC' },
  NFKD: { type: 'NFKD' },
  Lowercase: { type: 'Lowercase' },
  StripAccents: { type: 'StripAccents' },
  'Strip both': { type: 'Strip', strip_left: true, strip_right: true },
  'Strip left': { type: 'Strip', strip_left: true, strip_right: false },
  'Strip right': { type: 'Strip', strip_left: false, strip_right: true },
  'Replace text': { type: 'Replace', pattern: { String: 'a' }, content: 'xyz' },
  'Replace text by nothing': { type: 'Replace', pattern: { String: ' ' }, content: '' },
  'Replace longer text': { type: 'Replace', pattern: { String: 'an' }, content: 'é' },
  'Replace pattern': { type: 'Replace', pattern: { Regex: '[aeiou]+' }, content: '<>' },
  'Replace spaces': { type: 'Replace', pattern: { Regex: ' {2,}' }, content: '▁' },
  'Replace possibly empty': { type: 'Replace', pattern: { Regex: 'a*' }, content: '-' },
  Prepend: { type: 'Prepend', prepend: '▁' },
  'Prepend two': { type: 'Prepend', prepend: '▁é' },
  Nmt: { type: 'Nmt' },
  ByteLevel: { type: 'ByteLevel' },
  'Precompiled own': { type: 'Precompiled', precompiled_charsmap: Charsmap([['a', 'A'], ['é', 'e'], ['ab', '?'], ['\u0301', '!'], ['한', 'han'], ['ﬀ', 'ff'], ['\u00a0', ' '], ['\r\n', '\n'], ['z', ''], ['\u{1f600}', ':)'], ['ا', 'alef']]) },
  'Sequence NFD StripAccents Lowercase': { type: 'Sequence', normalizers: [{ type: 'NFD' }, { type: 'StripAccents' }, { type: 'Lowercase' }] },
  'Sequence NFKC Strip Replace Prepend': { type: 'Sequence', normalizers: [{ type: 'NFKC' }, { type: 'Strip', strip_left: true, strip_right: true }, { type: 'Replace', pattern: { String: ' ' }, content: '▁' }, { type: 'Prepend', prepend: '▁' }] },
  'Sequence NFD NFC': { type: 'Sequence', normalizers: [{ type: 'NFD' }, { type: 'NFC' }] },
  'Sequence empty': { type: 'Sequence', normalizers: [] },
  'Sequence nested': { type: 'Sequence', normalizers: [{ type: 'Sequence', normalizers: [{ type: 'Lowercase' }] }, { type: 'Prepend', prepend: 'A' }] },
};

const split = (pattern, behavior, invert = false) => ({ type: 'Split', pattern, behavior, invert });
const gpt2 = "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+";
export const regexes = {
  gpt2,
  llama3: "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+",
  qwen2: "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+",
  o200k: "[^\\r\\n\\p{L}\\p{N}]?[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]*[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?|[^\\r\\n\\p{L}\\p{N}]?[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]+[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?|\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n/]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+",
  bloom: ' ?[^(\\s|[.,!?…。，、।۔،])]+',
  clip: "<\\|startoftext\\|>|<\\|endoftext\\|>|'s|'t|'re|'ve|'m|'ll|'d|[\\p{L}]+|[\\p{N}]|[^\\s\\p{L}\\p{N}]+",
  deepseek: "[!\"#$%&'()*+,\\-./:;<=>?@\\[\\\\\\]^_`{|}~][A-Za-z]+|[^\\r\\n\\p{L}\\p{P}\\p{S}]?[\\p{L}\\p{M}]+| ?[\\p{P}\\p{S}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+",
  'CJK ranges': '[一-龥぀-ゟ゠-ヿ]+',
  Han: '\\p{Han}|[\\p{Hiragana}\\p{Katakana}]+',
  words: '\\w+|[^\\w\\s]+',
  'classes with sets': '[[a-z]&&[^aeiou]]+|[[:digit:][:punct:]]+|\\h+',
  'lazy and possessive': 'a+?b|a++|(?>ab|a)c|e*+n?',
  'look around': '(?<=a)n|(?<!t)h|(?=e)e+(?!r)',
  'anchors': '^\\s*\\w|\\w$|\\Ath|\\bin\\b|n\\Z',
  'dots': '(?m:a.b)|a.|\\Re',
  'ignoring case': '(?i)THE|[A-F]x|É|ſ|[k-m]+|Ω',
  'counted': '\\w{2,4}|\\s{,2}x|\\d{2}',
  'escapes': '\\x20\\u0074|\\x{1F600}|\\t|\\n|\\x41|[\\x61-\\x66]{2}',
  'extended': '(?x) \\w \\w # two letters\n | \\s ',
  'nested repeats': '(?:a|b)*c?|(?:(?:x+y?)+z)?w',
  'repeated possessives': '(?>[a-d]+)*[a-h]|(?:n++)?[nt]|(?:\\R{2})?\\r',
  'fixed repeats': 'a{2}?b|t{1}+|e{1,2}?r|(?:x{2}){1,2}y{,1}',
  'letters that look like properties': '\\pL|[\\PN]+',
  'hyphens in classes': '[a-c-]+|[\\w&&[^d-f-]]t|[!-&&&["-$]]',
};

const preTokenizers = {
  BertPreTokenizer: { type: 'BertPreTokenizer' },
  Whitespace: { type: 'Whitespace' },
  WhitespaceSplit: { type: 'WhitespaceSplit' },
  'Punctuation default': { type: 'Punctuation' },
  ...Object.fromEntries(['Removed', 'Isolated', 'MergedWithPrevious', 'MergedWithNext', 'Contiguous'].map(b => [`Punctuation ${b}`, { type: 'Punctuation', behavior: b }])),
  'Digits individual': { type: 'Digits', individual_digits: true },
  'Digits together': { type: 'Digits', individual_digits: false },
  'CharDelimiterSplit': { type: 'CharDelimiterSplit', delimiter: 'a' },
  UnicodeScripts: { type: 'UnicodeScripts' },
  FixedLength: { type: 'FixedLength', length: 5 },
  'ByteLevel plain': { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: true },
  'ByteLevel prefix': { type: 'ByteLevel', add_prefix_space: true, trim_offsets: true, use_regex: true },
  'ByteLevel without pattern': { type: 'ByteLevel', add_prefix_space: true, trim_offsets: true, use_regex: false },
  'ByteLevel old': { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true },
  'Metaspace always': { type: 'Metaspace', replacement: '▁', prepend_scheme: 'always', split: true },
  'Metaspace first': { type: 'Metaspace', replacement: '▁', prepend_scheme: 'first', split: true },
  'Metaspace never': { type: 'Metaspace', replacement: '▁', prepend_scheme: 'never', split: true },
  'Metaspace whole': { type: 'Metaspace', replacement: '▁', prepend_scheme: 'always', split: false },
  'Metaspace old': { type: 'Metaspace', replacement: '▁', add_prefix_space: true },
  'Metaspace old, none': { type: 'Metaspace', replacement: '▁', str_rep: '▁', add_prefix_space: false, prepend_scheme: 'never' },
  'Metaspace other': { type: 'Metaspace', replacement: '_', prepend_scheme: 'always', split: true },
  'Split text': split({ String: 'an' }, 'Isolated'),
  ...Object.fromEntries(['Removed', 'Isolated', 'MergedWithPrevious', 'MergedWithNext', 'Contiguous'].flatMap(b => [false, true].map(i => [`Split ${b}${i ? ' inverted' : ''}`, split({ Regex: '[a-m]' }, b, i)]))),
  ...Object.fromEntries(Object.entries(regexes).map(([name, r]) => [`Split by ${name}`, split({ Regex: r }, 'Isolated')])),
  'Split by gpt2, Removed inverted': split({ Regex: gpt2 }, 'Removed', true),
  'Sequence WhitespaceSplit Metaspace': { type: 'Sequence', pretokenizers: [{ type: 'WhitespaceSplit' }, { type: 'Metaspace', replacement: '▁', add_prefix_space: true }] },
  'Sequence Whitespace Digits Punctuation': { type: 'Sequence', pretokenizers: [{ type: 'Whitespace' }, { type: 'Digits', individual_digits: true }, { type: 'Punctuation', behavior: 'Contiguous' }] },
  'Sequence Split ByteLevel': { type: 'Sequence', pretokenizers: [split({ Regex: regexes.llama3 }, 'Isolated'), { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: false }] },
  'Sequence Metaspace first after Split': { type: 'Sequence', pretokenizers: [split({ String: 't' }, 'MergedWithNext'), { type: 'Metaspace', replacement: '▁', prepend_scheme: 'first', split: true }] },
  'Sequence empty': { type: 'Sequence', pretokenizers: [] },
  'Sequence of Metaspaces': { type: 'Sequence', pretokenizers: [{ type: 'Metaspace', replacement: '_', prepend_scheme: 'never', split: true }, { type: 'Metaspace', replacement: '▁', prepend_scheme: 'first', split: true }] },
};

const added = (id, content, o = {}) => ({ id, content, single_word: false, lstrip: false, rstrip: false, normalized: false, special: false, ...o });
const addedTokens = [
  added(257, '<s>', { special: true }),
  added(258, 'the', { single_word: true }),
  added(259, 'the ', {}),
  added(260, 'ÉTÉ', { normalized: true }),
  added(261, '<mask>', { lstrip: true, rstrip: true, special: true }),
  added(262, 'an', { single_word: true, normalized: true, rstrip: true }),
  added(263, ' x', { lstrip: true }),
  added(264, '世界', { normalized: true }),
  added(265, 'a', { single_word: true, lstrip: true }),
];
const combined = {
  'Added tokens, no normalizer': { added_tokens: addedTokens },
  'Added tokens, BertNormalizer': { added_tokens: addedTokens, normalizer: normalizers['BertNormalizer uncased'], pre_tokenizer: { type: 'BertPreTokenizer' } },
  'Added tokens, Metaspace first': { added_tokens: addedTokens, pre_tokenizer: preTokenizers['Metaspace first'] },
  'Added tokens, Prepend': { added_tokens: addedTokens, normalizer: normalizers['Sequence NFKC Strip Replace Prepend'] },
  'Added tokens with spaces, trimmed': { added_tokens: [added(257, ' x'), added(258, 'the '), added(259, 'é ', { normalized: true }), added(260, ' ', { normalized: true })], normalizer: normalizers['BertNormalizer uncased'], post_processor: { type: 'ByteLevel', add_prefix_space: true, trim_offsets: true, use_regex: true } },
  'Added tokens, ByteLevel trimmed': { added_tokens: addedTokens, pre_tokenizer: preTokenizers['ByteLevel prefix'], post_processor: { type: 'ByteLevel', add_prefix_space: true, trim_offsets: true, use_regex: true } },
};

export const components = Object.fromEntries([
  ...Object.entries(normalizers).map(([name, normalizer]) => [`Normalizer ${name}`, tokenizer({ normalizer })]),
  ...Object.entries(preTokenizers).map(([name, pre_tokenizer]) => [`PreTokenizer ${name}`, tokenizer({ pre_tokenizer })]),
  ...Object.entries(combined).map(([name, parts]) => [name, tokenizer(parts)]),
]);

// Models on small alphabets, where every rule comes up often.
const letters = [...'abcdxyzé世 .'];
const random = (seed => () => (seed = (seed * 1103515245 + 12345) % 2147483648) / 2147483648)(7);
const pick = list => list[Math.floor(random() * list.length)];

/** A BPE model with random merges; each merge may use what earlier ones made. */
function bpe({ prefix = '', suffix = '', merges = 60, extra = [], known = letters, ...options }) {
  const vocab = {}, list = [];
  const add = token => vocab[token] ??= Object.keys(vocab).length;
  extra.forEach(add);
  for (const l of known)
    for (const token of new Set([l, prefix + l, l + suffix, prefix + l + suffix]))
      add(token);
  while (list.length < merges) {
    const tokens = Object.keys(vocab).filter(t => !extra.includes(t));
    const left = pick(tokens), right = pick(tokens.filter(t => t.startsWith(prefix)));
    const merged = left + right.slice(prefix.length);
    if (merged.length > 8 || (suffix && left.endsWith(suffix)) || list.some(([l, r]) => l === left && r === right))
      continue;
    add(merged);
    list.push([left, right]);
  }
  return { type: 'BPE', dropout: null, unk_token: null, continuing_subword_prefix: prefix || null, end_of_word_suffix: suffix || null, fuse_unk: false, byte_fallback: false, ignore_merges: false, vocab, merges: list, ...options };
}

function unigram({ byteFallback = false, unknown = 0, pieces = 60 }) {
  const vocab = [['<unk>', 0]], seen = new Set(['<unk>']);
  if (byteFallback)
    Object.keys(byteTokens).forEach(t => vocab.push([t, -20]));
  for (const l of letters.slice(0, 9))
    vocab.push([l, -5 - random()]), seen.add(l);
  while (vocab.length < pieces + (byteFallback ? 256 : 0)) {
    const token = Array.from({ length: 2 + Math.floor(random() * 3) }, () => pick(letters)).join('');
    if (!seen.has(token))
      vocab.push([token, -6 - Math.floor(random() * 6) / 2]), seen.add(token);
  }
  return { type: 'Unigram', unk_id: unknown, vocab, byte_fallback: byteFallback };
}

const words = { type: 'WhitespaceSplit' };
const wordPiece = { '[UNK]': 0, a: 1, b: 2, '##a': 3, '##b': 4, ab: 5, '##ab': 6, abba: 7, '##é': 8, é: 9, '世': 10, '##世': 11, '##': 12, x: 13, '##x': 14, 'the': 15, 'an': 16, 'in': 17, '##n': 18 };
export const models = Object.fromEntries(Object.entries({
  'BPE nothing unknown': { model: bpe({}), pre_tokenizer: words, normalizer: { type: 'Replace', pattern: { Regex: '[^abcdxyzé世 .]' }, content: '' } },
  'BPE unknown': { model: bpe({ extra: ['<unk>'], unk_token: '<unk>' }) },
  'BPE unknown fused': { model: bpe({ extra: ['<unk>'], unk_token: '<unk>', fuse_unk: true }) },
  'BPE prefix': { model: bpe({ prefix: '##', extra: ['<unk>'], unk_token: '<unk>' }), pre_tokenizer: words },
  'BPE suffix': { model: bpe({ suffix: '</w>', extra: ['<unk>'], unk_token: '<unk>' }), pre_tokenizer: words },
  'BPE bytes': { model: bpe({ extra: ['<unk>', ...Object.keys(byteTokens)], unk_token: '<unk>', byte_fallback: true, fuse_unk: true }) },
  // Where a character has no token at all, the library's later offsets slide; ours do not.
  'BPE dropping characters (ids only)': { model: bpe({}), pre_tokenizer: words },
  'BPE some bytes (ids only)': { model: bpe({ extra: ['<unk>', ...Object.keys(byteTokens).filter((_, i) => i < 0xd0)], unk_token: '<unk>', byte_fallback: true, fuse_unk: true }) },
  'BPE whole words': { model: bpe({ extra: ['<unk>', 'abcd', 'the', 'xx'], unk_token: '<unk>', ignore_merges: true }), pre_tokenizer: words },
  'BPE spaces inside': { model: bpe({ known: [...letters, '\n'], extra: ['<unk>'], unk_token: '<unk>', merges: 120 }) },
  'Unigram': { model: unigram({}) },
  'Unigram words': { model: unigram({ pieces: 150 }), pre_tokenizer: words },
  'Unigram bytes': { model: unigram({ byteFallback: true }) },
  // Two ways to spell a run are equally good; the last bit of the sum decides.
  'Unigram ties': { model: { type: 'Unigram', unk_id: 0, byte_fallback: false, vocab: [['<unk>', 0], ['=', -7.156310081481934], ['==', -9.524574279785156], ['===', -11.415102005004883], ['================', -11.948979377746582], ['a', -3.3], ['aa', -6.6], ['aaaaa', -16.5], ['b', -1e-3], ['bb', -0.002000000000000000000001], ['bbbbbb', -60000000000000000000000.5e-25]] } },
  'Unigram trimmed': { model: unigram({ pieces: 150 }), post_processor: { type: 'ByteLevel', add_prefix_space: true, trim_offsets: true, use_regex: true } },
  'Unigram trimmed, prefix space': { model: { type: 'Unigram', unk_id: 0, byte_fallback: false, vocab: [['<unk>', 0]] }, pre_tokenizer: preTokenizers['ByteLevel prefix'], post_processor: { type: 'ByteLevel', add_prefix_space: true, trim_offsets: true, use_regex: true } },
  'WordLevel': { model: { type: 'WordLevel', vocab: { the: 0, a: 1, '<unk>': 2, x: 3, 'été': 4 }, unk_token: '<unk>' }, pre_tokenizer: { type: 'Whitespace' } },
  'WordPiece': { model: { type: 'WordPiece', unk_token: '[UNK]', continuing_subword_prefix: '##', max_input_chars_per_word: 6, vocab: wordPiece }, pre_tokenizer: { type: 'Whitespace' } },
  'WordPiece other prefix': { model: { type: 'WordPiece', unk_token: '[UNK]', continuing_subword_prefix: '', max_input_chars_per_word: 100, vocab: wordPiece } },
}).map(([name, parts]) => [name, tokenizer(parts)]));

// Post-processors, truncation and padding, on letters that are words.
const alphabet = Object.fromEntries([...'abcdefghijklmnopqrstu[|]'].map((c, i) => [c, i]));
const special = (id, typeId) => ({ SpecialToken: { id, type_id: typeId } });
const sequence = (id, typeId) => ({ Sequence: { id, type_id: typeId } });
const template = {
  type: 'TemplateProcessing', single: [special('[', 0), sequence('A', 0), special(']', 0)],
  pair: [special('[', 0), sequence('A', 0), special('|', 0), sequence('B', 1), special(']', 1)],
  special_tokens: Object.fromEntries([...'[|]'].map(s => [s, { id: s, ids: [alphabet[s]], tokens: [s] }])),
};
const cls = ['[', alphabet['[']], sep = [']', alphabet[']']];
const postProcessors = {
  Template: template,
  'Template, types and order': { ...template, single: [sequence('A', 2), special('|', 3)], pair: [sequence('B', 1), special('[', 4), sequence('A', 5)], special_tokens: { '[': { id: '[', ids: [21, 22], tokens: ['[', '|'] }, '|': { id: '|', ids: [22], tokens: ['|'] } } },
  BertProcessing: { type: 'BertProcessing', cls, sep },
  RobertaProcessing: { type: 'RobertaProcessing', cls, sep, trim_offsets: true, add_prefix_space: false },
  Sequence: { type: 'Sequence', processors: [{ type: 'ByteLevel', add_prefix_space: true, trim_offsets: true, use_regex: true }, template] },
};
const a = 'a b c d e f g h', b = 'i j k l m n', long = 'a b c d e f g h i j k l m n o p q r s t';
const truncation = (max_length, strategy, stride = 0, direction = 'Right') => ({ max_length, strategy, stride, direction });
const padding = (strategy, direction, multiple = null) => ({ strategy, direction, pad_to_multiple_of: multiple, pad_id: 20, pad_type_id: 7, pad_token: 'u' });
const cases = [
  { text: a }, { text: a, pair: b }, { text: a, add: false }, { text: a, pair: b, add: false }, { text: '', pair: b }, { text: '' },
  ...[9, 10, 12].flatMap(n => ['Right', 'Left'].flatMap(side => [0, 1].flatMap(stride => [
    { text: a, truncation: truncation(n, 'LongestFirst', stride, side) },
    { text: a, pair: b, truncation: truncation(n, 'LongestFirst', stride, side) },
    { text: b, pair: a, truncation: truncation(n, 'LongestFirst', stride, side), add: false, keptOnly: true },
  ]))),
  { text: a, pair: b, truncation: truncation(12, 'OnlyFirst') }, { text: a, pair: b, truncation: truncation(12, 'OnlySecond', 0, 'Left') },
  { text: 'a b', pair: a, truncation: truncation(9, 'OnlySecond', 1) }, { text: a, truncation: truncation(9, 'OnlyFirst', 2) },
  { text: a, padding: padding({ Fixed: 14 }, 'Right') }, { text: a, pair: b, padding: padding({ Fixed: 30 }, 'Left') }, { text: a, padding: padding('BatchLongest', 'Right', 8) },
  { text: a, padding: padding({ Fixed: 13 }, 'Left', 5) }, { text: a, truncation: truncation(9, 'LongestFirst', 1), padding: padding({ Fixed: 11 }, 'Right') },
];
// The library tokenizes no further than it needs, and windows end there; ours go on. These compare only what is kept.
const keptOnly = [
  ...['Right', 'Left'].flatMap(side => [{ text: long, truncation: truncation(9, 'LongestFirst', 0, side) }, { text: long, pair: long, truncation: truncation(9, 'LongestFirst', 0, side) }, { text: 'a', pair: long, truncation: truncation(9, 'OnlySecond', 0, side) }]),
].map(c => ({ ...c, keptOnly: true }));
const letterModel = { model: { type: 'WordLevel', vocab: alphabet, unk_token: 'u' }, pre_tokenizer: words };
// In overflowing windows the library forgets the type ids of the template; ours keep them.
const ownTypes = cases.map(c => ({ ...c, keptOnly: true }));
// Added tokens do not end the count of tokens that truncation looks at; a text that may not be shortened is counted in full.
const mixed = 'a b * c d ** e f*g * h', none = ' ';
const withAdded = [1, 2, 3, 4, 5, 6, 7, 8, 9, 11].flatMap(n => ['Right', 'Left'].flatMap(side => [[mixed], [mixed, b], [a, mixed], [none, a], [a, none]].flatMap(([text, pair]) =>
  ['LongestFirst', 'OnlyFirst', 'OnlySecond'].flatMap(strategy => [
    { text, pair, truncation: truncation(n, strategy, 0, side), add: false, keptOnly: true },
    ...n < 4 ? [] : [{ text, pair, truncation: truncation(n, strategy, 0, side), keptOnly: true }],
  ]))));
const withAddedTokens = tokenizer({ ...letterModel, post_processor: template, added_tokens: [added(24, '*')] });
export const processors = {
  ...Object.fromEntries(Object.entries(postProcessors).map(([name, post_processor]) => [name, {
    tokenizer: tokenizer({ ...letterModel, post_processor }), cases: [...name.includes('types') ? ownTypes : cases, ...keptOnly],
  }])),
  'Added tokens': { tokenizer: withAddedTokens, cases: withAdded },
};

// Decoders, on tokens that exercise their rules.
const decoderTokens = ['hello', '##lo', 'world', '##', '.', '!', '?', ',', "'", "n't", "'m", 'do', 'not', "'s", "'ve", "'re", ' do not', '▁the', '▁', 'a▁b', '<0x41>', '<0xC3>', '<0xA9>', '<0xFF>', '<0xE4>', '<0xB8>', '<0x96>',
  'Ġthe', 'ĠcafÃ©', 'Ã', '©', 'lo</w>', 'w</w>', '</w>', '|', '<pad>', 'x', 'h', 'e', 'l', ' ', '  b', 'b  ', '<s>', '世', ' .', 'Ċ', '<0x4>', '<0xzz>'];
export const decoderVocabulary = Object.fromEntries(decoderTokens.map((t, i) => [t, i]));
const decoderParts = {
  none: null,
  WordPiece: { type: 'WordPiece', prefix: '##', cleanup: true },
  'WordPiece as is': { type: 'WordPiece', prefix: '##', cleanup: false },
  BPEDecoder: { type: 'BPEDecoder', suffix: '</w>' },
  ByteLevel: { type: 'ByteLevel', add_prefix_space: true, trim_offsets: true, use_regex: true },
  ByteFallback: { type: 'ByteFallback' },
  Fuse: { type: 'Fuse' },
  'Metaspace always': { type: 'Metaspace', replacement: '▁', prepend_scheme: 'always', split: true },
  'Metaspace never': { type: 'Metaspace', replacement: '▁', prepend_scheme: 'never', split: true },
  'Metaspace old': { type: 'Metaspace', replacement: '▁', add_prefix_space: true },
  CTC: { type: 'CTC', pad_token: '<pad>', word_delimiter_token: '|', cleanup: true },
  'CTC as is': { type: 'CTC', pad_token: '<pad>', word_delimiter_token: '|', cleanup: false },
  'Replace text': { type: 'Replace', pattern: { String: 'l' }, content: 'L' },
  'Replace pattern': { type: 'Replace', pattern: { Regex: '[lo]+' }, content: '-' },
  llama: { type: 'Sequence', decoders: [{ type: 'Replace', pattern: { String: '▁' }, content: ' ' }, { type: 'ByteFallback' }, { type: 'Fuse' }, { type: 'Strip', content: ' ', start: 1, stop: 0 }] },
  'Strip both': { type: 'Sequence', decoders: [{ type: 'Fuse' }, { type: 'Strip', content: ' ', start: 2, stop: 1 }] },
};
const decoderIds = [[], ...Array.from({ length: 60 }, (_, i) => Array.from({ length: 1 + i % 12 }, () => Math.floor(random() * decoderTokens.length))), [20, 21, 22, 24, 25, 26], [36, 37, 38, 38, 39, 38, 34, 34, 36], [43, 0, 1, 4, 43], [200, 0]];
export const decoders = Object.fromEntries(Object.entries(decoderParts).map(([name, decoder]) => [name, {
  tokenizer: tokenizer({ decoder, model: { type: 'WordLevel', vocab: decoderVocabulary, unk_token: 'x' }, added_tokens: [added(43, '<s>', { special: true }), added(12, 'not')] }),
  // The library breaks down when there is nothing to strip from the right.
  ids: name === 'Strip both' ? decoderIds.map(list => [...list, 0, 41, 42]) : decoderIds,
}]));
