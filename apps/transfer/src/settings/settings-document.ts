import { createHash } from 'node:crypto';
import { StoredSection } from '@allibrary/contracts';
import { z } from 'zod';

/** All sections of the settings, as one text that notices its own damage. */
export const SettingsDocument = z.object({
  /** Number of the newest write; 0 before the first. Of two copies the one with the higher number is the newer. */
  generation: z.int().nonnegative(),
  sections: z.record(z.string(), StoredSection),
});
export type SettingsDocument = z.output<typeof SettingsDocument>;

/** The settings of a node to which nothing was ever written. */
export const NO_SETTINGS: SettingsDocument = { generation: 0, sections: {} };

const ABOUT =
  'The settings of this AlLibrary node. Keep a copy with identity.key. Change them in the web page or over the API: ' +
  'edits of this file are refused.';

/** The document as readable JSON. */
export function encodeSettings({ generation, sections }: SettingsDocument): string {
  const document = { about: ABOUT, checksum: checksumOf({ generation, sections }), generation, sections };
  return `${JSON.stringify(document, null, 2)}\n`;
}

/** Reads what {@link encodeSettings} wrote; null when anything but white space was changed, lost or added. */
export function decodeSettings(text: string): SettingsDocument | null {
  try {
    const parsed: unknown = JSON.parse(text);
    const { checksum, generation, sections } = SettingsDocument.extend({ checksum: z.string() }).parse(parsed);
    return checksum === checksumOf({ generation, sections }) ? { generation, sections } : null;
  } catch {
    return null;
  }
}

/** Returns the newer of two copies, of which either may be missing or damaged. */
export function newerOf(first: SettingsDocument | null, second: SettingsDocument | null): SettingsDocument | null {
  if (!first || !second) return first ?? second;
  return second.generation > first.generation ? second : first;
}

/** The document after one more write of a section. */
export function withSection(
  { generation, sections }: SettingsDocument,
  section: string,
  value: unknown,
): SettingsDocument {
  const revision = generation + 1;
  return { generation: revision, sections: { ...sections, [section]: { value, revision } } };
}

const checksumOf = ({ generation, sections }: SettingsDocument): string =>
  `sha256-${createHash('sha256').update(JSON.stringify({ generation, sections })).digest('base64url')}`;
