/** Space-hours from space-minutes: `8,910`, `13.5`. */
export const hoursOf = (minutes: number): string =>
  (minutes / 60).toLocaleString('en-US', { maximumFractionDigits: 1 });
