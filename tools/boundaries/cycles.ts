/** Finds the circles of a graph, each as the nodes along it; one node that leads to itself is a circle too. */
export function findCycles(graph: ReadonlyMap<string, readonly string[]>): string[][] {
  const cycles: string[][] = [];
  const finished = new Set<string>();
  const visit = (node: string, trail: string[]): void => {
    const start = trail.indexOf(node);
    if (start !== -1) cycles.push(trail.slice(start));
    if (start !== -1 || finished.has(node)) return;
    trail.push(node);
    for (const next of graph.get(node) ?? []) visit(next, trail);
    trail.pop();
    finished.add(node);
  };
  for (const node of graph.keys()) visit(node, []);
  return cycles;
}
