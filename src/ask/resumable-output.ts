import { createHash } from 'node:crypto';
import { type FileHandle, open, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { z } from 'zod';
import { ConfigError, errorMessage, FileError, FormatError } from '../core/index.js';

/** Where answers go, and what to do with what is there. */
export interface OutputTarget {
  readonly path: string;
  /** Go on where an interrupted run of the same question stopped. */
  readonly resume?: boolean;
  /** Replace a file that is there, and forget an interrupted run. */
  readonly overwrite?: boolean;
}

const stateSchema = z.object({
  version: z.literal(1),
  fingerprint: z.string(),
  done: z.number().int().nonnegative(),
  bytes: z.number().int().nonnegative(),
});
type State = z.infer<typeof stateSchema>;

/**
 * A file that grows record by record beside its destination and takes its name when it is whole. A state file beside it
 * says how many records it holds and what was asked, so that an interrupted run goes on without doing anything twice.
 */
export class ResumableOutput {
  private constructor(
    private readonly path: string,
    private readonly file: FileHandle,
    private state: State,
  ) {}

  /** Records that an earlier run has written. */
  get done(): number {
    return this.state.done;
  }

  /**
   * Opens an output; `asked` is everything that the answers depend on. Throws a FileError when the file is there or an
   * interrupted run is, and neither `resume` nor `overwrite` was given; a ConfigError when the run asked something else.
   */
  static async open(target: OutputTarget, asked: unknown): Promise<ResumableOutput> {
    const { path } = target;
    const fingerprint = createHash('sha256').update(JSON.stringify(asked)).digest('hex');
    const fresh: State = { version: 1, fingerprint, done: 0, bytes: 0 };
    try {
      if ((await exists(path)) && !target.overwrite) {
        throw new FileError(`'${path}' exists: choose another --out, or --overwrite`);
      }
      const state = target.overwrite ? undefined : await readState(statePath(path));
      if (state && !target.resume) {
        throw new FileError(
          `an interrupted run left ${state.done} records beside '${path}': go on with --resume, or begin anew with --overwrite`,
        );
      }
      if (state && state.fingerprint !== fingerprint) {
        throw new ConfigError(
          `the interrupted run beside '${path}' asked something else (another input, model or option): repeat its command, or begin anew with --overwrite`,
        );
      }
      const file = await open(partialPath(path), state ? 'r+' : 'w');
      await file.truncate(state?.bytes ?? 0); // what was written after the state was is written again
      const output = new ResumableOutput(path, file, state ?? fresh);
      if (!state) await output.writeState();
      return output;
    } catch (cause) {
      throw asFileError(`cannot write '${path}'`, cause);
    }
  }

  /** Adds the bytes of some records and makes both durable. */
  async append(bytes: Uint8Array, records: number): Promise<void> {
    try {
      await this.file.write(bytes, 0, bytes.length, this.state.bytes);
      await this.file.sync();
      this.state = {
        ...this.state,
        done: this.state.done + records,
        bytes: this.state.bytes + bytes.length,
      };
      await this.writeState();
    } catch (cause) {
      throw asFileError(`cannot write '${this.path}'`, cause);
    }
  }

  /** Gives the file its name. */
  async finish(): Promise<void> {
    await this.file.close();
    await rename(partialPath(this.path), this.path);
    await rm(statePath(this.path));
  }

  /** Leaves what is done for a later run. */
  async close(): Promise<void> {
    await this.file.close();
  }

  private async writeState(): Promise<void> {
    const beside = `${statePath(this.path)}.new`;
    await writeFile(beside, JSON.stringify(this.state), { flush: true });
    await rename(beside, statePath(this.path));
  }
}

const partialPath = (path: string) => `${path}.partial`;
const statePath = (path: string) => `${path}.partial.json`;

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

async function readState(path: string): Promise<State | undefined> {
  if (!(await exists(path))) return undefined;
  try {
    return stateSchema.parse(JSON.parse(await readFile(path, 'utf8')));
  } catch (cause) {
    throw new FormatError(`'${path}' is not the state of an interrupted run; begin anew with --overwrite`, {
      cause,
    });
  }
}

function asFileError(action: string, cause: unknown): Error {
  if (cause instanceof FileError || cause instanceof ConfigError || cause instanceof FormatError)
    return cause;
  return new FileError(`${action}: ${errorMessage(cause)}`, { cause });
}
