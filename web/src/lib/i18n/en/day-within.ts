/** A day inside a sentence: `today`, `tomorrow`, `on Thu 26 Nov`. */
export const dayWithin = (day: string): string => (/^To(day|morrow)$/.test(day) ? day.toLowerCase() : `on ${day}`);
