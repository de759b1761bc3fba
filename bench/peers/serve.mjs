// The peers' side of the conversation with run.mjs: a line of JSON on stdout for each line of JSON on stdin.
import { createInterface } from 'node:readline';

const say = (message) => process.stdout.write(`${JSON.stringify(message)}\n`);

/**
 * Says that the peer is ready, then answers every {seconds} with what `measure(seconds)` returns: {steps, seconds}.
 * Returns when stdin ends.
 */
export async function serve(ready, measure) {
  say({ ready });
  for await (const line of createInterface({ input: process.stdin })) {
    say(await measure(JSON.parse(line).seconds));
  }
}

/** A measure for peers whose step is one call: steps until the time is over. */
export function repeat(step) {
  return async (seconds) => {
    const started = performance.now();
    const end = started + 1000 * seconds;
    let steps = 0;
    while (performance.now() < end) {
      await step();
      steps++;
    }
    return { steps, seconds: (performance.now() - started) / 1000 };
  };
}
