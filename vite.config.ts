import adapterCloudflare from '@sveltejs/adapter-cloudflare';
import adapterNode from '@sveltejs/adapter-node';
import { sveltekit } from '@sveltejs/kit/vite';
import { defineConfig } from 'vite';

/** `TARGET=cloudflare` builds the pages for Workers; anything else builds them for Node. */
const isForWorkers = process.env['TARGET'] === 'cloudflare';

export default defineConfig({
  plugins: [
    sveltekit({
      adapter: isForWorkers
        ? adapterCloudflare({ config: 'web/pages-worker.jsonc' })
        : adapterNode({ out: 'build/node', precompress: true }),
      outDir: isForWorkers ? '.svelte-kit-cloudflare' : '.svelte-kit',
      files: { src: 'web/src', assets: 'web/static' },
      // Only the driver's page works offline; it registers the worker itself.
      serviceWorker: { register: false },
      csp: {
        mode: 'auto',
        directives: {
          'default-src': ['self'],
          'img-src': ['self', 'data:'],
          // Levels and widths are style attributes; style sheets and scripts stay with nonces.
          'style-src-attr': ['unsafe-inline'],
          'object-src': ['none'],
          'base-uri': ['self'],
          'form-action': ['self'],
          'frame-ancestors': ['none'],
        },
      },
      typescript: { config: (config) => ({ ...config, include: [] }) },
    }),
  ],
});
