import type { Metrics } from '@allibrary/platform';
import type { Catalog } from '../catalog/catalog.ts';

/** What is counted while files become documents. */
export class IngestMetrics {
  readonly files;
  readonly hashedBytes;

  constructor(metrics: Metrics, catalog: Pick<Catalog, 'countDocuments'>) {
    metrics.gauge({
      name: 'allibrary_documents',
      help: 'Documents of this node, private ones among them.',
      collect() {
        this.set(catalog.countDocuments());
      },
    });
    this.files = metrics.counter({
      name: 'allibrary_ingested_files_total',
      help: 'Files that were found, by what came of it.',
      labelNames: ['result'],
    });
    for (const result of ['hashed', 'known', 'moved', 'changed']) this.files.inc({ result }, 0);
    this.hashedBytes = metrics.counter({
      name: 'allibrary_hashed_bytes_total',
      help: 'Bytes of files that were hashed.',
    });
  }
}
