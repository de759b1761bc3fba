import type { TrainEvent } from '../api/index.js';
import type { Context } from './context.js';
import { listenForInterruption, signalStatus } from './interruption.js';
import { writeLine } from './terminal.js';
import { createTrainView } from './train-view.js';

/** What long work is given, so that it can be watched and ended. */
export interface Watched {
  readonly signal: AbortSignal;
  readonly onEvent: (event: TrainEvent) => void;
}

/** Runs long work with progress on stderr; the first signal says `onSignal` and aborts, and SIGTERM then ends with its status. */
export async function runInterruptibly<Result>(
  context: Context,
  onSignal: string,
  work: (watched: Watched) => Promise<Result>,
): Promise<Result> {
  const output = context.terminal.stderr;
  const view = createTrainView(output);
  const interruption = listenForInterruption(() => {
    view.close();
    writeLine(output, `interrupted: ${onSignal}; once more stops at once`);
  });
  try {
    return await work({ signal: interruption.signal, onEvent: (event) => view.onEvent(event) });
  } finally {
    view.close();
    interruption.dispose();
    if (interruption.received() === 'SIGTERM') context.exitStatus = signalStatus('SIGTERM');
  }
}
