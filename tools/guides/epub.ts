import { strToU8, zipSync } from 'fflate';
import type { Guide } from './guide.ts';
import { toHtml } from './html.ts';

const MADE = '2026-11-23T00:00:00Z';

/** A guide as an EPUB of one chapter (EPUB 3.3: the media type comes first, and is not compressed). */
export function toEpub(guide: Guide): Uint8Array {
  const files = {
    'META-INF/container.xml': container,
    'OEBPS/package.opf': packageDocument(guide),
    'OEBPS/nav.xhtml': navigation(guide),
    'OEBPS/chapter.xhtml': toHtml(guide, { xhtml: true }),
  };
  const entries = Object.entries(files).map(([name, text]) => [name, strToU8(text)] as const);
  const mimetype = [strToU8('application/epub+zip'), { level: 0 }] as const;
  return zipSync({ mimetype: [...mimetype], ...Object.fromEntries(entries) }, { mtime: '2026-11-23' });
}

const container = `<?xml version="1.0" encoding="utf-8"?>
<container version="1.0" xmlns="urn:oasis:names:tc:opendocument:xmlns:container">
<rootfiles><rootfile full-path="OEBPS/package.opf" media-type="application/oebps-package+xml"/></rootfiles>
</container>
`;

const packageDocument = ({ slug, title }: Guide): string => `<?xml version="1.0" encoding="utf-8"?>
<package xmlns="http://www.idpf.org/2007/opf" version="3.0" unique-identifier="id">
<metadata xmlns:dc="http://purl.org/dc/elements/1.1/">
<dc:identifier id="id">urn:allibrary:guide:${slug}</dc:identifier>
<dc:title>${title}</dc:title>
<dc:language>en</dc:language>
<meta property="dcterms:modified">${MADE}</meta>
</metadata>
<manifest>
<item id="nav" href="nav.xhtml" media-type="application/xhtml+xml" properties="nav"/>
<item id="chapter" href="chapter.xhtml" media-type="application/xhtml+xml"/>
</manifest>
<spine><itemref idref="chapter"/></spine>
</package>
`;

const navigation = ({ title }: Guide): string => `<?xml version="1.0" encoding="utf-8"?>
<html xmlns="http://www.w3.org/1999/xhtml" xmlns:epub="http://www.idpf.org/2007/ops">
<head><title>${title}</title></head>
<body><nav epub:type="toc"><ol><li><a href="chapter.xhtml">${title}</a></li></ol></nav></body>
</html>
`;
