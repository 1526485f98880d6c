/** What a driver's link says of itself, unproved: enough to find what this phone keeps of its run. */
export interface LinkSays {
  token: string;
  /** One store per run and date: a new link of the same run goes on with what the old one has not told. */
  key: string;
}

/** Reads the fragment of the driver's page; null when it is no link. */
export function linkIn(fragment: string): LinkSays | null {
  const token = fragment.replace(/^#/, '');
  const [, payload] = /^[\w-]+\.([\w-]+)\.[\w-]+$/.exec(token) ?? [];
  if (payload === undefined) return null;
  try {
    const says: unknown = JSON.parse(atob(payload.replaceAll('-', '+').replaceAll('_', '/')));
    if (typeof says !== 'object' || says === null || !('run' in says) || !('date' in says)) return null;
    return { token, key: `chaoxi-boarding:${String(says.run)}:${String(says.date)}` };
  } catch {
    // Cut off or mistyped: no link.
    return null;
  }
}
