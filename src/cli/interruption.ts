import { constants } from 'node:os';

/** The first SIGINT or SIGTERM of a command that can stop early; the second ends the process at once. */
export interface Interruption {
  /** Aborted by the first signal. */
  readonly signal: AbortSignal;
  /** The signal that came, if one did. */
  received(): NodeJS.Signals | undefined;
  /** Stops listening. */
  dispose(): void;
}

const SIGNALS = ['SIGINT', 'SIGTERM'] as const;

/** One Ctrl-C under `npm start` arrives several times: from the terminal, and passed on by npm and by the launcher. */
const SAME_PRESS_MS = 500;

/** The status of a process that a signal ended: 128 + its number. */
export function signalStatus(signal: NodeJS.Signals): number {
  return 128 + constants.signals[signal];
}

/** Listens for signals until disposed; `onFirst` tells the user what happens now. */
export function listenForInterruption(onFirst: () => void): Interruption {
  const controller = new AbortController();
  let received: NodeJS.Signals | undefined;
  let receivedAt = 0;
  const handle = (signal: NodeJS.Signals) => {
    if (received) {
      if (performance.now() - receivedAt > SAME_PRESS_MS) endBySignal(signal);
      return;
    }
    received = signal;
    receivedAt = performance.now();
    onFirst();
    controller.abort();
  };
  const dispose = () => {
    for (const signal of SIGNALS) process.off(signal, handle);
  };
  // process.exit would tear down a worker that is inside ONNX Runtime, which aborts; the default action does not.
  const endBySignal = (signal: NodeJS.Signals) => {
    dispose();
    process.kill(process.pid, signal);
  };
  for (const signal of SIGNALS) process.on(signal, handle);
  return { signal: controller.signal, received: () => received, dispose };
}
