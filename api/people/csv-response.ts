import { shortText } from '../http/schemas.ts';
import { containsResidentId } from './resident-id.ts';

/** What a roster may be sent as. */
export const rosterFileTypes = ['text/csv', 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet'];

/** Answers with a CSV file to keep. */
export function csvResponse(text: string, fileName: string): Response {
  return new Response(text, {
    headers: {
      'Content-Type': 'text/csv; charset=utf-8',
      'Content-Disposition': `attachment; filename="${fileName}"`,
    },
  });
}

const namePattern = shortText(120).refine((name) => !containsResidentId(name));

/** A file's name out of its percent-encoded header, since a header holds ASCII only; null for what cannot be one. */
export function fileNameOf(header: string | undefined): string | null {
  try {
    const parsed = namePattern.safeParse(decodeURIComponent(header ?? 'roster'));
    return parsed.success ? parsed.data : null;
  } catch {
    // Not percent-encoded as it should be.
    return null;
  }
}
