import pc from 'picocolors';

export type Colors = ReturnType<typeof pc.createColors>;

/** One of the two streams of a command. */
export interface Output {
  readonly stream: NodeJS.WritableStream;
  readonly colors: Colors;
  /** True when a live status line can be drawn and redrawn. */
  readonly isLive: boolean;
}

/** Where a command writes: its answer to stdout, everything else to stderr. */
export interface Terminal {
  readonly stdout: Output;
  readonly stderr: Output;
}

const DEFAULT_COLUMNS = 80;

type Environment = Readonly<Record<string, string | undefined>>;

/** Colours by the conventions of no-color.org and force-color.org; otherwise only on a terminal. */
export function wantsColor(environment: Environment, isTTY: boolean): boolean {
  if (environment.NO_COLOR) return false;
  if (environment.FORCE_COLOR) return environment.FORCE_COLOR !== '0';
  return isTTY && environment.TERM !== 'dumb';
}

function outputOf(stream: NodeJS.WriteStream, environment: Environment): Output {
  const isTTY = stream.isTTY === true;
  return {
    stream,
    colors: pc.createColors(wantsColor(environment, isTTY)),
    isLive: isTTY && environment.TERM !== 'dumb',
  };
}

/** The terminal of this process. A reader that closes the pipe ends the command quietly. */
export function processTerminal(): Terminal {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(0);
    throw error;
  });
  return { stdout: outputOf(process.stdout, process.env), stderr: outputOf(process.stderr, process.env) };
}

/** Columns of a terminal as it is now; 80 where that cannot be told. */
export function columnsOf({ stream }: Output): number {
  return 'columns' in stream && typeof stream.columns === 'number' && stream.columns > 0
    ? stream.columns
    : DEFAULT_COLUMNS;
}

/** Writes one line. */
export function writeLine(output: Output, text = ''): void {
  output.stream.write(`${text}\n`);
}
