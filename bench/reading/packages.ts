/** Debian's packages with the documents that are read, and which of their files: PDF, HTML, EPUB and text. */
export const PACKAGES: readonly { readonly name: string; readonly files: RegExp }[] = [
  { name: 'texlive-latex-base-doc', files: /\.(?:pdf|txt)$/u },
  { name: 'r-doc-pdf', files: /\.pdf$/u },
  { name: 'octave-doc', files: /\.pdf$/u },
  { name: 'gnuplot-doc', files: /\.pdf$/u },
  { name: 'bash-doc', files: /\.(?:pdf|html)$/u },
  { name: 'debian-faq', files: /\.(?:pdf|html|txt)$/u },
  { name: 'debian-policy', files: /\.(?:pdf|html|epub)$/u },
  { name: 'debian-reference-en', files: /\.(?:pdf|html)$/u },
  { name: 'debian-reference-fr', files: /\.(?:pdf|html)$/u },
  { name: 'developers-reference', files: /\.(?:pdf|html|epub)$/u },
  { name: 'maint-guide', files: /\.(?:pdf|html)$/u },
  { name: 'debian-handbook', files: /html\/(?:en-US|de-DE|fr-FR|ru-RU)\/[^/]*\.html$/u },
];
