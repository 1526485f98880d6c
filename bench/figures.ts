import type { LoadReport } from './load/process.ts';

/** One figure; `bar` is what the finished service has to reach. */
export type Figure = {
  name: string;
  value: number;
  unit: '/s' | 'ms' | 's' | 'ratio' | 'µs CPU' | 'riders' | '%';
  bar?: { atLeast: number } | { atMost: number };
};

export const perSecond = ({ answered, seconds }: LoadReport): number => answered / seconds;

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1
    ? (sorted[middle] ?? NaN)
    : ((sorted[middle - 1] ?? NaN) + (sorted[middle] ?? NaN)) / 2;
}

/** Throws unless everything was answered with this status: a figure of refusals is none. */
export function expectStatus(report: LoadReport, status: number): LoadReport {
  const others = Object.keys(report.statuses).filter((found) => found !== String(status));
  if (others.length > 0) {
    throw new Error(`not only ${status}: ${JSON.stringify(report.statuses)} ${JSON.stringify(report.samples)}`);
  }
  return report;
}

/** A figure in words, with its bar. */
export function lineOf({ name, value, unit, bar }: Figure): string {
  const digits = unit === 'ratio' || unit === 's' ? 2 : unit === 'ms' || unit === '%' ? 1 : 0;
  const shown = `${value.toFixed(digits)}${unit === 'ratio' ? ' ×' : ` ${unit}`}`;
  if (!bar) return `    ${name.padEnd(66)} ${shown.padStart(14)}`;
  const isMet = 'atLeast' in bar ? value >= bar.atLeast : value <= bar.atMost;
  const wanted = 'atLeast' in bar ? `≥ ${bar.atLeast}` : `≤ ${bar.atMost}`;
  return `  ${isMet ? '✓' : '✗'} ${name.padEnd(66)} ${shown.padStart(14)}   (bar ${wanted})`;
}
