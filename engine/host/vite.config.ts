import { readdirSync } from 'node:fs'
import { builtinModules } from 'node:module'
import { defineConfig } from 'vite'

const workers = 'engine/io/node/workers'

/** Workers stay files of their own, beside flat chunks: `new URL('./workers/x.mjs', import.meta.url)` is then right everywhere. */
const workerEntries = Object.fromEntries(
  readdirSync(workers)
    .filter(name => name.endsWith('.mjs'))
    .map(name => [`workers/${name.slice(0, -'.mjs'.length)}`, `${workers}/${name}`]),
)

/** Programs for Node and for Electron's main process. Every dependency is inlined: the package ships no node_modules. */
export default defineConfig({
  publicDir: false,
  resolve: { conditions: ['node', 'import', 'module', 'default'], mainFields: ['module', 'main'] },
  ssr: { noExternal: true, external: ['electron'] },
  build: {
    ssr: true,
    outDir: 'dist/node',
    emptyOutDir: true,
    target: 'node20',
    minify: false,
    sourcemap: true,
    rolldownOptions: {
      external: ['electron', ...builtinModules, ...builtinModules.map(name => `node:${name}`)],
      input: {
        main: 'electron/main/index.ts',
        cli: 'engine/cli/main.ts',
        ...workerEntries,
      },
      output: {
        format: 'es',
        banner: chunk => (chunk.name === 'cli' ? '#!/usr/bin/env node' : ''),
        entryFileNames: chunk => (chunk.name.startsWith('workers/') ? '[name].mjs' : '[name].js'),
        chunkFileNames: '[name]-[hash].js',
      },
    },
  },
})
