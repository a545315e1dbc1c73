import { beforeEach, expect, test } from 'vitest';
import { ScanSchedule } from './scan-schedule.ts';

const NEVER_DELAYED = Number.NEGATIVE_INFINITY;
let schedule: ScanSchedule;

beforeEach(() => {
  schedule = new ScanSchedule({ rescanMs: 1_000, pollMs: 100 });
});

function scanFully(nowMs: number): void {
  schedule.fullScanStarted();
  schedule.fullScanEnded(nowMs);
}

function allFolders(): string[] {
  const folders: string[] = [];
  for (let folder = schedule.takeFolder(); folder !== undefined; folder = schedule.takeFolder()) folders.push(folder);
  return folders;
}

test('a new collection is scanned at once, and again after the interval of its mode', () => {
  expect(schedule.nextFullScanMs('events')).toBe(NEVER_DELAYED);
  scanFully(50);
  expect(schedule.nextFullScanMs('events')).toBe(1_050);
  expect(schedule.nextFullScanMs('polling')).toBe(150);
});

test('a full scan that is requested while one runs follows it', () => {
  schedule.fullScanStarted();
  schedule.request('');
  schedule.fullScanEnded(50);
  expect(schedule.nextFullScanMs('events')).toBe(NEVER_DELAYED);
});

test('after an overflow the scan waits a second, even if another one is requested', () => {
  scanFully(50);
  schedule.overflowed(60);
  schedule.request('');
  expect(schedule.nextFullScanMs('events')).toBe(1_060);
});

test('folders are taken once, without those that lie in others', () => {
  for (const folder of ['a/b', 'c', 'a', 'ab', 'c']) schedule.request(folder);
  expect(allFolders()).toEqual(['c', 'a', 'ab']);
  expect(schedule.hasFolders).toBe(false);
});

test('too many folders become a full scan', () => {
  scanFully(50);
  for (let n = 0; n < 1_000; n++) schedule.request(`${n}`);
  expect(schedule.nextFullScanMs('events')).toBe(1_050);
  schedule.request('one more');
  expect(schedule.nextFullScanMs('events')).toBe(NEVER_DELAYED);
  expect(allFolders()).toHaveLength(1_000);
});

test('a folder that is unavailable drops the requests for folders in it for a full scan', () => {
  scanFully(50);
  schedule.request('a');
  schedule.folderUnavailable();
  expect(allFolders()).toEqual([]);
  expect(schedule.nextFullScanMs('events')).toBe(NEVER_DELAYED);
});
