import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  NO_SETTINGS,
  type SettingsDocument,
  decodeSettings,
  encodeSettings,
  newerOf,
  withSection,
} from './settings-document.ts';

const WRITTEN = withSection(withSection(NO_SETTINGS, 'limits', { activeDownloads: 3 }), 'collections', {
  collections: [],
});

test('each write raises the generation, which becomes the revision of its section', () => {
  expect(WRITTEN).toEqual({
    generation: 2,
    sections: {
      limits: { value: { activeDownloads: 3 }, revision: 1 },
      collections: { value: { collections: [] }, revision: 2 },
    },
  });
});

test('what was encoded is decoded; of other white space nothing depends', () => {
  expect(decodeSettings(encodeSettings(WRITTEN))).toEqual(WRITTEN);
  expect(decodeSettings(JSON.stringify(JSON.parse(encodeSettings(WRITTEN))))).toEqual(WRITTEN);
  const document = fc.record({
    generation: fc.nat(),
    sections: fc.dictionary(
      fc.stringMatching(/^[a-z]{1,20}$/),
      fc.record({ value: fc.jsonValue(), revision: fc.nat() }),
    ),
  });
  fc.assert(
    fc.property(document, (any) => {
      const plain = JSON.parse(JSON.stringify(any)) as SettingsDocument;
      expect(JSON.stringify(decodeSettings(encodeSettings(plain)))).toBe(JSON.stringify(plain));
    }),
  );
});

test('a change of any character outside of white space and the remark is noticed', () => {
  const text = encodeSettings(WRITTEN);
  const from = text.indexOf('"checksum"');
  for (let at = from; at < text.length; at++) {
    if (/\s/.test(text[at] as string)) continue;
    const damaged = `${text.slice(0, at)}${text[at] === '7' ? '8' : '7'}${text.slice(at + 1)}`;
    expect(decodeSettings(damaged), `at ${at}: ${damaged.slice(at - 10, at + 10)}`).toBeNull();
  }
  for (const cut of [0, 1, text.length >> 1, text.length - 2]) expect(decodeSettings(text.slice(0, cut))).toBeNull();
});

test('of two copies the newer sound one counts', () => {
  const newer = withSection(WRITTEN, 'audit', {});
  expect(newerOf(WRITTEN, newer)).toBe(newer);
  expect(newerOf(newer, WRITTEN)).toBe(newer);
  expect(newerOf(null, WRITTEN)).toBe(WRITTEN);
  expect(newerOf(WRITTEN, null)).toBe(WRITTEN);
  expect(newerOf(null, null)).toBeNull();
});
