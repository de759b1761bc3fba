import type { Document } from './document.js';
import { splitSentences } from './sentences.js';

/** Passages of whole sentences, of at least `length` code units (but for the last), whose concatenation is the document. */
export function cutIntoPassages({ id, text }: Document, length: number): Document[] {
  const passages: Document[] = [];
  let passage = '';
  for (const piece of splitSentences(text).flatMap((sentence) => cutLongSentence(sentence, length))) {
    passage += piece;
    if (passage.length < length) continue;
    passages.push({ id: `${id}#${passages.length}`, text: passage });
    passage = '';
  }
  if (passage.trim() !== '') passages.push({ id: `${id}#${passages.length}`, text: passage });
  return passages;
}

/** The sentence, or its lines if it is longer than `length`, or the words of those lines that still are. */
function cutLongSentence(sentence: string, length: number): string[] {
  if (sentence.length <= length) return [sentence];
  const lines = sentence.match(/[^\n]*\n|[^\n]+$/g) ?? [];
  return lines.flatMap((line) =>
    line.length <= length ? [line] : (line.match(/\s*\S+\s*$|\s*\S+/g) ?? [line]),
  );
}
