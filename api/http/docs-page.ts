import type { Context as HonoContext } from 'hono';
import { html } from 'hono/html';
import type { AppEnv } from './environment.ts';

/** Shows `openapi.json` without anything from another host: a small reader of our own, read by the browser from this same page. */
export function docsPage(c: HonoContext<AppEnv>) {
  c.header('Content-Security-Policy', "default-src 'self'; script-src 'unsafe-inline'; style-src 'unsafe-inline'");
  return c.html(
    html`<!doctype html>
      <html lang="en">
        <head>
          <meta charset="utf-8" />
          <meta name="viewport" content="width=device-width, initial-scale=1" />
          <title>潮汐 Chaoxi – API</title>
          <link rel="icon" href="/favicon.svg" type="image/svg+xml" />
          <style>
            :root {
              color-scheme: light dark;
              --line: #8884;
              --tide: light-dark(#0b6e8a, #6fc3da);
            }
            body {
              font:
                16px/1.5 system-ui,
                sans-serif;
              max-width: 62rem;
              margin: 0 auto;
              padding: 1rem;
            }
            summary {
              cursor: pointer;
              padding: 0.6rem 0;
              display: flex;
              gap: 0.75rem;
              align-items: baseline;
              flex-wrap: wrap;
            }
            summary b {
              color: var(--tide);
              min-width: 4.5rem;
              font-variant: small-caps;
            }
            details {
              border-top: 1px solid var(--line);
            }
            pre {
              background: #8881;
              padding: 0.75rem;
              overflow: auto;
              border-radius: 8px;
              font-size: 13px;
            }
            code {
              font-family: ui-monospace, monospace;
            }
            .access {
              margin-inline-start: auto;
              font-size: 13px;
              opacity: 0.8;
            }
          </style>
        </head>
        <body>
          <h1>潮汐 Chaoxi – API</h1>
          <p>
            Base path <code>/api/v1</code>. The whole document: <a href="openapi.json">openapi.json</a> (OpenAPI 3.1).
            Sign in with <code>POST /auth/otp</code>, then <code>POST /auth/session</code>; send the token as
            <code>Authorization: Bearer</code>.
          </p>
          <noscript><p>This page needs JavaScript to draw the list; openapi.json does not.</p></noscript>
          <main id="routes" aria-busy="true"></main>
          <script>
            const element = (name, text, children = []) => {
              const made = document.createElement(name);
              if (text) made.textContent = text;
              made.append(...children);
              return made;
            };
            const block = (title, value) => [element('h3', title), element('pre', JSON.stringify(value, null, 2))];
            fetch('openapi.json')
              .then((answer) => answer.json())
              .then((document_) => {
                const main = document.getElementById('routes');
                for (const [path, methods] of Object.entries(document_.paths))
                  for (const [method, route] of Object.entries(methods)) {
                    const access = element('span', route['x-access']);
                    access.className = 'access';
                    const summary = element('summary', '', [
                      element('b', method.toUpperCase()),
                      element('code', path),
                      element('span', route.summary),
                      access,
                    ]);
                    const parts = [
                      ...(route.parameters ? block('Parameters', route.parameters) : []),
                      ...(route.requestBody ? block('Body', route.requestBody) : []),
                      ...block('Answers', route.responses),
                    ];
                    main.append(element('details', '', [summary, ...parts]));
                  }
                main.append(element('h2', 'Schemas'));
                for (const [name, schema] of Object.entries(document_.components.schemas))
                  main.append(
                    element('details', '', [
                      element('summary', '', [element('code', name)]),
                      element('pre', JSON.stringify(schema, null, 2)),
                    ]),
                  );
                main.removeAttribute('aria-busy');
              });
          </script>
        </body>
      </html>`,
  );
}
