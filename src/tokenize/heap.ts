/** A binary heap; `precedes` is a strict order, and the first by it is popped first. */
export class Heap<Item> {
  private readonly items: Item[] = [];

  constructor(private readonly precedes: (a: Item, b: Item) => boolean) {}

  push(item: Item): void {
    const { items } = this;
    let at = items.length;
    while (at > 0) {
      const parent = (at - 1) >>> 1;
      const above = items[parent] as Item;
      if (!this.precedes(item, above)) break;
      items[at] = above;
      at = parent;
    }
    items[at] = item;
  }

  pop(): Item | undefined {
    const { items } = this;
    const top = items[0];
    const last = items.pop();
    if (last !== undefined && items.length > 0) this.sinkFromTop(last);
    return top;
  }

  private sinkFromTop(item: Item): void {
    const { items } = this;
    let at = 0;
    for (let child = 1; child < items.length; child = 2 * at + 1) {
      const right = items[child + 1];
      if (right !== undefined && this.precedes(right, items[child] as Item)) child++;
      const below = items[child] as Item;
      if (!this.precedes(below, item)) break;
      items[at] = below;
      at = child;
    }
    items[at] = item;
  }
}
