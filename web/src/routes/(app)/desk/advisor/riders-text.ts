/** A number of riders of an average day: a tenth is said where it matters. */
export const ridersText = (riders: number): string =>
  riders >= 100 ? String(Math.round(riders)) : riders.toFixed(1).replace(/\.0$/, '');
