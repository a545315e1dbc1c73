import type { DashboardPlan } from './panels.ts';
import { collectionsInNeed, connectedLibraries } from './shared-panels.ts';

/** Whether all is well: the first dashboard that an operator opens. */
export const operator: DashboardPlan = {
  id: 'operator',
  title: 'Operator',
  description: 'Whether all is well: services, ingest, search, and what they take of the machine.',
  rows: [
    {
      title: 'Now',
      panels: [
        {
          title: 'Firing alerts',
          description: 'Each has a runbook in docs/OPERATIONS.md.',
          unit: 'short',
          isNumber: true,
          queries: [{ expr: 'count(ALERTS{alertstate="firing"}) or vector(0)', legend: 'alerts' }],
        },
        {
          title: 'Services that answer',
          description: 'Processes, replicas among them; five kinds belong to a node.',
          unit: 'short',
          isNumber: true,
          queries: [{ expr: 'sum(up{job="allibrary"})', legend: 'services' }],
        },
        collectionsInNeed,
        {
          title: 'Documents',
          description: 'Documents of this node, private ones among them.',
          unit: 'short',
          isNumber: true,
          queries: [{ expr: 'max(allibrary_documents)', legend: 'documents' }],
        },
        connectedLibraries,
        {
          title: 'Dead letters',
          description: 'Events that were given up, and still lie in the stream DEAD.',
          unit: 'short',
          isNumber: true,
          queries: [{ expr: 'max(allibrary_stream_messages{stream="DEAD"})', legend: 'events' }],
        },
      ],
    },
    {
      title: 'Ingest',
      panels: [
        {
          title: 'Files by stage',
          description: 'How far the files of the collections have come: noticed, published, hashed, searchable.',
          unit: 'short',
          queries: [
            { expr: 'max(allibrary_waiting_files)', legend: 'noticed, not yet published' },
            { expr: 'max(allibrary_known_files)', legend: 'published' },
            { expr: 'max(allibrary_documents)', legend: 'documents' },
            { expr: 'max(allibrary_index_documents)', legend: 'searchable' },
          ],
        },
        {
          title: 'Files a second',
          description: 'What came of the files that were found.',
          unit: 'ops',
          isStacked: true,
          queries: [{ expr: 'sum by (result) (rate(allibrary_ingested_files_total[5m]))', legend: '{{result}}' }],
        },
        {
          title: 'Waiting events',
          description: 'Events that a service has not settled yet. A line that only rises is work that comes too fast.',
          unit: 'short',
          queries: [
            { expr: 'max by (service, subject) (allibrary_waiting_events)', legend: '{{service}}: {{subject}}' },
          ],
        },
        {
          title: 'Age of the oldest event',
          description: 'It grows for hours in a first ingest; it must not grow when little is done.',
          unit: 's',
          queries: [{ expr: 'max by (service) (allibrary_oldest_event_age_seconds)', legend: '{{service}}' }],
        },
        {
          title: 'Settled events',
          description: 'retry is tried again, bury was given up.',
          unit: 'ops',
          queries: [
            {
              expr: 'sum by (service, outcome) (rate(allibrary_messages_total[5m]))',
              legend: '{{service}}: {{outcome}}',
            },
          ],
        },
        {
          title: 'Bytes hashed and text extracted',
          description: 'Hashing reads each new file once; extraction is counted in files.',
          unit: 'short',
          queries: [
            { expr: 'sum(rate(allibrary_hashed_bytes_total[5m]))', legend: 'bytes hashed a second' },
            {
              expr: 'sum by (result) (rate(allibrary_indexed_documents_total[5m]))',
              legend: 'documents a second: {{result}}',
            },
          ],
        },
      ],
    },
    {
      title: 'Search and API',
      panels: [
        {
          title: 'Searches of the own index',
          description: 'How long they take; an alert fires above one second.',
          unit: 's',
          queries: [
            { expr: 'allibrary:search_seconds:p95_10m', legend: '95 of 100 within' },
            {
              expr: 'histogram_quantile(0.5, sum by (le) (rate(allibrary_search_seconds_bucket[10m])))',
              legend: 'half within',
            },
          ],
        },
        {
          title: 'Answered by other libraries',
          description: 'The share of the peers asked in the last hour that answered a search in time.',
          unit: 'percentunit',
          queries: [{ expr: 'allibrary:search_coverage:ratio1h', legend: 'answered' }],
        },
        {
          title: 'HTTP requests',
          description: '5xx is our fault, 4xx the client’s.',
          unit: 'reqps',
          isStacked: true,
          queries: [{ expr: 'sum by (status) (rate(allibrary_http_requests_total[5m]))', legend: '{{status}}' }],
        },
        {
          title: 'HTTP answers',
          description: 'Within how long 95 of 100 answers were given, to their last byte, by route.',
          unit: 's',
          queries: [
            {
              expr: 'histogram_quantile(0.95, sum by (le, route) (rate(allibrary_http_request_seconds_bucket[5m])))',
              legend: '{{route}}',
            },
          ],
        },
      ],
    },
    {
      title: 'Processes and machine',
      panels: [
        {
          title: 'Processor time',
          description: 'Cores in use by each service.',
          unit: 'short',
          isStacked: true,
          queries: [
            { expr: 'sum by (service) (rate(process_cpu_seconds_total{job="allibrary"}[5m]))', legend: '{{service}}' },
          ],
        },
        {
          title: 'Memory',
          description: 'Resident memory of each process.',
          unit: 'bytes',
          isStacked: true,
          queries: [{ expr: 'process_resident_memory_bytes{job="allibrary"}', legend: '{{service}} {{instance}}' }],
        },
        {
          title: 'Event-loop delay',
          description: 'How long work waits for its turn inside a process, the worst of a hundred.',
          unit: 's',
          queries: [
            { expr: 'max by (service) (nodejs_eventloop_lag_p99_seconds{job="allibrary"})', legend: '{{service}}' },
          ],
        },
        {
          title: 'Free disk',
          description: 'The share of the disks that is free; alerts fire below 5 %, and when four days are left.',
          unit: 'percentunit',
          queries: [
            {
              expr: 'min by (folder) (allibrary_disk_free_bytes / allibrary_disk_size_bytes)',
              legend: '{{folder}}',
            },
          ],
        },
        {
          title: 'Streams of the bus',
          description: 'What each stream takes of the disk of the bus.',
          unit: 'bytes',
          queries: [{ expr: 'max by (stream) (allibrary_stream_bytes)', legend: '{{stream}}' }],
        },
        {
          title: 'Machine',
          description: 'The whole machine, as node-exporter sees it.',
          unit: 'percentunit',
          queries: [
            { expr: '1 - avg(rate(node_cpu_seconds_total{mode="idle"}[5m]))', legend: 'processor' },
            { expr: '1 - sum(node_memory_MemAvailable_bytes) / sum(node_memory_MemTotal_bytes)', legend: 'memory' },
          ],
        },
      ],
    },
  ],
};
