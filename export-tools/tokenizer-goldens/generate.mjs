// Records what the reference library gives: node generate.mjs FOLDER. The folder holds texts.json.br and tokenizers.json.br, which are kept;
// everything else in it is written anew.
import { createRequire } from 'node:module';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliDecompressSync } from 'node:zlib';
import { components, decoders, decoderVocabulary, models, processors } from './components.mjs';
import { Golden, save } from './golden.mjs';

const hf = createRequire(import.meta.url)('tokenizers');
const folder = process.argv[2];
const read = name => JSON.parse(brotliDecompressSync(readFileSync(join(folder, name))));
const { pairs, ...lists } = read('texts.json.br');
const tokenizers = read('tokenizers.json.br');
const load = json => hf.Tokenizer.fromString(JSON.stringify(json));

/** An encoding, or null where the library gives an error. */
const attempt = async (tokenizer, text, pair, options = {}) => {
  try {
    return await tokenizer.encode(text, pair, options);
  } catch {
    return null;
  }
};

/** All texts and pairs, pairs cut to 24 tokens in two ways, and what the ids of texts and pairs decode to. */
async function recordTokenizer(json, golden, decoded) {
  const tokenizer = load({ ...json, truncation: null, padding: null });
  const whole = [
    ...await tokenizer.encodeBatch(Object.values(lists).flat(), {}),
    ...await Promise.all(pairs.map(([a, b]) => tokenizer.encode(a, b, {}))),
  ];
  whole.forEach(e => golden.encoding(e));
  for (const [strategy, count] of [['LongestFirst', 800], ['OnlySecond', 400]]) {
    const cut = load({ ...json, padding: null, truncation: { max_length: 24, strategy, stride: 0, direction: 'Right' } });
    for (const [a, b] of pairs.slice(0, count))
      golden.encoding(withoutOverflow(await attempt(cut, a, b)));
  }
  const ids = whole.map(e => e.getIds());
  (await tokenizer.decodeBatch(ids, true)).forEach(s => decoded.text(s));
  (await tokenizer.decodeBatch(ids.slice(0, 500), false)).forEach(s => decoded.text(s));
}

const withoutOverflow = e => e && new Proxy(e, {
  get: (target, name) => name === 'getOverflowing' ? () => [] : target[name].bind(target),
});

const families = [['bert', 'bert-cased', 'bert-added'], ['xlmr', 'xlmr2', 'deberta'], ['gpt2', 'roberta'], ['llama2']];
const decoded = new Golden();
for (const family of families) {
  const golden = new Golden();
  for (const name of family)
    await recordTokenizer(tokenizers[name], golden, decoded);
  save(join(folder, `golden-${family[0]}.bin.br`), golden.bytes);
}
save(join(folder, 'golden-decoded.bin.br'), decoded.bytes);

/** Small tokenizers: each with the same texts; the index of a tokenizer moves which of the many texts it sees. */
async function recordComponents() {
  const golden = new Golden(), manifest = { components, models, processors: {}, decoders, decoderVocabulary };
  const texts = componentTexts();
  manifest.texts = texts;
  for (const json of [...Object.values(components), ...Object.values(models)])
    for (const e of await load(json).encodeBatch(texts, {}))
      golden.encoding(e);
  for (const [name, { tokenizer, cases }] of Object.entries(processors)) {
    manifest.processors[name] = { tokenizer, cases };
    for (const { text, pair, add, keptOnly: _, ...settings } of cases)
      golden.encoding(await attempt(load({ ...tokenizer, ...settings }), text, pair ?? null, { addSpecialTokens: add ?? true }));
  }
  for (const { tokenizer, ids } of Object.values(decoders))
    for (const list of ids)
      for (const skip of [true, false])
        golden.text(await load(tokenizer).decode(list, skip));
  save(join(folder, 'components.json.br'), Buffer.from(JSON.stringify(manifest)));
  save(join(folder, 'golden-components.bin.br'), golden.bytes);
}

function componentTexts() {
  return [
    'the cat', 'a the x the', 'The an a the x the  hé  <mask> 世界 été', ' an x  x', 'ÉTÉ été the the  thean', 'abbbab aab acab', 'in bin in\nth\nn\n', 'a\r\nb\u2028c\u0085',
    "'quoted' \"x\" aa bb", 'THE straSse FX \u00c9 \u017f', 'xxyyzw abab c', '\t\n tA\u{1F600}ff', 'ab \n cd', "'S 'LL don't I'VE", '\u0344\u0323a\u0301\u0323 \u1e9b\u0323 \u1100\u1161\u11a8 가각 \ufb01 \u2126',
    'zaz\u00e9z \r\n\r\n한é\u{1F600}\u{1F600}', 'e\u0301e\u0302\u0301 z z', '𝒜𝓑 𝟙𝟚 ²³¼ ٣', '<mask><mask>  <mask>an  an', '世界ÉTÉ', '\u0600a \u0915\u094d\u0915\u0301 \u{1F468}\u200d\u{1F469}\u200d\u{1F467} \u{1F1E9}\u{1F1EA}\u{1F1EB}',
    '='.repeat(25), '='.repeat(41) + 'aaaaaaaa bbbbbbbbbbb', 'pL pN PL PNPL', '   x   the  é  \u{20000}x ',
    ...lists.curated.filter(t => t.length < 300),
    ...lists.fuzz.filter((_, i) => i % 40 === 0),
    ...lists.cps.filter((_, i) => i % 24 === 0),
  ];
}

await recordComponents();
