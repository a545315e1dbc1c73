/**
 * Whether this process should be replaced before it reads another document. A module of WebAssembly that failed or is no
 * longer used keeps its address space, and where that is limited the next one ends the process.
 */
export const wear = { isOut: false };
