/**
 * One text field of a form; empty when it is missing or a file. Chinese keyboards write full-width digits and letters: they count as the
 * plain ones. Outer white space goes.
 */
export function textOf(form: FormData, name: string): string {
  const value = form.get(name);
  return typeof value === 'string' ? value.normalize('NFKC').trim() : '';
}

/** Sentences that people write: as they are, since Chinese punctuation is full-width on purpose. Line breaks become spaces. */
export function wordsOf(form: FormData, name: string): string {
  const value = form.get(name);
  return typeof value === 'string' ? value.replaceAll(/\s+/g, ' ').trim() : '';
}
