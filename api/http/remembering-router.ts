import type { Result, Router } from 'hono/router';
import { TrieRouter } from 'hono/router/trie-router';

/** More paths than there are without a parameter: what is asked for in vain counts too. */
const mostPaths = 1_000;

/**
 * Hono's router for paths of any kind, which remembers what it found where a path has no parameter. (Its faster one takes no `/a/b` beside
 * `/a/:id/c`, and we have some of these.) Most requests are for few such paths, and the search made a twentieth of their garbage.
 */
export class RememberingRouter<T> implements Router<T> {
  readonly name = 'RememberingRouter';
  readonly #router = new TrieRouter<T>();
  readonly #found = new Map<string, Result<T>>();

  add(method: string, path: string, handler: T): void {
    this.#found.clear();
    this.#router.add(method, path, handler);
  }

  match(method: string, path: string): Result<T> {
    const key = `${method} ${path}`;
    const known = this.#found.get(key);
    if (known) return known;
    const result = this.#router.match(method, path);
    if (hasParameters(result)) return result;
    if (this.#found.size >= mostPaths) this.#found.clear();
    this.#found.set(key, result);
    return result;
  }
}

function hasParameters([handlers]: Result<unknown>): boolean {
  return handlers.some(([, parameters]) => Object.keys(parameters).length > 0);
}
