/**
 * The strongly connected components of a graph on 0 .. size - 1 that are reachable from `roots` (all, when left
 * out), by Tarjan 1972, without recursion.
 */
export function stronglyConnected(
  size: number,
  successors: (node: number) => readonly number[],
  roots: Iterable<number> = Array.from({ length: size }, (_, node) => node),
): number[][] {
  const order = new Map<number, number>();
  const lowest = new Map<number, number>();
  const open: number[] = [];
  const isOpen = new Set<number>();
  const components: number[][] = [];

  const enter = (node: number) => {
    order.set(node, order.size);
    lowest.set(node, order.get(node) as number);
    open.push(node);
    isOpen.add(node);
    return { node, pending: [...successors(node)] };
  };
  const lower = (node: number, value: number) =>
    lowest.set(node, Math.min(lowest.get(node) as number, value));
  const leave = (node: number) => {
    if (lowest.get(node) !== order.get(node)) return;
    const component = open.splice(open.lastIndexOf(node));
    for (const member of component) isOpen.delete(member);
    components.push(component);
  };

  for (const root of roots) {
    if (order.has(root)) continue;
    const path = [enter(root)];
    for (let top = path.at(-1); top !== undefined; top = path.at(-1)) {
      const next = top.pending.pop();
      if (next === undefined) {
        path.pop();
        leave(top.node);
        const parent = path.at(-1);
        if (parent !== undefined) lower(parent.node, lowest.get(top.node) as number);
      } else if (!order.has(next)) {
        path.push(enter(next));
      } else if (isOpen.has(next)) {
        lower(top.node, order.get(next) as number);
      }
    }
  }
  return components;
}
