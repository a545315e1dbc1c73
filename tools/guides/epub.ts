import { strToU8, zipSync } from 'fflate';
import { type Guide, MADE_ON } from './guide.ts';
import { escapeXml, toXhtml } from './html.ts';

/** A ZIP archive knows no time zone: midnight by the local clock is the same in each. */
const zipDate = (): Date => new Date(`${MADE_ON}T00:00:00`);

/** A guide as an EPUB of one chapter (EPUB 3.3: the media type comes first, and is not compressed). */
export function toEpub(guide: Guide): Uint8Array {
  return zipSync(
    {
      mimetype: [strToU8('application/epub+zip'), { level: 0 }],
      'META-INF/container.xml': strToU8(CONTAINER),
      'OEBPS/package.opf': strToU8(packageDocument(guide)),
      'OEBPS/nav.xhtml': strToU8(navigation(guide)),
      'OEBPS/chapter.xhtml': strToU8(toXhtml(guide)),
    },
    { mtime: zipDate() },
  );
}

const CONTAINER = `<?xml version="1.0" encoding="utf-8"?>
<container version="1.0" xmlns="urn:oasis:names:tc:opendocument:xmlns:container">
<rootfiles><rootfile full-path="OEBPS/package.opf" media-type="application/oebps-package+xml"/></rootfiles>
</container>
`;

const packageDocument = ({ slug, title }: Guide): string => `<?xml version="1.0" encoding="utf-8"?>
<package xmlns="http://www.idpf.org/2007/opf" version="3.0" unique-identifier="id">
<metadata xmlns:dc="http://purl.org/dc/elements/1.1/">
<dc:identifier id="id">urn:allibrary:guide:${slug}</dc:identifier>
<dc:title>${escapeXml(title)}</dc:title>
<dc:language>en</dc:language>
<meta property="dcterms:modified">${MADE_ON}T00:00:00Z</meta>
</metadata>
<manifest>
<item id="nav" href="nav.xhtml" media-type="application/xhtml+xml" properties="nav"/>
<item id="chapter" href="chapter.xhtml" media-type="application/xhtml+xml"/>
</manifest>
<spine><itemref idref="chapter"/></spine>
</package>
`;

const navigation = ({ title }: Guide): string => `<?xml version="1.0" encoding="utf-8"?>
<html xmlns="http://www.w3.org/1999/xhtml" xmlns:epub="http://www.idpf.org/2007/ops" lang="en" xml:lang="en">
<head><title>${escapeXml(title)}</title></head>
<body><nav epub:type="toc"><ol><li><a href="chapter.xhtml">${escapeXml(title)}</a></li></ol></nav></body>
</html>
`;
