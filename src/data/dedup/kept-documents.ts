import { ScratchFile } from './scratch-file.js';

const DIGEST_BYTES = 16;
/** Digest, number of shingles and bytes of the id. */
const HEAD_BYTES = DIGEST_BYTES + 8;

/** What later documents are compared with, on disk: of each a digest, its shingles and its id. */
export class KeptDocuments {
  private readonly file: ScratchFile;
  /** Where each begins: f64[capacity], as files may be larger than 4 GiB. */
  private places = new Float64Array(1024);
  private count = 0;

  /** Throws a FileError when `directory` cannot be written. */
  constructor(directory?: string) {
    this.file = new ScratchFile(directory);
  }

  /** Keeps a document and gives its number, from 0. Throws a FileError, as of a full disk. */
  add(id: string, digest: Uint8Array, shingles: Uint32Array): number {
    const name = Buffer.from(id);
    const head = Buffer.alloc(HEAD_BYTES);
    head.set(digest);
    head.writeUInt32LE(shingles.length, DIGEST_BYTES);
    head.writeUInt32LE(name.length, DIGEST_BYTES + 4);
    const hashes = Buffer.from(shingles.buffer, shingles.byteOffset, shingles.byteLength);
    const number = this.count++;
    if (number === this.places.length) {
      const places = new Float64Array(2 * number);
      places.set(this.places);
      this.places = places;
    }
    this.places[number] = this.file.append(Buffer.concat([head, hashes, name]));
    return number;
  }

  digestOf(number: number): Buffer {
    return this.file.read(this.placeOf(number), DIGEST_BYTES);
  }

  shinglesOf(number: number): Uint32Array {
    const { shingles } = this.sizesOf(number);
    const bytes = this.file.read(this.placeOf(number) + HEAD_BYTES, 4 * shingles);
    return new Uint32Array(bytes.buffer, bytes.byteOffset, shingles);
  }

  idOf(number: number): string {
    const { shingles, nameBytes } = this.sizesOf(number);
    return this.file.read(this.placeOf(number) + HEAD_BYTES + 4 * shingles, nameBytes).toString();
  }

  close(): void {
    this.file.close();
  }

  private placeOf(number: number): number {
    return this.places[number] as number;
  }

  private sizesOf(number: number): { readonly shingles: number; readonly nameBytes: number } {
    const head = this.file.read(this.placeOf(number) + DIGEST_BYTES, HEAD_BYTES - DIGEST_BYTES);
    return { shingles: head.readUInt32LE(), nameBytes: head.readUInt32LE(4) };
  }
}
