import type { Metrics } from './metrics.ts';

const RESULTS = ['complete', 'incomplete', 'failed'] as const;

/** Counts how the comparisons of a service's read model with its owner ended. */
export function observeComparisons(metrics: Metrics): (result: (typeof RESULTS)[number]) => void {
  const comparisons = metrics.counter({
    name: 'allibrary_comparisons_total',
    help: 'Comparisons of what this service holds with the catalog, by how they ended.',
    labelNames: ['result'],
  });
  for (const result of RESULTS) comparisons.inc({ result }, 0);
  return (result) => comparisons.inc({ result });
}
