/** Loaded before a program (`node --import`): each SIGUSR2 sets its clock an hour ahead, as if it had run for so long. */
const HOUR_MS = 3_600_000;
const now = Date.now.bind(Date);
const passed = performance.now.bind(performance);
let aheadMs = 0;

Date.now = () => now() + aheadMs;
performance.now = () => passed() + aheadMs;

process.on('SIGUSR2', () => {
  aheadMs += HOUR_MS;
});
