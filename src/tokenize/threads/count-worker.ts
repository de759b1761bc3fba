import { parentPort, workerData } from 'node:worker_threads';
import { BackendError, errorMessage, LacunaError } from '../../core/index.js';
import { readNormalizer } from '../codec/read-normalizers.js';
import { readPreTokenizer } from '../codec/read-pre-tokenizers.js';
import { linesOf } from '../lines.js';
import { ChunkCounts } from '../trainers/chunk-counts.js';
import { WordSplitter } from '../word-splitter.js';
import type { CountingData, CountingReply, CountingRequest } from './protocol.js';

const port = parentPort;
if (!port) throw new BackendError('the counting worker must be started as a worker thread');

const { normalizer, preTokenizer }: CountingData = workerData;
const where = 'counting worker';
const counts = new ChunkCounts(
  new WordSplitter(
    readNormalizer({ value: normalizer, where, path: 'normalizer' }),
    readPreTokenizer({ value: preTokenizer, where, path: 'pre_tokenizer' }),
  ),
);

function answer(request: CountingRequest): CountingReply {
  if (request.kind === 'drain') return { kind: 'drained', parts: counts.drain() };
  counts.startBlock(request.index);
  for (const line of linesOf(request.text)) counts.add(line);
  return { kind: 'counted', distinct: counts.size };
}

port.on('message', (request: CountingRequest) => {
  let reply: CountingReply;
  try {
    reply = answer(request);
  } catch (error) {
    const code = error instanceof LacunaError ? error.code : 'backend';
    reply = { kind: 'failed', code, message: errorMessage(error) };
  }
  port.postMessage(reply);
});
