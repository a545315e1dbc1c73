import type { ComponentLogger, Logger } from '@libp2p/interface';

/** Receives what a part of libp2p could not do. */
export type OnLibp2pProblem = (component: string, problem: string) => void;

/** libp2p's own log, reduced to its errors: the rest logs each step of each stream. */
export const libp2pLogger = (onProblem: OnLibp2pProblem): ComponentLogger => ({
  forComponent: (name) => componentLogger(name, onProblem),
});

function componentLogger(component: string, onProblem: OnLibp2pProblem): Logger {
  const write = () => {};
  return Object.assign(write, {
    enabled: false,
    trace: write,
    error: (format: unknown, ...values: unknown[]) => onProblem(component, fillIn(String(format), values)),
    newScope: (name: string) => componentLogger(`${component}:${name}`, onProblem),
  });
}

/** Puts the values into libp2p's placeholders: %p is a peer, %a an address, %e an error, %c a CID, ... */
function fillIn(format: string, values: readonly unknown[]): string {
  const left = [...values];
  const text = format.replaceAll(/%[a-zA-Z]/g, (placeholder) =>
    left.length > 0 ? describe(left.shift()) : placeholder,
  );
  return [text, ...left.map(describe)].join(' ').slice(0, 500);
}

const describe = (value: unknown): string =>
  value instanceof Error ? `${value.name}: ${value.message}` : String(value);
