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
      typescript: { config: (config) => ({ ...config, include: [] }) },
    }),
  ],
});
