import { DataError } from '../core/index.js';

/** A sentence as words, each with its tag. */
export interface TaggedSentence {
  readonly words: readonly string[];
  readonly tags: readonly string[];
  /** What must not be torn apart by a split, such as the document that a sentence is from. */
  readonly group: string;
}

/** The word of a line that begins a document (Tjong Kim Sang and De Meulder 2003). */
const DOCUMENT_START = '-DOCSTART-';

/**
 * Sentences in CoNLL columns: a word first, its tag last, separated by tabs or spaces; an empty line ends a sentence.
 * Comments begin with `# `; `# group = NAME` names the group of what follows, and a line of `-DOCSTART-` begins one for
 * its document. Throws a DataError that names the line.
 */
export function readConll(content: string, path: string): TaggedSentence[] {
  const sentences: TaggedSentence[] = [];
  let words: string[] = [];
  let tags: string[] = [];
  let group: string | undefined;
  const finish = () => {
    if (words.length > 0) sentences.push({ words, tags, group: group ?? `${sentences.length}` });
    [words, tags] = [[], []];
  };
  for (const [index, line] of content.split(/\r?\n/).entries()) {
    const comment = /^# (?:group = (.*))?/.exec(line);
    if (comment) {
      group = comment[1] ?? group;
      continue;
    }
    const columns = line.split(line.includes('\t') ? '\t' : / +/).filter((cell) => cell.trim() !== '');
    const [word, tag] = [columns[0], columns.at(-1)];
    if (word === DOCUMENT_START) {
      finish();
      group = `document ${index + 1}`;
    } else if (word === undefined || tag === undefined) finish();
    else if (columns.length === 1) {
      throw new DataError(`${path}:${index + 1}: expected a word and its tag, got '${line}'`);
    } else {
      words.push(word);
      tags.push(tag);
    }
  }
  finish();
  return sentences;
}
