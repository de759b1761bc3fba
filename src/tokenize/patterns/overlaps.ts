/** Every character of Latin, and some of every block. */
const SAMPLE: readonly (readonly [first: number, end: number, step: number])[] = [
  [0, 0x250, 1],
  [0x250, 0x3400, 7],
  [0x3400, 0x20000, 101],
];

/** Which classes can match the same character; found by trying a sample, and every character that they name. */
export class Overlaps {
  private readonly members: readonly Uint8Array[];
  private readonly known = new Map<number, boolean>();

  constructor(sources: readonly string[]) {
    const sample = sampleFor(sources);
    const bySource = new Map<string, Uint8Array>();
    this.members = sources.map((source) => {
      const members = bySource.get(source) ?? membersOf(source, sample);
      bySource.set(source, members);
      return members;
    });
  }

  at(first: number, second: number): boolean {
    const key = first * this.members.length + second;
    const known = this.known.get(key);
    if (known !== undefined) return known;
    const [a, b] = [this.members[first], this.members[second]];
    const overlaps = a?.some((isMember, index) => isMember === 1 && b?.[index] === 1) ?? false;
    this.known.set(key, overlaps);
    return overlaps;
  }
}

function sampleFor(sources: readonly string[]): string[] {
  const points = new Set<number>();
  for (const [first, end, step] of SAMPLE)
    for (let point = first; point < end; point += step) points.add(point);
  for (const source of sources) {
    for (const [, hex = ''] of source.slice(0, 1000).matchAll(/\\u\{([0-9a-f]+)\}/g)) {
      points.add(Number.parseInt(hex, 16));
    }
  }
  return [...points].map((point) => String.fromCodePoint(point));
}

function membersOf(source: string, sample: readonly string[]): Uint8Array {
  const expression = new RegExp(`^${source}$`, 'v');
  return Uint8Array.from(sample, (character) => Number(expression.test(character)));
}
