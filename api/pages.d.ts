/** Kit's pages as `TARGET=cloudflare vite build` leaves them; wrangler finds them by `imports` of package.json. */
declare module '#pages' {
  const pages: {
    fetch(request: Request, env: object, context: { waitUntil(work: Promise<unknown>): void }): Promise<Response>;
  };
  export default pages;
}
