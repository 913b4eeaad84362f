// Runs a model with onnxruntime-node: `node run.mjs JOB.json ANSWER.json`.
//
// Job: { model: file, output: name, feeds: { name: { dims, data: int64 } } }. Answer: the values of the output.
import fs from 'node:fs';
import ort from 'onnxruntime-node';

const [jobFile, answerFile] = process.argv.slice(2);
const job = JSON.parse(fs.readFileSync(jobFile, 'utf8'));
const session = await ort.InferenceSession.create(job.model);
const feeds = Object.fromEntries(Object.entries(job.feeds).map(([name, { dims, data }]) => [name, new ort.Tensor('int64', BigInt64Array.from(data, BigInt), dims)]));
const results = await session.run(feeds, [job.output]);
fs.writeFileSync(answerFile, JSON.stringify(Array.from(results[job.output].data)));
