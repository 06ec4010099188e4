import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vite';

// The window refuses inline scripts and styles, so nothing may be inlined into the page.
export default defineConfig({
  plugins: [svelte()],
  base: './',
  build: {
    target: 'es2022',
    assetsInlineLimit: 0,
    // The minifier folds the parts of text-decoration into a shorthand that WebKit does not read.
    cssMinify: false,
    modulePreload: { polyfill: false },
    emptyOutDir: true,
    chunkSizeWarningLimit: 1500,
  },
  server: { watch: { ignored: ['**/dist/**', '**/dist-mock/**'] } },
});
