import { invalidateAll } from '$app/navigation';
import type { SubmitFunction } from '@sveltejs/kit';

/**
 * Polishes a form for `use:enhance`: tells when it is under way, keeps what was filled in, and after a refusal reads the page's data
 * again, so that it shows what is left now.
 */
export const polished =
  (setBusy: (isBusy: boolean) => void): SubmitFunction =>
  () => {
    setBusy(true);
    return async ({ result, update }) => {
      await update({ reset: false });
      if (result.type === 'failure') await invalidateAll();
      setBusy(false);
    };
  };
