// Reads a shard of a feature cache with nothing of OrtPeft: the safetensors format, as its specification says, in a few lines.
// Usage: node read-shard.mjs SHARD TENSOR      prints ids, offsets, shape and the values of the first text as JSON
import { readFileSync } from 'node:fs';

const [file, tensor] = process.argv.slice(2);
const bytes = readFileSync(file);
const headerLength = Number(bytes.readBigUInt64LE(0));
const header = JSON.parse(bytes.toString('utf8', 8, 8 + headerLength));
const data = bytes.subarray(8 + headerLength);
const raw = name => data.subarray(...header[name].data_offsets);
const integers = name => Array.from({ length: raw(name).length / 8 }, (_, i) => Number(raw(name).readBigInt64LE(8 * i)));

const half = bits => {
  const [sign, exponent, fraction] = [bits >> 15 ? -1 : 1, (bits >> 10) & 31, bits & 1023];
  return exponent === 0 ? sign * fraction * 2 ** -24 : sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
};
const upperHalf = bits => {
  const buffer = Buffer.alloc(4);
  buffer.writeUInt16LE(bits, 2);
  return buffer.readFloatLE(0);
};
const scale = row => raw(`${tensor}.scale`).readFloatLE(4 * row);
const { dtype, shape: [rows, width] } = header[tensor];
const value = {
  F32: i => raw(tensor).readFloatLE(4 * i),
  F16: i => half(raw(tensor).readUInt16LE(2 * i)),
  BF16: i => upperHalf(raw(tensor).readUInt16LE(2 * i)),
  I8: i => Math.fround(raw(tensor).readInt8(i) * scale(Math.floor(i / width))),
}[dtype];

const offsets = integers('offsets');
const idOffsets = integers('id_offsets');
const ids = idOffsets.slice(1).map((end, i) => raw('ids').toString('utf8', idOffsets[i], end));
const first = Array.from({ length: offsets[1] * width }, (_, i) => value(i));
console.log(JSON.stringify({ metadata: header.__metadata__, ids, offsets, rows, width, first }));
