// Trains small SentencePiece models with the options of T5, ALBERT and CamemBERT, converts them to tokenizer.json as the Python library does, and
// records what SentencePiece itself and the reference library give: node sentencepiece.mjs FOLDER. Needs spm_train and spm_encode (Debian: sentencepiece).
import { execFileSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { brotliDecompressSync } from 'node:zlib';
import { save } from './golden.mjs';

const hf = createRequire(import.meta.url)('tokenizers');
const folder = process.argv[2], work = mkdtempSync(join(tmpdir(), 'spm-'));
const { pairs, corpus } = JSON.parse(brotliDecompressSync(readFileSync(join(folder, 'texts.json.br'))));
const plain = t => t.trim() === t && t.length > 0 && t.length < 300 && !/[\p{C}\p{Zl}\p{Zp}▁]/u.test(t);
const lines = corpus.filter(plain), texts = lines.slice(0, 500);
writeFileSync(join(work, 'lines.txt'), lines.join('\n') + '\n');
writeFileSync(join(work, 'texts.txt'), texts.join('\n') + '\n');

/** The fields of a protobuf message: number and value. */
function* fields(bytes) {
  for (let i = 0; i < bytes.length;) {
    const varint = () => { let n = 0, s = 1, b; do { b = bytes[i++]; n += (b & 127) * s; s *= 128; } while (b > 127); return n; };
    const tag = varint(), kind = tag & 7;
    const value = kind === 0 ? varint() : bytes.subarray(...(n => [i, i += n])(kind === 2 ? varint() : kind === 5 ? 4 : 8));
    yield [tag >> 3, value];
  }
}
const parse = bytes => {
  const pieces = [];
  let charsmap;
  for (const [number, value] of fields(bytes)) {
    const inner = number < 4 && Object.fromEntries(fields(value));
    if (number === 1) pieces.push([inner[1].toString(), inner[2]?.readFloatLE() ?? 0]);
    if (number === 3) charsmap = inner[2].toString('base64');
  }
  return { pieces, charsmap };
};

const metaspace = { type: 'Metaspace', replacement: '▁', prepend_scheme: 'always', split: true };
const spaces = content => ({ type: 'Replace', pattern: { Regex: ' {2,}' }, content });
const precompiled = charsmap => ({ type: 'Precompiled', precompiled_charsmap: charsmap });
const rightStripped = charsmap => [precompiled(charsmap), { type: 'Strip', strip_left: false, strip_right: true }, spaces('▁')];
const item = (id, type_id) => id.length === 1 ? { Sequence: { id, type_id } } : { SpecialToken: { id, type_id } };
const template = (single, pair, vocab) => ({
  type: 'TemplateProcessing', single: single.map(i => item(...i)), pair: pair.map(i => item(...i)),
  special_tokens: Object.fromEntries([...single, ...pair].filter(([id]) => id.length > 1).map(([id]) => [id, { id, ids: [vocab.findIndex(([p]) => p === id)], tokens: [id] }])),
});
const [A, B] = [['A', 0], ['B', 0]], [begin, end, cls, sep] = ['<s>', '</s>', '[CLS]', '[SEP]'].map(t => [t, 0]);
const albert = vocab => template([cls, A, sep], [cls, A, sep, ['B', 1], ['[SEP]', 1]], vocab);
const camembert = vocab => template([begin, A, end], [begin, A, end, end, B, end], vocab);
const t5 = vocab => template([A, end], [A, end, B, end], vocab);
const extra = Array.from({ length: 100 }, (_, i) => [`<extra_id_${99 - i}>`, 0]);

const families = {
  t5: {
    train: ['--pad_id=0', '--eos_id=1', '--unk_id=2', '--bos_id=-1'], config: { tokenizer_class: 'T5Tokenizer' },
    vocab: pieces => [...pieces, ...extra], unknown: 2, specials: ['<pad>', '</s>', '<unk>', ...extra.map(([t]) => t)], processor: t5, normalizers: rightStripped,
  },
  albert: {
    train: ['--pad_id=0', '--unk_id=1', '--eos_id=-1', '--bos_id=-1', '--control_symbols=[CLS],[SEP],[MASK]', '--user_defined_symbols=(,),-,.,–,£,€', '--normalization_rule_name=nmt_nfkc_cf'],
    config: { tokenizer_class: 'AlbertTokenizerFast', do_lower_case: true, keep_accents: false },
    vocab: pieces => pieces.map(([p, s]) => /\p{Nd},$/u.test(p) ? [p, s - 100] : [p, s]), unknown: 1, specials: ['[CLS]', '[SEP]', '<pad>', '<unk>', '[MASK]'], processor: albert,
    normalizers: map => [
      { type: 'Replace', pattern: { String: '``' }, content: '"' }, { type: 'Replace', pattern: { String: "''" }, content: '"' },
      { type: 'NFKD' }, { type: 'StripAccents' }, { type: 'Lowercase' }, precompiled(map), spaces(' '),
    ],
  },
  camembert: {
    train: [], config: { tokenizer_class: 'CamembertTokenizer' }, unknown: 3, specials: ['<s>', '<pad>', '</s>', '<unk>', '<mask>'], processor: camembert, normalizers: rightStripped,
    vocab: pieces => [['<s>NOTUSED', 0], ['<pad>', 0], ['</s>NOTUSED', 0], ['<unk>', 0], ['<unk>NOTUSED', -100], ...pieces.slice(1), ['<mask>', 0]],
  },
};

const models = {};
for (const [name, family] of Object.entries(families)) {
  const prefix = join(work, name);
  execFileSync('spm_train', [`--input=${join(work, 'lines.txt')}`, `--model_prefix=${prefix}`, '--vocab_size=2000', '--character_coverage=0.98', '--hard_vocab_limit=false', '--num_threads=1', ...family.train], { stdio: 'ignore' });
  const bytes = readFileSync(`${prefix}.model`), { pieces, charsmap } = parse(bytes), vocab = family.vocab(pieces);
  const tokenizer = hf.Tokenizer.fromString(JSON.stringify({
    version: '1.0', truncation: null, padding: null, normalizer: { type: 'Sequence', normalizers: family.normalizers(charsmap) }, pre_tokenizer: metaspace, decoder: metaspace,
    post_processor: family.processor(vocab), model: { type: 'Unigram', unk_id: family.unknown, vocab, byte_fallback: false },
    added_tokens: family.specials.map(content => ({ id: vocab.findIndex(([p]) => p === content), content, single_word: false, lstrip: /mask/i.test(content), rstrip: false, normalized: false, special: true })).sort((a, b) => a.id - b.id),
  }));
  const encode = async (a, b) => (e => ({ ids: e.getIds(), types: e.getTypeIds(), offsets: e.getOffsets().flat() }))(await tokenizer.encode(a, b ?? null, {}));
  models[name] = {
    model: bytes.toString('base64'), config: family.config, size: vocab.length,
    own: execFileSync('spm_encode', [`--model=${prefix}.model`, '--output_format=id', join(work, 'texts.txt')]).toString().trimEnd().split('\n').map(l => l.split(' ').filter(i => i).map(Number)),
    reference: await Promise.all(texts.map(t => encode(t))),
    pairs: await Promise.all(pairs.slice(0, 100).map(([a, b]) => encode(a, b))),
    special: await encode('<pad> [MASK]  <mask> <extra_id_7>a </s> b'),
  };
}
save(join(folder, 'sentencepiece.json.br'), Buffer.from(JSON.stringify({ texts, models })));
rmSync(work, { recursive: true });
