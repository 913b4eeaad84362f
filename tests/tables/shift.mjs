// TTC and its peers on the UCI digits: `node tests/tables/shift.mjs [draws] [row]` prints mean and standard deviation of the test accuracy; row 1 to 3 does a part.
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const root = join(here, '..', '..');
const [draws, only] = [Number(process.argv[2] ?? 5), Number(process.argv[3] ?? 0)];
const inside = ['--set', 'head=linear-probe', '--set', 'headRate=1', '--epochs', '60', '--batch-size', '32', '--schedule', 'one-cycle', '--weight-decay', '1e-4', '--learning-rate'];
const columns = {
  'linear probe': ['linear-probe'],
  'LayerNorm + head': ['ttc', '--set', 'stage=first', ...inside, '3e-3'],
  TTC: ['ttc', ...inside, '3e-3'],
  'TTC, random channels': ['ttc', '--set', 'score=random', ...inside, '3e-3'],
  BitFit: ['bitfit', ...inside, '3e-3'],
  'full fine-tuning': ['fine-tuning', ...inside, '1e-3'],
};
const rows = [['as they are', 5], ['as they are', 10], ['inverted', 10]];
const work = mkdtempSync(join(tmpdir(), 'ortpeft-shift-'));

function run(command, ...args) {
  const { status, stdout, stderr } = spawnSync(command, args, { cwd: work, encoding: 'utf8' });
  if (status !== 0) throw new Error(`${command} ${args.join(' ')}\n${stderr}`);
  return stdout;
}

const ortpeft = (...args) => JSON.parse(run('dotnet', join(root, 'src/OrtPeft.Cli/bin/Debug/net10.0/OrtPeft.Cli.dll'), ...args, '--json', '--quiet'));

/** The model, for dark digits on white with images prepared as 1 - x. */
function model(images) {
  const folder = join(work, images);
  cpSync(join(root, 'onnx-models/vit-digits'), folder, { recursive: true, filter: file => !file.endsWith('manifest.json') });
  if (images === 'inverted') {
    const file = join(folder, 'preprocessor_config.json');
    writeFileSync(file, JSON.stringify({ ...JSON.parse(readFileSync(file)), do_normalize: true, image_mean: [1], image_std: [-1] }));
  }
  return folder;
}

/** Test accuracy in percent; there is no dev part, so the last epoch counts. */
function accuracy(images, k, draw, [method, ...options]) {
  const data = join(work, `${k}-${draw}`);
  run('node', join(here, 'draw.mjs'), join(root, 'tests/OrtPeft.Tests/Fixtures/uci-digits/digits.csv.gz'), k, draw, data);
  const of = ['--white', '16'];
  ortpeft('train', '--model', join(work, images), '--method', method, '--set', 'pooling=cls', ...options, '--train', `${data}/train.csv`, '--dev', `${data}/train.csv`, ...of,
    '--dtype', 'fp32', '--keep-last', '--seed', draw, '--out', 'adapter', '--overwrite');
  const answer = ortpeft('eval', 'adapter', '--data', `${data}/test.csv`, ...of);
  rmSync(join(work, 'adapter'), { recursive: true });
  return 100 * answer.metrics.accuracy;
}

function cell(values) {
  const mean = values.reduce((a, b) => a + b) / values.length;
  const deviation = Math.sqrt(values.reduce((sum, v) => sum + (v - mean) ** 2, 0) / (values.length - 1));
  return `${mean.toFixed(1)} (${deviation.toFixed(1)})`;
}

try {
  console.log(`| images | k | ${Object.keys(columns).join(' | ')} |\n| --- | --- |${' --- |'.repeat(Object.keys(columns).length)}`);
  for (const [images, k] of rows.filter((_, i) => only === 0 || only === i + 1)) {
    model(images);
    const cells = Object.values(columns).map(column => cell(Array.from({ length: draws }, (_, draw) => accuracy(images, String(k), String(draw), column))));
    console.log(`| ${images} | ${k} | ${cells.join(' | ')} |`);
  }
} finally {
  rmSync(work, { recursive: true, force: true });
}
