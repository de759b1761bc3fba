// A disk that dies, or fails, at the n-th thing that is done to it. The functions of Node's file modules are replaced, so
// that the code under test is the shipped one; files are really written, and beside them is kept what a disk must have
// kept by then: bytes of a file since its last fsync, and names in a directory since the last fsync of that directory,
// are not promised by anybody (fsync(2)).
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { basename, dirname, join, relative, sep } from 'node:path';

/** Thrown where the machine stopped: nothing after it happens, not even cleaning up. */
export class Crash extends Error {}

/** What of the things that were not synced is found after the crash. */
export const SURVIVAL = ['all', 'nothing', 'names', 'random'];

const directory = () => ({ entries: new Map(), durable: new Map() });
const file = () => ({ durable: Buffer.alloc(0) });
const isDirectory = (node) => 'entries' in node;

function bytesOf({ durable, written = durable }, how, random) {
  if (how === 'all') return written;
  if (how !== 'random' || written.length <= durable.length) return durable;
  // Some of what was written since: up to anywhere.
  return written.subarray(0, durable.length + random.nextInt(written.length - durable.length + 1));
}

export class CrashDisk {
  /** Things done so far. */
  count = 0;
  /** Names of the things done, in order. */
  done = [];
  #dead = false;
  #root = directory();
  #handles = new Map();
  #original = {};
  /** While this class itself reads and writes: Node's functions call one another through the module. */
  #isInternal = false;

  /**
   * `root` is an empty directory; `at` the number of the thing at which it happens, from 1; `fault` is 'crash', or the
   * code of the error with which this one thing fails.
   */
  constructor(root, { at = Infinity, fault = 'crash' } = {}) {
    Object.assign(this, { root, at, fault });
  }

