// Frozen features of vit-digits on the UCI digits: `node tests/tables/digits.mjs [draws]` prints mean and standard deviation of the test accuracy.
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const root = join(here, '..', '..');
const digits = join(root, 'tests/OrtPeft.Tests/Fixtures/uci-digits/digits.csv.gz');
const draws = Number(process.argv[2] ?? 10);
const methods = ['linear-probe', 'logistic-regression', 'ridge', 'lda', 'ncm'];
const work = mkdtempSync(join(tmpdir(), 'ortpeft-digits-'));

/** The model with images prepared as 1 - x: dark digits on white. */
function inverted() {
  const model = join(work, 'vit-digits-inverted');
  cpSync(join(root, 'onnx-models/vit-digits'), model, { recursive: true, filter: file => !file.endsWith('manifest.json') });
  const file = join(model, 'preprocessor_config.json');
  const preparation = { ...JSON.parse(readFileSync(file)), do_normalize: true, image_mean: [1], image_std: [-1] };
  writeFileSync(file, JSON.stringify(preparation));
  return model;
}

function run(command, args) {
  const { status, stdout, stderr } = spawnSync(command, args, { cwd: work, encoding: 'utf8' });
  if (status !== 0) throw new Error(`${command} ${args.join(' ')}\n${stderr}`);
  return stdout;
}

function accuracies(model, k, draw) {
  const data = join(work, `${k}-${draw}`);
  run('node', [join(here, 'draw.mjs'), digits, k, draw, data]);
  const set = [...methods.map(method => `${method}.pooling=cls`), 'logistic-regression.c=1'].flatMap(option => ['--set', option]);
  const answer = run('dotnet', [join(root, 'src/OrtPeft.Cli/bin/Debug/net10.0/OrtPeft.Cli.dll'), 'compare', '--model', model, '--methods', methods.join(), ...set,
    '--train', `${data}/train.csv`, '--dev', `${data}/train.csv`, '--test', `${data}/test.csv`, '--white', '16', '--dtype', 'fp32', '--seed', draw, '--json', '--quiet']);
  return JSON.parse(answer).rows.map(row => 100 * row.metrics.accuracy);
}

try {
  console.log(`| images | k | ${methods.join(' | ')} |\n| --- | --- |${' --- |'.repeat(methods.length)}`);
  for (const [name, model, k] of [['as they are', join(root, 'onnx-models/vit-digits'), 5], ['as they are', join(root, 'onnx-models/vit-digits'), 10], ['inverted', inverted(), 10]]) {
    const rows = Array.from({ length: draws }, (_, draw) => accuracies(model, String(k), String(draw)));
    const cells = methods.map((_, m) => {
      const values = rows.map(row => row[m]);
      const mean = values.reduce((a, b) => a + b) / draws;
      const deviation = Math.sqrt(values.reduce((sum, v) => sum + (v - mean) ** 2, 0) / (draws - 1));
      return `${mean.toFixed(1)} (${deviation.toFixed(1)})`;
    });
    console.log(`| ${name} | ${k} | ${cells.join(' | ')} |`);
  }
} finally {
  rmSync(work, { recursive: true, force: true });
}
