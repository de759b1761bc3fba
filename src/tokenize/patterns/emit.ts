import type { PatternNode, RepeatNode } from './syntax.js';

/** The source of a JavaScript regular expression, for the v flag, that matches as the parsed one does. */
export function emitPattern(node: PatternNode): string {
  return new Emitter().emit(node);
}

class Emitter {
  private groups = 0;

  emit(node: PatternNode): string {
    switch (node.type) {
      case 'character':
      case 'assertion':
        return node.source;
      case 'sequence':
        return node.items.map((item) => this.emitItem(item)).join('');
      case 'choice':
        return node.options.map((option) => this.emit(option)).join('|');
      case 'repeat':
        return this.emitRepeat(node);
      case 'atomic':
        return this.emitAtomic(node.body);
      case 'look':
        return `${node.opening}${this.emit(node.body)})`;
    }
  }

  private emitItem(node: PatternNode): string {
    return node.type === 'choice' ? `(?:${this.emit(node)})` : this.emit(node);
  }

  private emitRepeat({ body, min, max, mode }: RepeatNode): string {
    if (mode === 'possessive') return this.emitAtomic({ type: 'repeat', body, min, max, mode: 'greedy' });
    const inside = this.emit(body);
    const repeated = body.type === 'character' ? inside : `(?:${inside})`;
    const upper = max === Number.POSITIVE_INFINITY ? '' : String(max);
    return `${repeated}{${min},${upper}}${mode === 'lazy' ? '?' : ''}`;
  }

  /** What a lookahead has captured is not tried again otherwise. */
  private emitAtomic(body: PatternNode): string {
    const group = ++this.groups;
    return `(?:(?=(${this.emit(body)}))\\${group})`;
  }
}
