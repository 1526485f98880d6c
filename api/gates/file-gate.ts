import { appendFile, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { allOf, type Gate } from './gate.ts';

/**
 * A lot whose guards read the list from a folder: each change is a JSON line of `<lotId>.jsonl`, the newest last. The folder holds plates:
 * it is made for the service's own user alone.
 */
export function fileGate(folder: string): Gate {
  return {
    async push(lotId, changes) {
      try {
        await mkdir(folder, { recursive: true, mode: 0o700 });
        const lines = changes.map((change) => `${JSON.stringify({ lotId, ...change })}\n`).join('');
        // The lot's id is of our own database; as a file's name it may hold nothing that leads elsewhere.
        const name = lotId.replaceAll(/[^A-Za-z0-9_-]/g, '_');
        await appendFile(join(folder, `${name}.jsonl`), lines, { mode: 0o600 });
        return allOf(changes, 'accepted');
      } catch (error) {
        return allOf(changes, 'failed', (error as NodeJS.ErrnoException).code ?? 'not written');
      }
    },
  };
}
