/** What several series yield, each value as soon as it is there; leaving the loop ends all of them. */
export async function* merge<T>(...series: AsyncGenerator<T, void>[]): AsyncGenerator<T, void> {
  const next = (each: AsyncGenerator<T, void>) => each.next().then((result) => ({ each, result }));
  const running = new Map(series.map((each) => [each, next(each)]));
  try {
    while (running.size > 0) {
      const { each, result } = await Promise.race(running.values());
      if (result.done) running.delete(each);
      else {
        running.set(each, next(each));
        yield result.value;
      }
    }
  } finally {
    for (const each of running.keys()) each.return().catch(() => {}); // it ends when what it waits for does
  }
}
