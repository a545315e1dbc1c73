import type { DashboardPlan } from './panels.ts';

/** What flows to and from peers, within which limits, and how the downloads stand. */
export const transfers: DashboardPlan = {
  id: 'transfers',
  title: 'Transfers',
  description: 'What flows to and from peers, within which limits, and how the downloads stand.',
  rows: [
    {
      title: 'Now',
      panels: [
        {
          title: 'Sent',
          description: 'Document bytes to peers.',
          unit: 'Bps',
          isNumber: true,
          queries: [{ expr: 'allibrary:transferred_bytes:rate5m{direction="sent"}', legend: 'sent' }],
        },
        {
          title: 'Received',
          description: 'Document bytes from peers.',
          unit: 'Bps',
          isNumber: true,
          queries: [{ expr: 'allibrary:transferred_bytes:rate5m{direction="received"}', legend: 'received' }],
        },
        {
          title: 'Running downloads',
          description: 'Downloads that are worked on, by all replicas.',
          unit: 'short',
          isNumber: true,
          queries: [{ expr: 'sum(allibrary_running_downloads)', legend: 'downloads' }],
        },
        {
          title: 'Month’s budget used',
          description: '0 when there is no budget. An alert fires at 80 %.',
          unit: 'percentunit',
          isNumber: true,
          queries: [{ expr: 'allibrary:budget_used:ratio', legend: 'used' }],
        },
      ],
    },
    {
      title: 'Bytes',
      panels: [
        {
          title: 'Throughput and its limit',
          description: 'A limit of +Inf is none, and not drawn.',
          unit: 'Bps',
          queries: [
            { expr: 'allibrary:transferred_bytes:rate5m', legend: '{{direction}}' },
            { expr: 'max by (direction) (allibrary_limit_bytes_per_second)', legend: 'limit: {{direction}}' },
          ],
        },
        {
          title: 'Waiting for their turn',
          description: 'Bytes that the limit holds back now.',
          unit: 'bytes',
          queries: [{ expr: 'sum by (direction) (allibrary_throttled_bytes)', legend: '{{direction}}' }],
        },
        {
          title: 'Share of each replica',
          description: 'How the limit is divided among the replicas of transfer, by need.',
          unit: 'Bps',
          isStacked: true,
          queries: [{ expr: 'allibrary_share_bytes_per_second', legend: '{{direction}} {{instance}}' }],
        },
        {
          title: 'This month',
          description: 'Document bytes of this month, of all replicas.',
          unit: 'bytes',
          queries: [{ expr: 'max by (direction) (allibrary_month_bytes)', legend: '{{direction}}' }],
        },
        {
          title: 'Through the node at the internet',
          description: 'Bytes that p2p-node carried between transfer and peers, protocol and all.',
          unit: 'Bps',
          queries: [{ expr: 'sum by (direction) (rate(allibrary_carried_bytes_total[5m]))', legend: '{{direction}}' }],
        },
      ],
    },
    {
      title: 'Downloads',
      panels: [
        {
          title: 'Downloads by state',
          description: 'Paused ones stand still: the API names the cause of each.',
          unit: 'short',
          isStacked: true,
          queries: [
            {
              expr: 'max by (state) (allibrary_downloads{state=~"active|queued|paused"})',
              legend: '{{state}}',
            },
          ],
        },
        {
          title: 'Ended downloads',
          description: 'Since the node began.',
          unit: 'short',
          queries: [
            {
              expr: 'max by (state) (allibrary_downloads{state=~"completed|failed|cancelled"})',
              legend: '{{state}}',
            },
          ],
        },
        {
          title: 'Pieces from peers',
          description: 'Wrong ones cost their sender the download; spare ones had come from another peer before.',
          unit: 'ops',
          isStacked: true,
          queries: [{ expr: 'sum by (result) (rate(allibrary_fetched_pieces_total[5m]))', legend: '{{result}}' }],
        },
        {
          title: 'Wrong pieces',
          description: 'Their share of the last hour; an alert fires above 1 %.',
          unit: 'percentunit',
          queries: [{ expr: 'allibrary:wrong_pieces:ratio1h', legend: 'wrong' }],
        },
      ],
    },
  ],
};
