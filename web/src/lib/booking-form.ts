import { tick } from 'svelte';
import { invalidateAll } from '$app/navigation';
import type { SubmitFunction } from '@sveltejs/kit';

/**
 * Polishes a form for `use:enhance`: tells when it is under way, keeps what was filled in, and after a refusal reads the page's data
 * again, so that it shows what is left now, and leads the focus to the reason.
 */
export const polished =
  (setBusy: (isBusy: boolean) => void): SubmitFunction =>
  ({ formElement }) => {
    setBusy(true);
    return async ({ result, update }) => {
      await update({ reset: false });
      if (result.type === 'failure') await invalidateAll();
      setBusy(false);
      if (result.type !== 'failure') return;
      await tick();
      formElement.querySelector<HTMLElement>('[aria-invalid="true"], [role="alert"], [role="status"]')?.focus();
    };
  };
