import type { OpenDb } from './db.ts';

/** Where the database is: a PostgreSQL, or the embedded one in a folder (in memory when there is no folder). */
export type DatabasePlace = { url: string; connections?: number } | { folder: string | null };

/** Opens either database on Node; what is not used is not loaded. */
export async function openDb(place: DatabasePlace): Promise<OpenDb> {
  if ('url' in place) {
    const { openPostgres } = await import('./postgres.ts');
    return openPostgres(place.url, place.connections ?? 10);
  }
  const { openEmbedded } = await import('./embedded.ts');
  return openEmbedded(place.folder ?? undefined);
}
