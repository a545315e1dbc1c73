/** A Debian package of the corpus, and which of its files are taken. */
export interface CorpusPackage {
  readonly name: string;
  /** The version that the questions were written for. */
  readonly version: string;
  readonly files: RegExp;
  /** Number of files that are taken at most, at even distances. */
  readonly most?: number;
  /** The ending of files that have none. */
  readonly ending?: string;
  /** What is made of each file, because few packages hold such documents. */
  readonly make?: 'docx' | 'odt' | 'scans';
}

/** The packages of the corpus, in Debian 12. */
export const CORPUS: readonly CorpusPackage[] = [
  { name: 'gimp-help-en', version: '2.10.34-2', files: /\.html$/u, most: 80 },
  { name: 'gimp-help-de', version: '2.10.34-2', files: /\.html$/u, most: 80 },
  { name: 'gimp-help-fr', version: '2.10.34-2', files: /\.html$/u, most: 80 },
  { name: 'gimp-help-es', version: '2.10.34-2', files: /\.html$/u, most: 80 },
  { name: 'gimp-help-it', version: '2.10.34-2', files: /\.html$/u, most: 80 },
  { name: 'gimp-help-ru', version: '2.10.34-2', files: /\.html$/u, most: 80 },
  { name: 'gimp-help-el', version: '2.10.34-2', files: /\.html$/u, most: 80 },
  { name: 'gimp-help-pt-br', version: '2.10.34-2', files: /\.html$/u, most: 80 },
  {
    name: 'debian-handbook',
    version: '11.20220922',
    files:
      /html\/(?:en-US|de-DE|fr-FR|es-ES|it-IT|pl-PL|pt-BR|ru-RU|ja-JP|nl-NL|cs-CZ|el-GR|zh-CN|sv-SE|da-DK|ar-MA)\/(?:sect\.)?[a-z.-]*\.html$/u,
    most: 420,
  },
  { name: 'debian-faq', version: '11.1', files: /\.(?:html|pdf)$/u },
  { name: 'debian-faq-de', version: '11.1', files: /\.(?:html|pdf)$/u },
  { name: 'debian-faq-fr', version: '11.1', files: /\.(?:html|pdf)$/u },
  { name: 'debian-faq-it', version: '11.1', files: /\.(?:html|pdf)$/u },
  { name: 'debian-faq-ja', version: '11.1', files: /\.html$/u },
  { name: 'debian-faq-ko', version: '11.1', files: /\.html$/u },
  { name: 'debian-faq-nl', version: '11.1', files: /\.html$/u },
  { name: 'debian-faq-pt', version: '11.1', files: /\.html$/u },
  { name: 'debian-faq-ru', version: '11.1', files: /\.html$/u },
  { name: 'debian-faq-zh-cn', version: '11.1', files: /\.html$/u },
  { name: 'debian-reference-en', version: '2.100', files: /\.html$/u },
  { name: 'debian-reference-de', version: '2.100', files: /\.html$/u },
  { name: 'debian-reference-es', version: '2.100', files: /\.(?:html|pdf)$/u },
  { name: 'debian-reference-fr', version: '2.100', files: /\.html$/u },
  { name: 'debian-reference-ja', version: '2.100', files: /\.html$/u },
  { name: 'debian-reference-pt', version: '2.100', files: /\.(?:html|pdf)$/u },
  { name: 'debian-reference-zh-cn', version: '2.100', files: /\.html$/u },
  { name: 'developers-reference', version: '12.18', files: /\.(?:html|epub)$/u },
  { name: 'developers-reference-de', version: '12.18', files: /\.(?:html|epub)$/u },
  { name: 'developers-reference-fr', version: '12.18', files: /\.(?:html|epub)$/u },
  { name: 'developers-reference-ja', version: '12.18', files: /\.(?:html|epub)$/u },
  { name: 'developers-reference-ru', version: '12.18', files: /\.(?:html|epub)$/u },
  { name: 'aptitude-doc-en', version: '0.8.13-5', files: /\.html$/u, most: 30 },
  { name: 'aptitude-doc-cs', version: '0.8.13-5', files: /\.html$/u, most: 30 },
  { name: 'aptitude-doc-es', version: '0.8.13-5', files: /\.html$/u, most: 30 },
  { name: 'aptitude-doc-fr', version: '0.8.13-5', files: /\.html$/u, most: 30 },
  { name: 'aptitude-doc-it', version: '0.8.13-5', files: /\.html$/u, most: 30 },
  { name: 'aptitude-doc-ja', version: '0.8.13-5', files: /\.html$/u, most: 30 },
  { name: 'aptitude-doc-nl', version: '0.8.13-5', files: /\.html$/u, most: 30 },
  { name: 'aptitude-doc-ru', version: '0.8.13-5', files: /\.html$/u, most: 30 },
  { name: 'maint-guide', version: '1.2.53', files: /\.html$/u },
  { name: 'maint-guide-ca', version: '1.2.53', files: /\.html$/u },
  { name: 'maint-guide-de', version: '1.2.53', files: /\.html$/u },
  { name: 'maint-guide-es', version: '1.2.53', files: /\.html$/u },
  { name: 'maint-guide-it', version: '1.2.53', files: /\.html$/u },
  { name: 'maint-guide-ru', version: '1.2.53', files: /\.html$/u },
  { name: 'debian-edu-doc-en', version: '2.12.23~deb12u1', files: /\.epub$/u },
  { name: 'debian-edu-doc-da', version: '2.12.23~deb12u1', files: /\.epub$/u },
  { name: 'debian-edu-doc-nl', version: '2.12.23~deb12u1', files: /\.epub$/u },
  { name: 'debian-edu-doc-legacy-pl', version: '2.12.23~deb12u1', files: /\.epub$/u },
  { name: 'debian-edu-doc-legacy-sv', version: '2.12.23~deb12u1', files: /\.epub$/u },
  { name: 'debian-edu-doc-legacy-uk', version: '2.12.23~deb12u1', files: /\.epub$/u },
  { name: 'eyes17-manuals-es', version: '5.1.2+repack-1', files: /\.epub$/u },
  { name: 'cfi-en', version: '3.0-10.2', files: /\.html?$/u },
  { name: 'cfi-sv', version: '3.0-10.2', files: /\.html$/u },
  { name: 'debian-policy', version: '4.6.2.0', files: /policy\.html\/.*\.html$|\.txt$/u },
  { name: 'doc-debian', version: '11.3+nmu1', files: /\.txt$/u },
  {
    name: 'libreoffice-help-pl',
    version: '4:7.4.7-1+deb12u14',
    files: /(?:guide|swriter\/01|scalc\/01)\/.*\.html$/u,
    most: 90,
  },
  { name: 'postgresql-doc-15', version: '15.20-0+deb12u1', files: /\.html$/u, most: 90 },
  { name: 'octave-doc', version: '7.3.0-2', files: /octave\.html\/[A-Z].*\.html$/u, most: 60 },
  { name: 'texlive-lang-european', version: '2022.20230122-1', files: /texlive-doc\/.*\.(?:pdf|txt)$/u, most: 60 },
  {
    name: 'texlive-lang-german',
    version: '2022.20230122-1',
    files: /texlive-doc\/(?!.*(?:koma-script-examples|templates|Images|examples?\.pdf)).*\.pdf$/u,
  },
  { name: 'texlive-lang-polish', version: '2022.20230122-1', files: /texlive-doc\/.*\.(?:pdf|html)$/u, most: 70 },
  { name: 'texlive-latex-recommended-doc', version: '2022.20230122-3', files: /texlive-doc\/.*\.pdf$/u, most: 70 },
  { name: 'r-cran-zoo', version: '1.8-11-1', files: /\/doc\/.*\.pdf$/u },
  { name: 'r-cran-sp', version: '1:1.6-0+dfsg-1', files: /\/doc\/.*\.pdf$/u },
  { name: 'r-cran-lme4', version: '1.1-31-1', files: /\/doc\/.*\.pdf$/u },
  { name: 'r-cran-vcd', version: '1:1.4-11-1', files: /\/doc\/.*\.pdf$/u },
  { name: 'r-cran-coin', version: '1.4-2-1+b1', files: /\/doc\/.*\.pdf$/u },
  { name: 'r-cran-matrix', version: '1.5-3-1', files: /\/doc\/.*\.pdf$/u },
  { name: 'r-cran-multcomp', version: '1.4-22-1', files: /\/doc\/.*\.pdf$/u },
  { name: 'r-cran-ape', version: '5.7-1', files: /\/doc\/.*\.pdf$/u },
  { name: 'r-cran-knitr', version: '1.42+dfsg-1', files: /\/doc\/.*\.pdf$/u },
  { name: 'r-doc-pdf', version: '4.2.2.20221110-2', files: /R-[a-z]*\.pdf$/u },
  { name: 'bash-doc', version: '5.2.15-2', files: /\.(?:pdf|html)$/u },
  {
    name: 'fortunes-cs',
    version: '2.0.9-1.1',
    files: /games\/fortunes\/(?:[a-z]*\/)?[a-z0-9-]+$/u,
    most: 40,
    ending: '.txt',
  },
  {
    name: 'fortunes-de',
    version: '0.35-1',
    files: /games\/fortunes\/(?:[a-z]*\/)?[a-z0-9-]+$/u,
    most: 40,
    ending: '.txt',
  },
  {
    name: 'fortunes-es',
    version: '1.36',
    files: /games\/fortunes\/(?:[a-z]*\/)?[a-z0-9-]+$/u,
    most: 40,
    ending: '.txt',
  },
  {
    name: 'fortunes-it',
    version: '1.99-4.1',
    files: /games\/fortunes\/(?:[a-z]*\/)?[a-z0-9-]+$/u,
    most: 40,
    ending: '.txt',
  },
  {
    name: 'fortunes-pl',
    version: '0.0.20130525-3',
    files: /games\/fortunes\/(?:[a-z]*\/)?[a-z0-9-]+$/u,
    most: 40,
    ending: '.txt',
  },
  {
    name: 'fortunes-ru',
    version: '1.52-3.1',
    files: /games\/fortunes\/(?:[a-z]*\/)?[a-z0-9-]+$/u,
    most: 40,
    ending: '.txt',
  },
  { name: 'developers-reference-it', version: '12.18', files: /\.html$/u, make: 'docx' },
  { name: 'debian-reference-it', version: '2.100', files: /\.html$/u, make: 'docx' },
  { name: 'aptitude-doc-fi', version: '0.8.13-5', files: /\.html$/u, most: 20, make: 'odt' },
  { name: 'installation-guide-amd64', version: '20230508+deb12u1', files: /\/sv\/.*\.html$/u, most: 20, make: 'docx' },
  { name: 'autoconf-doc', version: '2.71-3', files: /\.pdf$/u, make: 'scans' },
  { name: 'maxima-doc', version: '5.46.0-11', files: /\.pdf$/u, make: 'scans' },
  { name: 'gnuplot-doc', version: '5.4.4+dfsg1-2', files: /\.pdf$/u, make: 'scans' },
  { name: 'gnu-standards', version: '2022.03.23-0.1', files: /\.pdf$/u, make: 'scans' },
];

/** Pandoc, which makes Word and OpenDocument files; it runs from where it is unpacked. */
export const PANDOC = [
  { name: 'pandoc', version: '2.17.1.1-2~deb12u1' },
  { name: 'pandoc-data', version: '2.17.1.1-2~deb12u1' },
  { name: 'liblua5.3-0', version: '5.3.6-2' },
] as const;

/** What Recoll needs for Word and OpenDocument files, and Debian suggests for it. */
export const RECOLL_READERS = { name: 'python3-lxml', version: '4.9.2-1+deb12u1' } as const;
