// Keeps the three files of the training runtime, 12 of 110 MB. What else the package asks for is bundled in them.
import fs from 'node:fs';

fs.mkdirSync('node_modules/training');
for (const name of ['ort.training.wasm.min.js', 'ort-training-wasm-simd-threaded.mjs', 'ort-training-wasm-simd-threaded.wasm'])
  fs.copyFileSync(`node_modules/onnxruntime-web/dist/${name}`, `node_modules/training/${name}`);
