import type { Site, Me } from '$lib/api.ts';
import type { Lang } from '$lib/i18n/lang.ts';
import type { Theme } from '$lib/preferences.ts';

declare global {
  namespace App {
    /** Where the runtime leaves the API that runs in the same process; absent in `vite dev`, where the pages call it over HTTP. */
    interface Platform {
      /** Node: api/node.ts. */
      req?: { chaoxiApi?: { fetch(request: Request): Promise<Response> } };
      /** Workers: api/worker.ts. */
      env?: { api?: { fetch(request: Request): Promise<Response> } };
    }
    interface Locals {
      lang: Lang;
      elder: boolean;
      theme: Theme;
      /** The site and its clock, read once per request; null outside the application's pages (gallery, error page). */
      site: Site | null;
      me: Me | null;
    }
    interface PageData {
      lang?: Lang;
      timeZone?: string;
    }
  }
}

export {};
