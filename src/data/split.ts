import { createHash } from 'node:crypto';
import { DataError } from '../core/index.js';
import type { Document } from './document.js';
import { cutIntoPassages } from './passages.js';

/** Documents on both sides of a split. */
export interface SplitGroup {
  readonly train: Document[];
  readonly heldOut: Document[];
}

/** What lies on one side. */
export interface SideTally {
  readonly documents: number;
  /** UTF-8 bytes of their texts. */
  readonly bytes: number;
}

/** How documents are divided: a function of each document alone, so that a corpus of any size can be divided as it is read. */
export interface SplitRule {
  /** Passages of that many code units where whole documents are too few, else whole ones. */
  readonly passageLength?: number;
  /** Documents whose hash is below are held out. */
  readonly heldOutFraction: number;
  /** Held out instead, in a corpus so short that no hash leaves something on both sides. */
  readonly heldOutId?: string;
}

export interface PlannedSplit {
  readonly rule: SplitRule;
  readonly train: SideTally;
  readonly heldOut: SideTally;
}

/** Reads all documents, group by group, from the beginning. */
export type ReadGroups = () => AsyncIterable<readonly Document[]> | Iterable<readonly Document[]>;

/** Lengths of passages to try, in code units: the longest that leaves something on both sides is taken. */
const PASSAGE_LENGTHS = [undefined, 2000, 200, 20] as const;

/** Much more held-out text than this would only be measured on slowly; some thousand sequences say enough. */
const MOST_HELD_OUT_BYTES = 1 << 22;
/** Of more than that, this much is held out. */
const ENOUGH_HELD_OUT_BYTES = 1 << 21;

/** Smaller fractions to choose from, tallied while a corpus is read. */
const STRATA = 1024;

/**
 * Plans a split by a hash of each document's id, so that a document's side depends on nothing else. A corpus with so few
 * documents that one side would be empty, such as one big file, is cut into passages of whole sentences (of whole lines
 * or words where a sentence is longer than a passage), which get the ids `document#0`, `document#1`, ... Of a corpus so
 * large that the fraction would hold more than 4 MiB, about 2 MiB are held out. Reads the corpus once for each length of
 * passages that is tried. Throws a DataError when it is too short to be divided.
 */
export async function planSplit(read: ReadGroups, heldOutFraction = 0.05): Promise<PlannedSplit> {
  let last: Tally | undefined;
  for (const passageLength of PASSAGE_LENGTHS) {
    const rule = { heldOutFraction, ...(passageLength === undefined ? {} : { passageLength }) };
    last = await tally(read, rule);
    if (last.train.documents === 0 || last.heldOut.documents === 0) continue;
    return last.heldOut.bytes <= MOST_HELD_OUT_BYTES ? planned(last) : withLessHeldOut(last);
  }
  if (!last?.lastId || last.train.documents + last.heldOut.documents < 2) {
    throw new DataError('the corpus is too short: expected enough text to train on some and hold some out');
  }
  return planned(await tally(read, { ...last.rule, heldOutId: last.lastId }));
}

const planned = ({ rule, train, heldOut }: PlannedSplit): PlannedSplit => ({ rule, train, heldOut });

/** The documents of a group, or passages of them, by the side on which a rule puts them. */
export function splitGroup(documents: readonly Document[], rule: SplitRule): SplitGroup {
  const { passageLength } = rule;
  const group: SplitGroup = { train: [], heldOut: [] };
  for (const document of documents) {
    const pieces = passageLength === undefined ? [document] : cutIntoPassages(document, passageLength);
    for (const piece of pieces) (isHeldOut(piece, rule) ? group.heldOut : group.train).push(piece);
  }
  return group;
}

interface Tally extends PlannedSplit {
  readonly lastId: string | undefined;
  /** Of what is held out: stratum i holds hashes from i / 1024 of the fraction on. */
  readonly strata: readonly SideTally[];
}

async function tally(read: ReadGroups, rule: SplitRule): Promise<Tally> {
  const train = { documents: 0, bytes: 0 };
  const heldOut = { documents: 0, bytes: 0 };
  const strata = Array.from({ length: STRATA }, () => ({ documents: 0, bytes: 0 }));
  let lastId: string | undefined;
  for await (const documents of read()) {
    const group = splitGroup(documents, rule);
    count(group.train, train);
    count(group.heldOut, heldOut);
    for (const document of group.heldOut)
      count([document], strata[stratumOf(document, rule)] as typeof train);
    // In order: the last document is last on its side.
    const final = documents.at(-1);
    if (final) lastId = splitGroup([final], { ...rule, heldOutFraction: 1 }).heldOut.at(-1)?.id ?? lastId;
  }
  return { rule, train, heldOut, lastId, strata };
}

/** The plan that holds out as many of the first strata as are enough. */
function withLessHeldOut({ rule, train, heldOut, strata }: Tally): PlannedSplit {
  const less = { documents: 0, bytes: 0 };
  let taken = 0;
  while (less.bytes < ENOUGH_HELD_OUT_BYTES) {
    const { documents, bytes } = strata[taken++] as SideTally;
    less.documents += documents;
    less.bytes += bytes;
  }
  const { documents, bytes } = heldOut;
  return {
    rule: { ...rule, heldOutFraction: strataBound(taken, rule) },
    train: {
      documents: train.documents + documents - less.documents,
      bytes: train.bytes + bytes - less.bytes,
    },
    heldOut: less,
  };
}

/** The fraction that the first `taken` strata are of all documents. */
const strataBound = (taken: number, { heldOutFraction }: SplitRule) => (heldOutFraction * taken) / STRATA;

function stratumOf({ id }: Document, rule: SplitRule): number {
  const hash = hashFraction(id);
  let stratum = Math.min(STRATA - 1, Math.floor((hash / rule.heldOutFraction) * STRATA));
  // What rounding has put on the wrong side of a bound.
  while (stratum > 0 && hash < strataBound(stratum, rule)) stratum--;
  while (stratum < STRATA - 1 && hash >= strataBound(stratum + 1, rule)) stratum++;
  return stratum;
}

function count(documents: readonly Document[], side: { documents: number; bytes: number }): void {
  side.documents += documents.length;
  for (const { text } of documents) side.bytes += Buffer.byteLength(text);
}

function isHeldOut({ id }: Document, { heldOutFraction, heldOutId }: SplitRule): boolean {
  return heldOutId === undefined ? hashFraction(id) < heldOutFraction : id === heldOutId;
}

/** The first 32 bits of the SHA-256 of an id as a number in [0, 1); `salt` makes another number of it. */
export function hashFraction(id: string, salt = ''): number {
  return createHash('sha256').update(id).update(salt).digest().readUInt32BE(0) / 2 ** 32;
}
