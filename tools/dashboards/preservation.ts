import type { DashboardPlan } from './panels.ts';
import { collectionsInNeed } from './shared-panels.ts';

/** Whether the documents are still what they were: audit, damage, repair, and the disks beneath. */
export const preservation: DashboardPlan = {
  id: 'preservation',
  title: 'Preservation',
  description: 'Whether the documents are still what they were: audit, damage, repair, and the disks beneath.',
  rows: [
    {
      title: 'Now',
      panels: [
        {
          title: 'Damaged files',
          description: 'Should be 0; GET /api/v1/audit names them.',
          unit: 'short',
          isNumber: true,
          queries: [{ expr: 'max(allibrary_damaged_files)', legend: 'files' }],
        },
        {
          title: 'Verified in time',
          description: 'The share of the files whose verification is not due.',
          unit: 'percentunit',
          isNumber: true,
          queries: [
            {
              expr: 'max(allibrary_audited_files{state="verified"}) / (max(sum by (instance) (allibrary_audited_files)) > 0)',
              legend: 'verified',
            },
          ],
        },
        {
          title: 'Oldest verification',
          description: 'For how long a file was not looked at, the longest of all.',
          unit: 's',
          isNumber: true,
          queries: [{ expr: 'max(allibrary_oldest_audit_age_seconds)', legend: 'age' }],
        },
        collectionsInNeed,
      ],
    },
    {
      title: 'Audit',
      panels: [
        {
          title: 'Files by verification',
          description: 'Due ones are read next.',
          unit: 'short',
          isStacked: true,
          queries: [{ expr: 'max by (state) (allibrary_audited_files)', legend: '{{state}}' }],
        },
        {
          title: 'Age of the oldest verification',
          description:
            'It should stay below the interval of the settings; an alert fires a day after it went 10 % beyond.',
          unit: 's',
          queries: [
            { expr: 'max(allibrary_oldest_audit_age_seconds)', legend: 'oldest' },
            { expr: 'max(allibrary_audit_interval_seconds)', legend: 'interval of the settings' },
          ],
        },
        {
          title: 'Audit speed',
          description: 'What the audit reads of the disks.',
          unit: 'Bps',
          queries: [{ expr: 'sum(rate(allibrary_audited_bytes_total[5m]))', legend: 'read' }],
        },
        {
          title: 'Verified while serving',
          description:
            'One of 64 pieces is verified on its way to a peer, and the first of each file. A wrong one is not sent.',
          unit: 'ops',
          isStacked: true,
          queries: [{ expr: 'sum by (result) (rate(allibrary_checked_pieces_total[5m]))', legend: '{{result}}' }],
        },
      ],
    },
    {
      title: 'Damage and repair',
      panels: [
        {
          title: 'Damaged files',
          description: 'Many at once mean a dying disk: look at its SMART values.',
          unit: 'short',
          queries: [{ expr: 'max(allibrary_damaged_files)', legend: 'damaged' }],
        },
        {
          title: 'Repaired pieces',
          description: 'By where the right bytes came from, within a day.',
          unit: 'short',
          isStacked: true,
          queries: [
            { expr: 'sum by (donor) (increase(allibrary_repaired_pieces_total[1d]))', legend: 'from a {{donor}}' },
          ],
        },
      ],
    },
    {
      title: 'Holdings',
      panels: [
        {
          title: 'Documents and files',
          description: 'A sudden fall is a loss, or a collection that was closed.',
          unit: 'short',
          queries: [
            { expr: 'max(allibrary_documents)', legend: 'documents' },
            { expr: 'max(allibrary_known_files)', legend: 'files' },
          ],
        },
        {
          title: 'Facts about files',
          description: 'Files that appeared or were lost, within an hour.',
          unit: 'short',
          queries: [{ expr: 'sum by (kind) (increase(allibrary_file_facts_total[1h]))', legend: '{{kind}}' }],
        },
        {
          title: 'Files that are not shared',
          description: 'Passed over, by reason, since the watcher began; GET /api/v1/files explains single files.',
          unit: 'short',
          isStacked: true,
          queries: [{ expr: 'sum by (reason) (allibrary_skipped_files_total)', legend: '{{reason}}' }],
        },
        {
          title: 'Free on the disks',
          description: 'A download that would not fit waits for room.',
          unit: 'bytes',
          queries: [{ expr: 'min by (folder) (allibrary_disk_free_bytes)', legend: '{{folder}}' }],
        },
      ],
    },
  ],
};
