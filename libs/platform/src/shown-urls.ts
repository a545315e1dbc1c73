/** URLs with commas between them, without the credentials that they may hold: for logs and messages. */
export const shownUrls = (urls: string): string => urls.replaceAll(/\/\/[^@/,]*@/g, '//');
