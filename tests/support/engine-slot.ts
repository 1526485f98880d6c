import type { Slot } from '../../api/engine/types.ts';

/** A slot of a pure function's test: one unit of one leg, open from the beginning of time until it starts at 2,000, unless said otherwise. */
export function engineSlot(id: number, change: Partial<Slot> = {}): Slot {
  return {
    id,
    resourceId: `run-${id}`,
    kind: 'shuttle',
    serviceDate: '2026-11-24',
    part: '',
    startsAt: 2_000,
    endsAt: 3_000,
    capacity: 1,
    taken: 0,
    opensAt: 0,
    closesAt: 2_000,
    cancelUntil: 2_000,
    priceFen: 0,
    state: 'active',
    closedReason: null,
    isProvisional: false,
    facts: null,
    version: 1,
    ...change,
  };
}
