import type { RunPlan } from '$lib/api.ts';

/** A run on one date, as it goes. */
export type RunDay = NonNullable<RunPlan['after']>;
