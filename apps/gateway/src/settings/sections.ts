import {
  AuditSettings,
  CollectionsSettings,
  FindabilitySettings,
  LimitsSettings,
  PeersSettings,
  type SettingsSection,
} from '@allibrary/contracts';

/** Every section of the settings, as clients may read and write it. */
export const SECTIONS: readonly SettingsSection[] = [
  AuditSettings,
  CollectionsSettings,
  FindabilitySettings,
  LimitsSettings,
  PeersSettings,
];
