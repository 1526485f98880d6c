import type { Figure } from '../figures.ts';
import type { Rider } from '../people.ts';
import type { HotSlot } from '../riders.ts';
import type { Service, Stage } from '../stage.ts';

/** What a scenario works with. */
export type Bench = {
  stage: Stage;
  service: Service;
  riders: readonly Rider[];
  /** A slot that nobody has booked yet. */
  nextSlot: () => HotSlot;
  /** How many rounds a ratio is the median of. */
  rounds: number;
  pastBookings: number;
  listeners: number;
};

/** Measures something and says what came of it. */
export type Scenario = (bench: Bench) => Promise<Figure[]>;

/** Connections of the load generator (issue: p99 at 128 connections). */
export const connections = 128;

/** So often everybody comes before a service is measured: until then it still compiles what is used most. */
export const warmUps = 3;
