// Trains artifacts with ONNX Runtime's own training runtime: `node train.mjs JOBS.json ANSWERS.json`, a list of jobs, a list of answers.
//
// Job:    { artifacts: folder, steps, batches: [{ name: { type, dims, data } }], held: one more batch }; step t takes batch t modulo their number.
// Answer: { losses, before, after: outputs of the evaluation model on `held`, parameters: all of them in a row }, or { error }.
import fs from 'node:fs';
import path from 'node:path';
import { createRequire } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';

const here = path.dirname(fileURLToPath(import.meta.url));
const [jobsFile, answersFile] = process.argv.slice(2);
const ort = createRequire(import.meta.url)(path.join(here, 'ort.training.wasm.min.js'));
ort.env.wasm.numThreads = 1;
ort.env.wasm.wasmPaths = pathToFileURL(here + '/').href;
ort.env.logLevel = 'fatal';

const arrays = { float32: Float32Array.from.bind(Float32Array), int64: data => BigInt64Array.from(data, BigInt) };

/** The batch in the order of the model's inputs: the runtime goes by order, not by name. */
const feeds = (batch, names) => Object.fromEntries(names.map(name => {
  const { type, dims, data } = batch[name];
  return [name, new ort.Tensor(type, arrays[type](data), dims)];
}));

async function train(job) {
  const file = name => new Uint8Array(fs.readFileSync(path.join(job.artifacts, name)));
  let session;
  try {
    session = await ort.TrainingSession.create({
      checkpointState: file('checkpoint'), trainModel: file('training_model.onnx'), evalModel: file('eval_model.onnx'), optimizerModel: file('optimizer_model.onnx'),
    });
  } catch (error) {
    // Exceptions of the WebAssembly come as bare numbers; the ordinary session says what is wrong with a model.
    for (const name of ['training_model.onnx', 'eval_model.onnx', 'optimizer_model.onnx'])
      await ort.InferenceSession.create(file(name));
    throw error;
  }
  const outputs = async () => {
    const results = await session.runEvalStep(feeds(job.held, session.evalInputNames));
    return Object.fromEntries(Object.entries(results).map(([name, tensor]) => [name, Array.from(tensor.data)]));
  };
  const answer = { losses: [], before: await outputs() };
  const loss = session.trainingOutputNames[0];
  for (let step = 0; step < job.steps; step++) {
    const results = await session.runTrainStep(feeds(job.batches[step % job.batches.length], session.trainingInputNames));
    answer.losses.push(results[loss].data[0]);
    await session.runOptimizerStep();
    await session.lazyResetGrad();
  }
  answer.after = await outputs();
  answer.parameters = Array.from((await session.getContiguousParameters(false)).data);
  await session.release();
  return answer;
}

const answers = [];
for (const job of JSON.parse(fs.readFileSync(jobsFile, 'utf8')))
  answers.push(await train(job).catch(error => ({ error: String(error?.message ?? error) })));
fs.writeFileSync(answersFile, JSON.stringify(answers));
process.exit(0); // the runtime keeps workers alive
