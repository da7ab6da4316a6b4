import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'

export default defineConfig({
  root: import.meta.dirname,
  // Served from a file by Electron and from any path by the headless host.
  base: './',
  plugins: [react()],
  cacheDir: '../.cache/vite',
  build: { outDir: '../dist/renderer', emptyOutDir: true, target: 'chrome130', sourcemap: true },
})
