import { readdir, readFile, rename, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { errorMessage, FormatError } from '../core/index.js';
import {
  isLeftover,
  recoverReplaced,
  systemCode,
  toFileError,
  writeDirectory,
  writeDurably,
} from '../files/index.js';
import { decodeManifest, encodeManifest, type Manifest } from './manifest.js';
import {
  checkFile,
  type NamedTensors,
  readStateFile,
  type TensorType,
  writeStateFile,
} from './state-file.js';

const STATE_FILE = 'state.safetensors';
const MANIFEST_FILE = 'manifest.json';
const NAME = /^step-(\d{9,})$/;
const REPLACED = /^\.(step-\d{9,})\.replaced-/;

/** A checkpoint that passed every check. */
export interface Checkpoint {
  readonly path: string;
  readonly manifest: Manifest;
}

/** A checkpoint that did not, and why. */
export interface DamagedCheckpoint {
  readonly path: string;
  readonly problem: string;
}

/** The checkpoints of one run: directories that are there whole or not at all. */
export class Checkpoints {
  /** `types` is the state of the run's program, in order; `run` the SHA-256 of its identity. */
  constructor(
    private readonly directory: string,
    private readonly types: readonly TensorType[],
    private readonly run: string,
  ) {}

  /** Writes a checkpoint: beside its place, synced, with the manifest last, then renamed. Throws a FileError. */
  async write(manifest: Omit<Manifest, 'files' | 'run'>, state: NamedTensors): Promise<Checkpoint> {
    const path = join(this.directory, `step-${String(manifest.step).padStart(9, '0')}`);
    let complete: Manifest | undefined;
    try {
      await writeDirectory(path, async (written) => {
        const facts = await writeStateFile(join(written, STATE_FILE), this.types, state);
        complete = { ...manifest, run: this.run, files: { [STATE_FILE]: facts } };
        await writeDurably(join(written, MANIFEST_FILE), encodeManifest(complete));
      });
    } catch (cause) {
      throw toFileError(`cannot write the checkpoint '${path}'`, cause);
    }
    return { path, manifest: complete as Manifest };
  }

  /** The state of a checkpoint, one tensor in memory at a time. */
  read({ path }: Checkpoint): NamedTensors {
    return readStateFile(join(path, STATE_FILE), this.types);
  }

  /** The newest checkpoint that passes every check, and is one of those wanted, and the newer ones that are damaged. */
  async newestIntact(
    isWanted: (manifest: Manifest) => boolean = () => true,
  ): Promise<{ intact?: Checkpoint; damaged: DamagedCheckpoint[] }> {
    const damaged: DamagedCheckpoint[] = [];
    for (const path of (await this.paths()).reverse()) {
      try {
        const intact = await this.check(path);
        if (isWanted(intact.manifest)) return { intact, damaged };
      } catch (error) {
        damaged.push({ path, problem: errorMessage(error) });
      }
    }
    return { damaged };
  }

  /** Moves a damaged checkpoint out of the way of retention and of its successor; its bytes stay. */
  async setAside({ path }: DamagedCheckpoint): Promise<void> {
    const aside = `${path}.damaged`;
    await rm(aside, { recursive: true, force: true });
    await rename(path, aside);
  }

  /** Removes all but the newest `count` checkpoints and that of step `best`. */
  async retain(count: number, best: number | undefined): Promise<void> {
    const paths = await this.paths();
    for (const path of paths.slice(0, Math.max(0, paths.length - count))) {
      if (stepOf(basename(path)) !== best) await rm(path, { recursive: true, force: true });
    }
  }

  /** Puts back what killed processes had moved aside, and removes what they left half-written. */
  async sweep(): Promise<void> {
    for (const name of await this.names()) {
      const [, replaced] = REPLACED.exec(name) ?? [];
      if (replaced !== undefined) await recoverReplaced(join(this.directory, replaced));
    }
    for (const name of await this.names()) {
      if (isLeftover(name)) await rm(join(this.directory, name), { recursive: true, force: true });
    }
  }

  /** Checks one of the checkpoints, by step. Throws a FormatError. */
  at(step: number): Promise<Checkpoint> {
    return this.check(join(this.directory, `step-${String(step).padStart(9, '0')}`));
  }

  private async check(path: string): Promise<Checkpoint> {
    const manifestPath = join(path, MANIFEST_FILE);
    try {
      const manifest = decodeManifest(await readFile(manifestPath), MANIFEST_FILE);
      if (manifest.run !== this.run) throw new FormatError(`${MANIFEST_FILE}: it belongs to another run`);
      const facts = manifest.files[STATE_FILE];
      if (!facts) throw new FormatError(`${MANIFEST_FILE}: it does not list ${STATE_FILE}`);
      await checkFile(join(path, STATE_FILE), STATE_FILE, facts);
      return { path, manifest };
    } catch (cause) {
      if (systemCode(cause) === 'ENOENT') throw new FormatError('a file of it is missing', { cause });
      throw toFileError('it cannot be read', cause);
    }
  }

  private async paths(): Promise<string[]> {
    const names = (await this.names()).filter((name) => NAME.test(name));
    return names.sort((a, b) => stepOf(a) - stepOf(b)).map((name) => join(this.directory, name));
  }

  private async names(): Promise<string[]> {
    try {
      return await readdir(this.directory);
    } catch (cause) {
      if (systemCode(cause) === 'ENOENT') return [];
      throw toFileError(`cannot read '${this.directory}'`, cause);
    }
  }
}

function stepOf(name: string): number {
  return Number(NAME.exec(name)?.[1]);
}
