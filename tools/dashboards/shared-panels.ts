import type { Panel } from './panels.ts';

/** Stands on each dashboard whose reader can mend it. */
export const collectionsInNeed: Panel = {
  title: 'Collections that want you',
  description: 'Frozen ones lost so much that it looks like a broken mount; unavailable ones cannot be read.',
  unit: 'short',
  isNumber: true,
  queries: [
    { expr: 'max(sum by (instance) (allibrary_collections{state=~"frozen|unavailable"}))', legend: 'collections' },
  ],
};

/** How many other nodes are there. */
export const connectedLibraries: Panel = {
  title: 'Connected libraries',
  description: 'Peers that speak the protocols of AlLibrary; an alert fires below 3.',
  unit: 'short',
  isNumber: true,
  queries: [{ expr: 'sum(allibrary_connected_libraries)', legend: 'libraries' }],
};
