import { CollectionsSettings } from './collections.ts';
import { FindabilitySettings } from './findability.ts';
import { AuditSettings } from './integrity.ts';
import { LimitsSettings } from './limits.ts';
import { PeersSettings } from './peers.ts';
import type { SettingsSection } from './settings.ts';

/** Every section of the settings. */
export const SETTINGS_SECTIONS: readonly SettingsSection[] = [
  AuditSettings,
  CollectionsSettings,
  FindabilitySettings,
  LimitsSettings,
  PeersSettings,
];
