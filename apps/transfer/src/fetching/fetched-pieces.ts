import type { Metrics } from '@allibrary/platform';

const FETCHED = ['right', 'wrong', 'spare'] as const;

/** What became of a piece that a peer sent: `spare` is one that another peer brought before. */
export type FetchedPiece = (typeof FETCHED)[number];

/** Counts the pieces that peers sent for downloads. */
export function fetchedPieceCounter(metrics: Metrics): (result: FetchedPiece) => void {
  const pieces = metrics.counter({
    name: 'allibrary_fetched_pieces_total',
    help: 'Pieces that peers sent for downloads, by what came of the verification; spare ones had come from others before.',
    labelNames: ['result'],
  });
  for (const result of FETCHED) pieces.inc({ result }, 0);
  return (result) => pieces.inc({ result });
}
