/**
 * Default patterns of a collection, in .gitignore's syntax. Names that begin with a dot are never shared, so such names
 * are not listed.
 */
export const DEFAULT_IGNORE: readonly string[] = [
  // Windows, macOS and NAS systems: thumbnails, folder view settings, recycle bins.
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
  // Backups of editors. Folders with such names are not excluded.
  ...['*~', '!*~/', '\\#*\\#', '*.kate-swp', '*.wbk'],
];
