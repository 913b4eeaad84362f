// Measures the reference library for `ortpeft bench tokenize`: node speed.mjs TOKENIZER.json TEXTS.json. For every line on stdin it encodes all
// texts once and answers with a line of JSON: how long that took, and what identifies the ids. RAYON_NUM_THREADS says on how many threads.
import { createRequire } from 'node:module';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';

const hf = createRequire(import.meta.url)('tokenizers');
const [file, texts] = process.argv.slice(2).map(path => JSON.parse(readFileSync(path, 'utf8')));
const tokenizer = hf.Tokenizer.fromString(JSON.stringify({ ...file, truncation: null, padding: null }));

for await (const _ of createInterface({ input: process.stdin })) {
  const start = performance.now();
  let encodings = await tokenizer.encodeBatch(texts, {});
  const seconds = (performance.now() - start) / 1000;
  let count = 0, hash = 0;
  for (const encoding of encodings) {
    for (const id of encoding.getIds()) {
      count++;
      hash = (Math.imul(hash, 31) + id) >>> 0;
    }
  }
  // Cleaning up must not disturb what is measured next (node --expose-gc).
  encodings = null;
  globalThis.gc?.();
  await new Promise(setImmediate);
  console.log(JSON.stringify({ seconds, count, hash }));
}
