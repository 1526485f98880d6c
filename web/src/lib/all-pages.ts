import { required, type Answer } from './api.ts';

interface Page<Item> {
  items: Item[];
  nextCursor: string | null;
}

/** More pages than a screen can show are a mistake in the question. */
const maxPages = 10;

/** Every item of a list, page after page, or the error page. `ask` gets the cursor, undefined for the first page. */
export async function allPages<Item>(
  ask: (cursor: string | undefined) => Promise<Answer<Page<Item>>>,
): Promise<Item[]> {
  const items: Item[] = [];
  let cursor: string | undefined;
  for (let page = 0; page < maxPages; page++) {
    const answer = required(await ask(cursor));
    items.push(...answer.items);
    if (answer.nextCursor === null) break;
    cursor = answer.nextCursor;
  }
  return items;
}
