/** What a driver's link says of itself, unproved: enough to find what this phone keeps of its run. */
export interface LinkSays {
  token: string;
  /** One store per run and date: a new link of the same run goes on with what the old one has not told. */
  key: string;
}

const prefix = 'chaoxi-boarding:';

/** A link ends, and scans are refused, at most a day after the run; after days without a change nothing is left to be told. */
const keptMs = 3 * 86_400_000;

/** Of what a phone keeps, the runs that nothing was done with for days: names, though masked, stay no longer than they are needed. */
export function outdatedKeys(storage: Pick<Storage, 'getItem'>, keys: readonly string[], phoneNow: number): string[] {
  return keys.filter((key) => {
    if (!key.startsWith(prefix)) return false;
    const { savedAt } = JSON.parse(storage.getItem(key) ?? '{}') as { savedAt?: number };
    return savedAt === undefined || savedAt + keptMs < phoneNow;
  });
}

/** Reads the fragment of the driver's page; null when it is no link. */
export function linkIn(fragment: string): LinkSays | null {
  const token = fragment.replace(/^#/, '');
  const [, payload] = /^[\w-]+\.([\w-]+)\.[\w-]+$/.exec(token) ?? [];
  if (payload === undefined) return null;
  try {
    const says: unknown = JSON.parse(atob(payload.replaceAll('-', '+').replaceAll('_', '/')));
    if (typeof says !== 'object' || says === null || !('run' in says) || !('date' in says)) return null;
    return { token, key: `${prefix}${String(says.run)}:${String(says.date)}` };
  } catch {
    // Cut off or mistyped: no link.
    return null;
  }
}
