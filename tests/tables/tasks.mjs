// The table task x head: `node tests/tables/tasks.mjs [task ...]` compares heads on frozen features for each task and prints rows of Markdown.
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { examples, tasks } from './data.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const miniLm = join(root, 'onnx-models/all-minilm-l6-v2');

/** Examples to train, choose and test on, the methods that are for the task, and what else it needs. */
const settings = {
  classification: { parts: [2400, 600, 1000], methods: ['linear-probe', 'mlp', 'logistic-regression', 'ridge', 'lda', 'ncm', 'y-tuning'] },
  'multi-label': { parts: [2400, 600, 1000], methods: ['linear-probe', 'mlp', 'logistic-regression', 'ridge', 'y-tuning'] },
  regression: { parts: [3000, 500, 1000], methods: ['linear-probe', 'mlp', 'ridge'] },
  ordinal: { parts: [2400, 600, 1000], methods: ['linear-probe', 'mlp', 'ridge', 'y-tuning'], options: ['--levels', 'easy ham,hard ham,spam'] },
  tagging: { parts: [1500, 300, 600], methods: ['linear-probe', 'mlp'] },
  similarity: { parts: [400, 150, 300], methods: ['linear-probe'] },
  image: { parts: [1000, 200, 597], model: join(root, 'onnx-models/vit-digits'), methods: ['linear-probe', 'mlp', 'logistic-regression', 'ridge', 'lda', 'ncm', 'y-tuning'], options: ['--white', '16'] },
};

function write(folder, task, parts) {
  const all = examples(task);
  let start = 0;
  return Object.fromEntries(['train', 'dev', 'test'].map((name, i) => {
    const part = all.slice(start, start += parts[i]);
    const file = join(folder, `${name}.${task === 'image' ? 'csv' : 'jsonl'}`);
    const lines = task === 'image' ? [Object.keys(part[0]).join(), ...part.map(row => Object.values(row).join())] : part.map(example => JSON.stringify(example));
    writeFileSync(file, lines.join('\n') + '\n');
    return [name, file];
  }));
}

const work = mkdtempSync(join(tmpdir(), 'ortpeft-tasks-'));
try {
  for (const task of process.argv.length > 2 ? process.argv.slice(2) : tasks) {
    const { parts, methods, model = miniLm, options = [] } = settings[task];
    const folder = join(work, task);
    mkdirSync(folder);
    const { train, dev, test } = write(folder, task, parts);
    const args = [join(root, 'src/OrtPeft.Cli/bin/Debug/net10.0/OrtPeft.Cli.dll'), 'compare', '--model', model, '--task', task === 'image' ? 'classification' : task, '--methods', methods.join(),
      '--train', train, '--dev', dev, '--test', test, '--max-length', '64', '--cache', join(work, 'features'), '--json', ...options];
    const { status, stdout, stderr } = spawnSync('dotnet', args, { cwd: folder, encoding: 'utf8', maxBuffer: 1 << 28 });
    if (status !== 0) throw new Error(`${args.join(' ')}\n${stderr}`);
    const { rows, cacheSeconds, seconds } = JSON.parse(stdout);
    for (const { method, metrics, trainableParameters, trainSeconds, best } of rows) {
      const shown = Object.entries(metrics).slice(0, 3).map(([name, value]) => `${name} ${value.toFixed(3)}`).join(', ');
      console.log(`| ${task} | \`${method}\`${best ? ' (best)' : ''} | ${shown} | ${trainableParameters.toLocaleString('en')} | ${trainSeconds.toFixed(1)} s |`);
    }
    console.error(`${task}: caching ${cacheSeconds.toFixed(0)} s, all ${seconds.toFixed(0)} s`);
  }
} finally {
  rmSync(work, { recursive: true, force: true });
}
