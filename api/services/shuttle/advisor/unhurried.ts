/** How long a computation may keep the process from its other work. */
const sliceMilliseconds = 10;

/** Finishes a long computation in slices, so that others are answered in between. */
export async function unhurried<Result>(work: Generator<void, Result>): Promise<Result> {
  let sliceBegan = performance.now();
  for (;;) {
    const step = work.next();
    if (step.done === true) return step.value;
    if (performance.now() - sliceBegan < sliceMilliseconds) continue;
    await new Promise((resolve) => setTimeout(resolve, 0));
    sliceBegan = performance.now();
  }
}
