// TTC and its peers on the UCI digits: `node tests/tables/shift.mjs [draws] [row] [first draw]` prints mean and standard deviation of the test accuracy of all rows,
// or of row 1, 2 or 3, and what each draw gave. `node tests/tables/shift.mjs rates` prints how the learning rate of row 3 was found.
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const root = join(here, '..', '..');
const findsRates = process.argv[2] === 'rates';
const [draws, only, first] = findsRates ? [3, 3, 0] : [5, 0, 0].map((usual, i) => Number(process.argv[i + 2] ?? usual));
const inside = ['--set', 'head=linear-probe', '--set', 'headRate=1', '--epochs', '60', '--batch-size', '32', '--schedule', 'one-cycle', '--warmup', '0.1', '--weight-decay', '1e-4', '--learning-rate'];
const columns = rate => ({
  'linear probe': ['linear-probe'],
  // Both runs of TTC share the first stage, whose result is an adapter of its own.
  TTC: ['ttc', ...inside, rate],
  'TTC, random channels': ['ttc', '--set', 'score=random', ...inside, rate],
  BitFit: ['bitfit', ...inside, rate],
  'full fine-tuning': ['fine-tuning', ...inside, '1e-3'],
});
const shown = ['linear probe', 'LayerNorm + head', ...Object.keys(columns()).slice(1)];
const rows = [['as they are', 5, '3e-3'], ['as they are', 10, '3e-3'], ['inverted', 10, '3e-2']];
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

/** A folder with the training and the test part of a draw. */
function drawn(k, draw) {
  const data = join(work, `${k}-${draw}`);
  run('node', join(here, 'draw.mjs'), join(root, 'tests/OrtPeft.Tests/Fixtures/uci-digits/digits.csv.gz'), k, draw, data);
  return data;
}

/** There is no dev part: the last epoch counts, and a few examples stand in for it. */
function train(images, data, draw, out, [method, ...options]) {
  writeFileSync(join(data, 'dev.csv'), readFileSync(join(data, 'train.csv'), 'utf8').split('\n').slice(0, 11).join('\n') + '\n');
  ortpeft('train', '--model', join(work, images), '--method', method, '--set', 'pooling=cls', ...options, '--train', `${data}/train.csv`, '--dev', `${data}/dev.csv`, '--white', '16',
    '--dtype', 'fp32', '--keep-last', '--seed', draw, '--out', out, '--overwrite');
}

const test = (data, adapter) => 100 * ortpeft('eval', adapter, '--data', `${data}/test.csv`, '--white', '16').metrics.accuracy;

/** Test accuracies in percent by column. */
function accuracies(images, k, draw, rate) {
  const data = drawn(k, draw);
  const measured = {};
  for (const [name, method] of Object.entries(columns(rate))) {
    train(images, data, draw, method[0], method);
    measured[name] = test(data, method[0]);
  }
  measured['LayerNorm + head'] = test(data, 'ttc/stages/2-layer-norm');
  console.error(JSON.stringify({ images, k, draw, ...measured }));
  return measured;
}

/** Mean accuracy in percent of LayerNorm + head over five folds of a draw's training part. */
function folded(images, k, draw, rate) {
  const [header, ...lines] = readFileSync(join(drawn(k, draw), 'train.csv'), 'utf8').trim().split('\n');
  const seen = {};
  const fold = lines.map(line => (seen[line.split(',')[1]] = (seen[line.split(',')[1]] ?? -1) + 1) % 5);
  const accuracies = [0, 1, 2, 3, 4].map(held => {
    const data = join(work, 'fold');
    mkdirSync(data, { recursive: true });
    for (const [part, take] of [['train', false], ['test', true]])
      writeFileSync(join(data, `${part}.csv`), [header, ...lines.filter((_, i) => (fold[i] === held) === take), ''].join('\n'));
    train(images, data, draw, 'folded', ['layer-norm', ...inside, rate]);
    return test(data, 'folded');
  });
  return accuracies.reduce((a, b) => a + b) / 5;
}

function cell(values) {
  const mean = values.reduce((a, b) => a + b) / values.length;
  const deviation = Math.sqrt(values.reduce((sum, v) => sum + (v - mean) ** 2, 0) / (values.length - 1));
  return `${mean.toFixed(1)} (${deviation.toFixed(1)})`;
}

try {
  if (!findsRates) console.log(`| images | k | ${shown.join(' | ')} |\n| --- | --- |${' --- |'.repeat(shown.length)}`);
  for (const [images, k, rate] of rows.filter((_, i) => only === 0 || only === i + 1)) {
    model(images);
    const all = Array.from({ length: draws }, (_, i) => String(first + i));
    if (findsRates) {
      for (const candidate of ['3e-3', '1e-2', '3e-2']) console.log(candidate, cell(all.map(draw => folded(images, String(k), draw, candidate))));
      continue;
    }
    const measured = all.map(draw => accuracies(images, String(k), draw, rate));
    console.log(`| ${images} | ${k} | ${shown.map(name => cell(measured.map(m => m[name]))).join(' | ')} |`);
  }
} finally {
  rmSync(work, { recursive: true, force: true });
}
