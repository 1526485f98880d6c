/** One change of a lot's allow-list. The gate knows it by its id and action: told twice, it does it once, and what is revoked stays so. */
export type GateChange = {
  id: string;
  action: 'allow' | 'revoke';
  plate: string;
  /** From when until when the car may pass; RFC 3339 with the site's offset. */
  from: string;
  until: string;
};

/** What became of a change: taken, turned down for good, or not told, which is tried again. `error` says why, without personal data. */
export type PushResult = { id: string; outcome: 'accepted' | 'refused' | 'failed'; error: string | null };

/** A way to the list of a lot's gate. `push` never rejects, and is done within seconds. */
export type Gate = { push(lotId: string, changes: readonly GateChange[], now: number): Promise<PushResult[]> };

/** The ways that are configured, by kind of lot; where there is none, changes wait and can be seen waiting. */
export type Gates = { gated: Gate | null; staffed: Gate | null };

export const noGates: Gates = { gated: null, staffed: null };

/** The same result for all changes of a push. */
export function allOf(
  changes: readonly GateChange[],
  outcome: PushResult['outcome'],
  error: string | null = null,
): PushResult[] {
  return changes.map(({ id }) => ({ id, outcome, error }));
}
