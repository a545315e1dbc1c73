import type { DashboardPlan } from './panels.ts';
import { connectedLibraries } from './shared-panels.ts';

/** Who is there, how they reach us, and whether the network finds our documents. */
export const network: DashboardPlan = {
  id: 'network',
  title: 'Network',
  description: 'Who is there, how they reach us, and whether the network finds our documents.',
  rows: [
    {
      title: 'Now',
      panels: [
        connectedLibraries,
        {
          title: 'Public addresses',
          description: 'Addresses at which strangers can open connections to this node; 0 means that they can not.',
          unit: 'short',
          isNumber: true,
          queries: [{ expr: 'sum(allibrary_own_addresses{scope="public"})', legend: 'addresses' }],
        },
        {
          title: 'Findable',
          description: 'The share of a sample of our announced documents that the DHT names this node for.',
          unit: 'percentunit',
          isNumber: true,
          queries: [{ expr: 'allibrary:findable_documents:ratio', legend: 'findable' }],
        },
        {
          title: 'Waiting to be announced',
          description: 'Shared documents that the DHT does not know of yet.',
          unit: 'short',
          isNumber: true,
          queries: [{ expr: 'sum(allibrary_announced_documents{state="waiting"})', legend: 'documents' }],
        },
      ],
    },
    {
      title: 'Peers',
      panels: [
        {
          title: 'Connections by who opened them',
          description: 'Inbound ones show that this node can be reached.',
          unit: 'short',
          isStacked: true,
          queries: [{ expr: 'sum by (direction) (allibrary_peers)', legend: '{{direction}}' }],
        },
        {
          title: 'Connections by how far they reach',
          description: 'Over the internet, within the own network, or on this machine.',
          unit: 'short',
          isStacked: true,
          queries: [{ expr: 'sum by (scope) (allibrary_peer_addresses)', legend: '{{scope}}' }],
        },
        {
          title: 'Connections that were refused',
          description: 'A flood of one reason is an attack, or a limit that is too low.',
          unit: 'ops',
          isStacked: true,
          queries: [{ expr: 'sum by (reason) (rate(allibrary_refused_connections_total[5m]))', legend: '{{reason}}' }],
        },
        {
          title: 'Offences',
          description: 'Misbehaviour of peers, the peers that are banned for it, and the connections that were pruned.',
          unit: 'short',
          queries: [
            {
              expr: 'sum by (offence) (increase(allibrary_peer_offences_total[1h]))',
              legend: '{{offence}} within an hour',
            },
            { expr: 'sum(allibrary_kept_out_peers)', legend: 'kept out now' },
            { expr: 'sum(increase(allibrary_peers_let_go_total[1h]))', legend: 'pruned within an hour' },
          ],
        },
        {
          title: 'Searches that we asked of peers',
          description: 'Each peer counted.',
          unit: 'ops',
          isStacked: true,
          queries: [{ expr: 'sum by (result) (rate(allibrary_peer_searches_total[5m]))', legend: '{{result}}' }],
        },
        {
          title: 'Questions of peers',
          description: 'What peers ask of this node; busy is an answer that asks them to come later.',
          unit: 'ops',
          isStacked: true,
          queries: [
            {
              expr: 'sum by (kind, result) (rate(allibrary_peer_questions_total[5m]))',
              legend: '{{kind}}: {{result}}',
            },
          ],
        },
      ],
    },
    {
      title: 'DHT',
      panels: [
        {
          title: 'Announced documents',
          description: 'Documents are announced again every day; waiting ones are due.',
          unit: 'short',
          isStacked: true,
          queries: [{ expr: 'sum by (state) (allibrary_announced_documents)', legend: '{{state}}' }],
        },
        {
          title: 'Records sent',
          description: 'Failed ones went to nodes that are gone or slow.',
          unit: 'ops',
          queries: [{ expr: 'sum by (result) (rate(allibrary_dht_records_sent_total[5m]))', legend: '{{result}}' }],
        },
        {
          title: 'Self-check',
          description: 'Of the sample, how many documents the network found here.',
          unit: 'short',
          isStacked: true,
          queries: [{ expr: 'sum by (result) (allibrary_dht_sampled_documents)', legend: '{{result}}' }],
        },
        {
          title: 'Age of the latest self-check',
          description: 'Empty until there was one.',
          unit: 's',
          queries: [{ expr: 'time() - max(allibrary_last_dht_check_timestamp_seconds > 0)', legend: 'age' }],
        },
        {
          title: 'Records kept for others',
          description: 'Bounded; the oldest make room.',
          unit: 'short',
          queries: [{ expr: 'sum(allibrary_dht_records)', legend: 'records' }],
        },
        {
          title: 'Records that were refused',
          description: 'They cost their sender the connection.',
          unit: 'ops',
          queries: [{ expr: 'sum by (reason) (rate(allibrary_dht_record_offences_total[5m]))', legend: '{{reason}}' }],
        },
      ],
    },
  ],
};
