import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Config } from './config.ts';

/** The secret that signs sessions: the configured one, or one that is made once and kept beside the embedded data. */
export function sessionSecret(config: Pick<Config, 'sessionSecret' | 'database'>): string {
  if (config.sessionSecret !== null) return config.sessionSecret;
  if ('url' in config.database) throw new Error('a session secret is needed with a PostgreSQL of your own');
  const path = join(config.database.folder, 'session-secret');
  mkdirSync(config.database.folder, { recursive: true, mode: 0o700 });
  try {
    writeFileSync(path, randomBytes(32).toString('base64url'), { flag: 'wx', mode: 0o600 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  return readFileSync(path, 'utf8').trim();
}
