import { problems } from './problem.ts';
import type { Localized } from './schemas.ts';

/** What bodies a route takes: how large, of which types, and how to say so. */
export type AcceptedBody = {
  maxBytes: number;
  isType: (mediaType: string | undefined) => boolean;
  sizes: Localized;
  types: Localized;
};

const json: AcceptedBody = {
  maxBytes: 64 * 1024,
  isType: isJson,
  sizes: problems['too-large'].detail,
  types: problems['unsupported-media-type'].detail,
};

/** Rosters come as people keep them. */
const rosterFile: AcceptedBody = {
  maxBytes: 1024 * 1024,
  isType: (type) =>
    /^(text\/csv|application\/vnd\.openxmlformats-officedocument\.spreadsheetml\.sheet)\s*(;|$)/i.test(type ?? ''),
  sizes: { zh: '文件不能超过 1 MiB。', en: 'A file may have 1 MiB at most.' },
  types: { zh: '请使用 CSV（text/csv）或 XLSX 文件。', en: 'Send CSV (text/csv) or XLSX.' },
};

/** What a request may carry: JSON everywhere, but for the import of a roster. */
export function acceptedBody(method: string, path: string): AcceptedBody {
  return method === 'POST' && /^\/api\/v1\/rosters\/[^/]+\/imports$/.test(path) ? rosterFile : json;
}

/** Whether a media type is JSON. */
export function isJson(type: string | undefined): boolean {
  return /^application\/json\s*(;|$)/i.test(type ?? '');
}