  /** Replaces Node's functions until `remove`. */
  install() {
    const { promises } = fs;
    const replaced = this.#promises(promises);
    const synchronous = this.#synchronous(fs);
    this.#original = {
      promises: Object.fromEntries(Object.keys(replaced).map((name) => [name, promises[name]])),
      synchronous: Object.fromEntries(Object.keys(synchronous).map((name) => [name, fs[name]])),
    };
    Object.assign(promises, replaced);
    Object.assign(fs, synchronous);
    syncBuiltinESMExports();
  }

  remove() {
    Object.assign(fs.promises, this.#original.promises);
    Object.assign(fs, this.#original.synchronous);
    syncBuiltinESMExports();
  }

  /** Writes what is found after the crash into `target`. */
  survive(target, how, random) {
    this.#surviving(this.#root, target, how, random);
  }

  #surviving(node, to, how, random) {
    fs.mkdirSync(to, { recursive: true });
    const keepsNames = how === 'all' || how === 'names' || (how === 'random' && random.nextInt(2) === 0);
    for (const [name, child] of keepsNames ? node.entries : node.durable) {
      const path = join(to, name);
      if (isDirectory(child)) this.#surviving(child, path, how, random);
      else fs.writeFileSync(path, bytesOf(child, how, random));
    }
  }

  /** Counts one thing; throws when it is the one, having done `half` of it. */
  #step(what, half = () => undefined) {
    if (this.#dead) throw new Crash();
    this.count++;
    this.done.push(what);
    if (this.count !== this.at) return;
    half();
    if (this.fault === 'crash') {
      this.#dead = true;
      throw new Crash();
    }
    throw Object.assign(new Error(`${this.fault}: made up`), { code: this.fault });
  }

  #bytes(path) {
    this.#isInternal = true;
    try {
      return fs.readFileSync(path);
    } finally {
      this.#isInternal = false;
    }
  }

  #parts(path) {
    const inside = relative(this.root, String(path));
    return inside === '' ? [] : inside.split(sep);
  }

  #has(path) {
    return !relative(this.root, String(path)).startsWith('..');
  }

  #node(path) {
    let node = this.#root;
    for (const part of this.#parts(path)) node = node?.entries?.get(part);
    return node;
  }

  #enter(path, make) {
    const { entries } = this.#node(dirname(path));
    if (!entries.has(basename(path))) entries.set(basename(path), make());
    return entries.get(basename(path));
  }

  #makeDirectories(path) {
    const parts = this.#parts(path);
    for (let length = 1; length <= parts.length; length++) {
      this.#enter(join(this.root, ...parts.slice(0, length)), directory);
    }
  }

  #synced(path, node) {
    if (isDirectory(node)) node.durable = new Map(node.entries);
    else node.durable = node.written = this.#bytes(path);
  }

  #handle(handle, path, node) {
    const short = basename(path);
    const wrap = (name, change) => {
      const original = handle[name].bind(handle);
      handle[name] = (...args) => change(original, ...args);
    };
    const after = (value) => {
      node.written = this.#bytes(path);
      return value;
    };
    wrap('write', async (write, bytes, offset = 0, length = bytes.length - offset, ...rest) => {
      this.#step(`write ${short}`, () => this.#half(path, node, bytes.subarray(offset, offset + length)));
      return after(await write(bytes, offset, length, ...rest));
    });
    wrap('appendFile', async (append, bytes) => {
      this.#step(`append ${short}`, () => this.#half(path, node, bytes));
      return after(await append(bytes));
    });
    wrap('sync', async (sync) => {
      this.#step(`fsync ${short}`);
      await sync();
      this.#synced(path, node);
    });
    return handle;
  }

  /** The first half of some bytes: a write that was cut short. */
  #half(path, node, bytes) {
    node.written = Buffer.concat([this.#bytes(path), bytes.subarray(0, bytes.length >> 1)]);
    this.#isInternal = true;
    fs.writeFileSync(path, node.written);
    this.#isInternal = false;
  }

  #promises({ open, mkdir, rename, rm }) {
    return {
      open: async (path, mode = 'r', ...rest) => {
        if (!this.#has(path)) return open(path, mode, ...rest);
        const isNew = mode !== 'r' && !fs.existsSync(path);
        if (isNew) this.#step(`create ${basename(path)}`);
        const handle = await open(path, mode, ...rest);
        return this.#handle(handle, path, isNew ? this.#enter(path, file) : this.#node(path));
      },
      mkdir: async (path, options) => {
        if (!this.#has(path) || fs.existsSync(path)) return mkdir(path, options);
        this.#step(`mkdir ${basename(path)}`);
        const made = await mkdir(path, options);
        this.#makeDirectories(path);
        return made;
      },
      rename: async (from, to) => {
        if (!this.#has(from)) return rename(from, to);
        this.#step(`rename ${basename(from).replace(/-\d+-\w+$/, '')} to ${basename(to)}`);
        await rename(from, to);
        const node = this.#node(from);
        this.#node(dirname(from)).entries.delete(basename(from));
        this.#node(dirname(to)).entries.set(basename(to), node);
      },
      rm: async (path, options) => {
        // Files that nobody follows, such as locks, go as they came.
        if (!this.#has(path) || !this.#node(path)) return rm(path, options);
        this.#step(`rm ${basename(path).replace(/-\d+-\w+$/, '')}`, () => this.#removeHalf(path));
        await rm(path, options);
        this.#node(dirname(path)).entries.delete(basename(path));
      },
    };
  }

  /** Of a directory, the first of its files: deleting one is many things. */
  #removeHalf(path) {
    const node = this.#node(path);
    if (!isDirectory(node)) return;
    const [name] = node.entries.keys();
    if (name === undefined) return;
    fs.rmSync(join(path, name), { recursive: true });
    node.entries.delete(name);
  }

  #synchronous({ openSync, writeSync, fsyncSync, ftruncateSync, closeSync }) {
    const opened = (descriptor) => this.#handles.get(descriptor);
    return {
      openSync: (path, mode = 'r', ...rest) => {
        if (this.#isInternal || !this.#has(path)) return openSync(path, mode, ...rest);
        const isNew = mode !== 'r' && !fs.existsSync(path);
        if (isNew) this.#step(`create ${basename(path)}`);
        const descriptor = openSync(path, mode, ...rest);
        this.#handles.set(descriptor, { path, node: isNew ? this.#enter(path, file) : this.#node(path) });
        return descriptor;
      },
      writeSync: (descriptor, bytes, ...rest) => {
        const entry = opened(descriptor);
        if (!entry) return writeSync(descriptor, bytes, ...rest);
        this.#step(`write ${basename(entry.path)}`, () => this.#half(entry.path, entry.node, bytes));
        const written = writeSync(descriptor, bytes, ...rest);
        entry.node.written = this.#bytes(entry.path);
        return written;
      },
      ftruncateSync: (descriptor, length) => {
        const entry = opened(descriptor);
        ftruncateSync(descriptor, length);
        if (entry) entry.node.written = this.#bytes(entry.path);
      },
      fsyncSync: (descriptor) => {
        const entry = opened(descriptor);
        if (entry) this.#step(`fsync ${basename(entry.path)}`);
        fsyncSync(descriptor);
        if (entry) this.#synced(entry.path, entry.node);
      },
      closeSync: (descriptor) => {
        this.#handles.delete(descriptor);
        closeSync(descriptor);
      },
    };
  }
}
