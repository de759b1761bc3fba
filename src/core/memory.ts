import { BackendError, errorMessage, LacunaError } from './errors.js';

/** How ONNX Runtime, WebAssembly and V8 say that memory ran out. */
const NO_MEMORY =
  /bad.?alloc|(failed to|could not|cannot|unable to) allocate|out of memory|memory allocation|allocation failed|memory limit|invalid (typed )?array length/i;

const ADVICE =
  'there is too little memory; lower the micro-batch size, the sequence length, the hidden size or the vocabulary size';

/** A message about memory with what to change in front of it; any other as it is. */
export function explainMemory(message: string): string {
  return NO_MEMORY.test(message) ? `${ADVICE} (${message})` : message;
}

/** A BackendError that says what to change, where memory ran out in this thread; any other error as it is. */
export function withMemoryAdvice(error: unknown): unknown {
  if (error instanceof LacunaError || !NO_MEMORY.test(errorMessage(error))) return error;
  return new BackendError(explainMemory(errorMessage(error)), { cause: error });
}
