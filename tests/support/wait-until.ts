const lookAgainMilliseconds = 20;

/** What `look` finds as soon as it finds something. Throws what it throws, and when nothing was found in `timeoutMs`. */
export async function waitUntil<Found>(
  what: string,
  look: () => Found | null | Promise<Found | null>,
  timeoutMs = 15_000,
): Promise<Found> {
  const until = performance.now() + timeoutMs;
  for (;;) {
    const found = await look();
    if (found !== null) return found;
    if (performance.now() > until) throw new Error(`waited ${timeoutMs} ms in vain until ${what}`);
    await new Promise((again) => setTimeout(again, lookAgainMilliseconds));
  }
}
