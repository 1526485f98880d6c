import type { Attachment } from 'svelte/attachments';

/** Where the present stands when it is what the row is scrolled to: what comes after it matters more than what was. */
const presentAtShare = 0.2;

/**
 * A row that scrolls sideways: brings what is chosen (else the present) into view, and marks the sides on which there is more
 * (`data-more`, see `.scrolls` in app.css), so that a cut-off row never looks complete. `chosen` is read only to look again when it changes.
 */
export const scrollingRow =
  (chosen: string | null | undefined): Attachment<HTMLElement> =>
  (row) => {
    const markSides = () => {
      const furthest = row.scrollWidth - row.clientWidth;
      const sides = [row.scrollLeft > 1 ? 'before' : '', row.scrollLeft < furthest - 1 ? 'after' : ''];
      row.dataset['more'] = sides.join(' ').trim();
    };
    bringIntoView(row, chosen);
    markSides();
    row.addEventListener('scroll', markSides, { passive: true });
    const resized = new ResizeObserver(markSides);
    resized.observe(row);
    return () => {
      row.removeEventListener('scroll', markSides);
      resized.disconnect();
    };
  };

function bringIntoView(row: HTMLElement, chosen: string | null | undefined): void {
  const isChosen = chosen !== null && chosen !== undefined;
  const place = row.querySelector(isChosen ? '[aria-current], [aria-pressed="true"], .chosen' : '.now');
  if (place === null) return;
  const [frame, box] = [row.getBoundingClientRect(), place.getBoundingClientRect()];
  if (!isChosen) {
    row.scrollLeft += box.left - frame.left - frame.width * presentAtShare;
  } else if (box.left < frame.left || box.right > frame.right) {
    row.scrollLeft += box.left - frame.left - (frame.width - box.width) / 2;
  }
}
