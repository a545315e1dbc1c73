/** The time: `steadyMs` measures how long something takes and never jumps; `wallMs` is what files are dated by. */
export interface Clock {
  steadyMs(): number;
  wallMs(): number;
}

/** The machine's clock. */
export const systemClock: Clock = { steadyMs: () => performance.now(), wallMs: () => Date.now() };
