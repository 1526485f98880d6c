/** Instants are epoch milliseconds, as everywhere. */
export type WorldSlot = {
  id: number;
  opensAt: number;
  closesAt: number;
  cancelUntil: number;
  startsAt: number;
  endsAt: number;
};

/** What never changes in a history: the slots by short names, e.g. `a2` for the second leg of run a. */
export type World = { slots: Readonly<Record<string, WorldSlot>> };

export type Claim = { who: string; scope: string; from: number; to: number };
