/**
 * What nobody means to share, in .gitignore's syntax: the patterns of a collection that names none. Names that begin with
 * a dot are never shared, so those of other systems are not listed.
 */
export const DEFAULT_IGNORE: readonly string[] = [
  // Windows, macOS and NAS systems: thumbnails, looks of folders, recycle bins.
  ...['[Tt]humbs.db', 'Thumbs.db:encryptable', 'ehthumbs*.db', '[Dd]esktop.ini', '__MACOSX/'],
  ...['@eaDir/', '@SynoResource', '$RECYCLE.BIN/', 'RECYCLER/', '\\#recycle/', '@Recycle/', 'lost+found/'],
  'System Volume Information/',
  // Lock files and temporary files of office programs.
  ...['~$*', '~*.tmp', '~WRL*', '*.lck', '*.laccdb'],
  // Unfinished downloads.
  ...[
    '*.crdownload',
    '*.part',
    '*.partial',
    '*.filepart',
    '*.opdownload',
    '*.unconfirmed',
    '*.aria2',
    '*.!ut',
    '*.!qB',
  ],
  // Backups of editors. A folder of such a name is none.
  ...['*~', '!*~/', '\\#*\\#', '*.kate-swp', '*.wbk'],
];
