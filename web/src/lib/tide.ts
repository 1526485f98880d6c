import type { SlotState } from './api.ts';

/** One place on a tide strip: a run, a night, a pick-up window. */
export interface TidePoint {
  id: string;
  /** Below the strip, e.g. `08:10` or `周二`. */
  label: string;
  /** A second, smaller line, e.g. `24` or `休`. */
  note?: string | undefined;
  /** In full for readers of the table; the label when left out. */
  name?: string | undefined;
  remaining: number;
  capacity: number;
  state: SlotState;
  /** Where choosing it leads; without it the point is only shown. */
  href?: string | undefined;
}

/** Share of a point that is still free, 0 … 1; nothing is free of what cannot be booked any more. */
export function levelOf({ remaining, capacity, state }: Pick<TidePoint, 'remaining' | 'capacity' | 'state'>): number {
  if (capacity <= 0 || state === 'closed' || state === 'full') return 0;
  return Math.min(1, Math.max(0, remaining / capacity));
}

/** Width of one column and height of the water in the strip's own units. */
export const columnWidth = 100;
export const waterHeight = 100;

/** A little water stays at low tide, so that the shore line is seen. */
const lowWater = 3;

const heightAt = (level: number): number => waterHeight - lowWater - level * (waterHeight - lowWater);

/**
 * The water's surface through the middle of every column. Each piece leaves and arrives level, so that the curve never rises above or
 * falls below the two values that it joins: a strip must not show more than there is.
 */
export function surface(levels: readonly number[], width = columnWidth): string {
  const first = levels[0];
  if (first === undefined) return '';
  let path = `M0 ${round(heightAt(first))}`;
  let [x, y] = [width / 2, heightAt(first)];
  path += ` H${x}`;
  for (const level of levels.slice(1)) {
    const [nextX, nextY] = [x + width, heightAt(level)];
    const middle = (x + nextX) / 2;
    path += ` C${middle} ${round(y)} ${middle} ${round(nextY)} ${nextX} ${round(nextY)}`;
    [x, y] = [nextX, nextY];
  }
  return `${path} H${levels.length * width}`;
}

/** The surface closed down to the ground. */
export const water = (levels: readonly number[]): string =>
  levels.length === 0 ? '' : `${surface(levels)} V${waterHeight} H0 Z`;

/** How far the swell stays under the surface, in the strip's units. */
const [crestDepth, troughDepth] = [14, 30];

/** A second, calmer water under the surface: only a picture, always at or below the real level. */
export function swell(levels: readonly number[]): string {
  const crests = levels.flatMap((level) => [lowered(level, crestDepth), lowered(level, troughDepth)]);
  return crests.length === 0 ? '' : `${surface(crests, columnWidth / 2)} V${waterHeight} H0 Z`;
}

const lowered = (level: number, depth: number): number => Math.max(0, level - depth / waterHeight);

const round = (value: number): number => Math.round(value * 10) / 10;

/**
 * Where the present stands among instants (epoch milliseconds, ascending), counted in columns from the left edge: before the first 0,
 * after the last the number of columns, between two in proportion. Columns are as wide as one another, whatever time lies between.
 */
export function presentAmong(instants: readonly number[], now: number): number {
  const [first, last] = [instants[0], instants.at(-1)];
  if (first === undefined || last === undefined || now < first) return 0;
  if (now >= last) return instants.length;
  const next = instants.findIndex((instant) => instant > now);
  const [before, after] = [instants[next - 1] ?? first, instants[next] ?? last];
  return next - 0.5 + (now - before) / (after - before);
}
