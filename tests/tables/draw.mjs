// Draws K examples of each label: `node draw.mjs digits.csv.gz K SEED FOLDER` writes FOLDER/train.csv and, with all others, FOLDER/test.csv.
// Which are drawn depends on seed and id alone.
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';

const [source, k, seed, folder] = process.argv.slice(2);
const [header, ...lines] = gunzipSync(readFileSync(source)).toString().trim().split('\n');
const rank = line => createHash('sha256').update(`${seed} ${line.split(',')[0]}`).digest('hex');
const label = line => line.split(',')[1];

const ranked = [...lines].sort((a, b) => (rank(a) < rank(b) ? -1 : 1));
const taken = {};
const drawn = new Set(ranked.filter(line => (taken[label(line)] = (taken[label(line)] ?? 0) + 1) <= Number(k)));
const write = (name, part) => writeFileSync(`${folder}/${name}.csv`, [header, ...part, ''].join('\n'));
mkdirSync(folder, { recursive: true });
write('train', lines.filter(line => drawn.has(line)));
write('test', lines.filter(line => !drawn.has(line)));
