import { unwrapRaw, type Answer, type RosterReport } from '$lib/api.ts';
import { textOf } from '$lib/form-text.ts';
import type { Lang } from '$lib/i18n/lang.ts';

/** A file on its way to a roster. */
export type RosterFile = { name: string; bytes: Uint8Array<ArrayBuffer>; mode: 'add' | 'replace' };

const xlsx = 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet';

/** The file of a form: chosen there, or kept in it since it was looked at; null for none. */
export async function chosenFile(form: FormData): Promise<RosterFile | null> {
  const mode = textOf(form, 'mode') === 'replace' ? 'replace' : 'add';
  const chosen = form.get('file');
  if (chosen instanceof File && chosen.size > 0)
    return { name: shortName(chosen.name), bytes: new Uint8Array(await chosen.arrayBuffer()), mode };
  const kept = form.get('kept');
  if (typeof kept !== 'string' || kept === '') return null;
  return { name: shortName(textOf(form, 'name')), bytes: bytesOf(kept), mode };
}

/** The same file as fields of a form: what was looked at is what will be imported, though a browser forgets a chosen file. */
export function keptFile({ name, bytes, mode }: RosterFile): { name: string; kept: string; mode: RosterFile['mode'] } {
  const binary = Array.from(bytes, (byte) => String.fromCharCode(byte)).join('');
  return { name, kept: btoa(binary), mode };
}

/** Sends a file to a roster, for a look or in earnest. */
export function imported(
  fetch: typeof globalThis.fetch,
  lang: Lang,
  organisationId: string,
  file: RosterFile,
  { isDryRun, key }: { isDryRun: boolean; key: string },
): Promise<Answer<RosterReport>> {
  const query = new URLSearchParams({ mode: file.mode, dryRun: String(isDryRun) });
  // Not by the typed client: it sends JSON.
  return unwrapRaw<RosterReport>(
    fetch(`/api/v1/rosters/${encodeURIComponent(organisationId)}/imports?${query}`, {
      method: 'POST',
      headers: {
        'accept-language': lang,
        'content-type': file.name.toLowerCase().endsWith('.xlsx') ? xlsx : 'text/csv',
        'x-file-name': encodeURIComponent(file.name),
        ...(key !== '' && { 'idempotency-key': key }),
      },
      body: file.bytes,
    }),
  );
}

const shortName = (name: string): string => name.trim().slice(-100) || 'roster';

function bytesOf(base64: string): Uint8Array<ArrayBuffer> {
  try {
    return Uint8Array.from(atob(base64), (sign) => sign.charCodeAt(0));
  } catch {
    // Not what this page wrote: an empty file, which the API refuses.
    return new Uint8Array();
  }
}
