/** The results of work that runs side by side, each as soon as it is there; none of it may reject. */
export async function* inOrderOfCompletion<T>(work: readonly Promise<T>[]): AsyncGenerator<T> {
  const running = new Map(work.map((promise, index) => [index, promise.then((value) => ({ index, value }))]));
  while (running.size > 0) {
    const { index, value } = await Promise.race(running.values());
    running.delete(index);
    yield value;
  }
}
