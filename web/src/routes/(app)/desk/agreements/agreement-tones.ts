import type { Agreement, Proposal } from '$lib/api.ts';

/** How a state of an agreement looks beside its word. */
export const agreementTone = {
  'in-force': 'done',
  upcoming: 'info',
  ended: 'off',
  suspended: 'attention',
} as const satisfies Record<Agreement['state'], string>;

/** How a state of a proposal looks beside its word. */
export const proposalTone = {
  open: 'wait',
  'in-force': 'done',
  withdrawn: 'off',
  rejected: 'danger',
} as const satisfies Record<Proposal['state'], string>;
