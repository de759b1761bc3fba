import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** The built command; `npm test` builds it before the tests run. */
export const MAIN = fileURLToPath(new URL('../dist/cli/main.js', import.meta.url));

export interface Finished {
  readonly status: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Running {
  readonly child: ChildProcess;
  /** Resolves when stderr has come to hold `text`; rejects when the process ends before. */
  seen(text: string): Promise<void>;
  readonly finished: Promise<Finished>;
}

/** Starts a program without a terminal; its colours are what `env` says. */
export function start(
  program: string,
  args: readonly string[],
  options: { cwd?: string; env?: object; input?: string } = {},
): Running {
  const { NO_COLOR: _, FORCE_COLOR: __, ...inherited } = process.env;
  const env = { ...inherited, ...options.env };
  const child = spawn(program, args, { env, cwd: options.cwd, stdio: ['pipe', 'pipe', 'pipe'] });
  child.stdin.end(options.input ?? '');
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk) => {
    stdout += chunk;
  });
  child.stderr.on('data', (chunk) => {
    stderr += chunk;
  });
  const finished = new Promise<Finished>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (status, signal) => resolve({ status, signal, stdout, stderr }));
  });
  const seen = (text: string) =>
    new Promise<void>((resolve, reject) => {
      const look = () => stderr.includes(text) && resolve();
      child.stderr.on('data', look);
      child.on('close', () => reject(new Error(`ended without '${text}': ${stderr}`)));
      look();
    });
  return { child, seen, finished };
}

/** A module of the built command. */
export const builtModule = (name: string): string => new URL(`../dist/cli/${name}`, import.meta.url).href;

/** Starts the built `lacuna`. */
export function startLacuna(args: readonly string[], options: { env?: object } = {}): Running {
  return start(process.execPath, [MAIN, ...args], options);
}

/** Runs the built `lacuna` to its end. */
export function lacuna(...args: readonly string[]): Promise<Finished> {
  return startLacuna(args).finished;
}
