import type { Config } from './config.ts';
import type { Deps } from './http/environment.ts';

const ranks = { debug: 0, info: 1, warn: 2, error: 3, silent: 4 };

/** Writes one JSON line per message; facts never hold personal data. */
export function createLog(level: Config['logLevel']): Deps['log'] {
  return (messageLevel, message, facts = {}) => {
    if (ranks[messageLevel] < ranks[level]) return;
    const line = JSON.stringify({ at: new Date().toISOString(), level: messageLevel, message, ...facts });
    // oxlint-disable-next-line no-console -- standard output is where a service logs
    console[messageLevel](line);
  };
}
