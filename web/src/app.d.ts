import type { Site, Me } from '$lib/api.ts';
import type { Lang } from '$lib/i18n/lang.ts';
import type { Theme } from '$lib/preferences.ts';

/** The API in the same process; absent in `vite dev`, where the pages call it over HTTP. */
interface ApiAtHand {
  fetch(request: Request): Promise<Response>;
}

declare global {
  namespace App {
    interface Platform {
      /** Node: what the server has put on the request. */
      req?: { chaoxiApi?: ApiAtHand };
      /** Workers: the bindings, and the API beside them. */
      env?: { api?: ApiAtHand };
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
