// Writes what the reference library gave, column by column so that it compresses well. The format is read by GoldenFile.cs.
import { brotliCompressSync, constants } from 'node:zlib';
import { writeFileSync } from 'node:fs';

class Column {
  #bytes = [];

  number(n) {
    for (; n > 127; n = Math.floor(n / 128))
      this.#bytes.push((n % 128) | 128);
    this.#bytes.push(n);
  }

  signed(n) {
    this.number(n >= 0 ? 2 * n : -2 * n - 1);
  }

  text(s) {
    const bytes = Buffer.from(s);
    this.number(bytes.length);
    for (const b of bytes)
      this.#bytes.push(b);
  }

  get bytes() {
    return Buffer.from(this.#bytes);
  }
}

export class Golden {
  #cases = new Column();
  #ids = new Column();
  #types = new Column();
  #masks = new Column();
  #specials = new Column();
  #words = new Column();
  #sequences = new Column();
  #starts = new Column();
  #lengths = new Column();
  #texts = new Column();

  /** An error: 0. An encoding: 1 + the number of overflowing windows, then the encoding and the windows. */
  encoding(e) {
    if (!e) {
      this.#cases.number(0);
      return;
    }
    const windows = [e, ...e.getOverflowing()];
    this.#cases.number(windows.length);
    windows.forEach(w => this.#one(w));
  }

  text(s) {
    this.#texts.text(s);
  }

  #one(e) {
    const ids = e.getIds(), types = e.getTypeIds(), masks = e.getAttentionMask(), specials = e.getSpecialTokensMask();
    const words = e.getWordIds(), sequences = e.getSequenceIds(), offsets = e.getOffsets();
    this.#cases.number(ids.length);
    let word = 0, end = 0;
    for (let i = 0; i < ids.length; i++) {
      this.#ids.number(ids[i]);
      this.#types.number(types[i]);
      this.#masks.number(masks[i]);
      this.#specials.number(specials[i]);
      this.#words.signed((words[i] ?? -1) - word);
      word = words[i] ?? -1;
      this.#sequences.number((sequences[i] ?? -1) + 1);
      this.#starts.signed(offsets[i][0] - end);
      this.#lengths.signed(offsets[i][1] - offsets[i][0]);
      end = offsets[i][1];
    }
  }

  get bytes() {
    const columns = [this.#cases, this.#ids, this.#types, this.#masks, this.#specials, this.#words, this.#sequences, this.#starts, this.#lengths, this.#texts];
    return Buffer.concat(columns.flatMap(c => {
      const bytes = c.bytes, size = Buffer.alloc(4);
      size.writeUInt32LE(bytes.length);
      return [size, bytes];
    }));
  }

}

export function save(path, bytes) {
  const compressed = brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_LGWIN]: 24, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length } });
  writeFileSync(path, compressed);
  console.log(`${path}: ${bytes.length} bytes, ${compressed.length} compressed`);
}
