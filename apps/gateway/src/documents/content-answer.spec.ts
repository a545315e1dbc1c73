import { expect, test } from 'vitest';
import { answerContent } from './content-answer.ts';

const documentId = `bafkrei${'a'.repeat(52)}`;
const etag = `"${documentId}"`;
const document = {
  documentId,
  name: 'page.html',
  sizeBytes: 100,
  mediaType: 'text/html',
  sha256: '0'.repeat(64),
  locations: [{ collection: 'library', path: 'page.html' }],
  isPublic: true,
  addedAtMs: 0,
};
const ask = (question: { range?: string; ifRange?: string; ifNoneMatch?: string }) =>
  answerContent(document, { range: undefined, ifRange: undefined, ifNoneMatch: undefined, ...question });

test.each(['audio/mpeg', 'video/mp4'])('%s may be played, and nothing else is loaded or run', (mediaType) => {
  const { headers } = answerContent(
    { ...document, mediaType },
    { range: 'bytes=0-', ifRange: undefined, ifNoneMatch: undefined },
  );
  expect(headers['Content-Security-Policy']).toBe("sandbox; default-src 'none'; media-src 'self'");
});

test('the whole document, which can not run in our name', () => {
  expect(ask({})).toMatchObject({
    status: 200,
    range: { offset: 0, length: 100 },
    headers: {
      ETag: etag,
      'Content-Length': '100',
      'Content-Security-Policy': expect.stringContaining('sandbox'),
      'Content-Disposition': expect.stringMatching(/^attachment;/),
    },
  });
});

test('a part of it says which part', () => {
  const { status, range, headers } = ask({ range: 'bytes=10-19' });
  expect([status, range]).toEqual([206, { offset: 10, length: 10 }]);
  expect(headers).toMatchObject({ 'Content-Range': 'bytes 10-19/100', 'Content-Length': '10' });
});

test('a part that does not exist says how long the document is', () => {
  expect(ask({ range: 'bytes=100-' })).toMatchObject({ status: 416, headers: { 'Content-Range': 'bytes */100' } });
});

test.each([etag, `W/${etag}`, `"other", ${etag}`, '*'])('who knows the document needs no bytes: %s', (ifNoneMatch) => {
  expect(ask({ ifNoneMatch, range: 'bytes=0-1' })).toMatchObject({ status: 304, range: null });
});

test('a range of another document is not mixed with this one', () => {
  expect(ask({ range: 'bytes=10-19', ifRange: '"other"' }).status).toBe(200);
  expect(ask({ range: 'bytes=10-19', ifRange: etag }).status).toBe(206);
});
