// Keeps of 300 MB what the tests run: the three files of the training runtime, and the binding for Node with the libraries of this platform.
import fs from 'node:fs';
import path from 'node:path';

const copy = (from, to) => fs.cpSync(path.join('node_modules', from), path.join('node_modules', to), { recursive: true });

for (const name of ['ort.training.wasm.min.js', 'ort-training-wasm-simd-threaded.mjs', 'ort-training-wasm-simd-threaded.wasm'])
  copy(`onnxruntime-web/dist/${name}`, `training/${name}`); // what else the package asks for is bundled in them

const bin = `bin/napi-v3/${process.platform}/${process.arch}`;
for (const part of ['onnxruntime-node/package.json', 'onnxruntime-node/dist', `onnxruntime-node/${bin}`, 'onnxruntime-common/package.json', 'onnxruntime-common/dist/cjs'])
  copy(part, `inference/node_modules/${part}`);
fs.rmSync(`node_modules/inference/node_modules/onnxruntime-node/${bin}/libonnxruntime.so.1.19.2`, { force: true }); // libonnxruntime.so.1 is the same
