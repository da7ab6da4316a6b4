/** folder -> folders it may import @type {Record<string, readonly string[]>} */
export const layers = {
  'engine/api': [],
  'engine/base': [],
  'electron/api': [],
  'renderer/lib': [],
  'engine/bencode': ['engine/base'],
  'engine/metainfo': ['engine/base', 'engine/bencode'],
  'engine/io': ['engine/base'],
  'engine/wire': ['engine/base', 'engine/bencode', 'engine/io'],
  'engine/pieces': ['engine/base', 'engine/metainfo'],
  'engine/storage': ['engine/base', 'engine/metainfo', 'engine/pieces', 'engine/io'],
  'engine/tracker': ['engine/base', 'engine/bencode', 'engine/io'],
  'engine/peer': ['engine/base', 'engine/io', 'engine/wire', 'engine/pieces'],
  'engine/torrent': [
    'engine/api',
    'engine/base',
    'engine/io',
    'engine/metainfo',
    'engine/wire',
    'engine/pieces',
    'engine/storage',
    'engine/tracker',
    'engine/peer',
  ],
  'engine/session': [
    'engine/api',
    'engine/base',
    'engine/bencode',
    'engine/io',
    'engine/metainfo',
    'engine/storage',
    'engine/tracker',
    'engine/wire',
    'engine/peer',
    'engine/torrent',
  ],
  'engine/host': ['engine/api', 'engine/base', 'engine/io', 'engine/metainfo', 'engine/session'],
  'engine/cli': ['engine/api', 'engine/base', 'engine/host'],
  'electron/preload': ['electron/api'],
  'electron/main': ['electron/api', 'engine/api', 'engine/host'],
  'renderer/ui': ['renderer/lib'],
  'renderer/platform': ['electron/api', 'engine/api'],
  'renderer/engine': ['engine/api', 'renderer/lib'],
  'renderer/features': ['engine/api', 'renderer/engine', 'renderer/platform', 'renderer/ui', 'renderer/lib'],
  'renderer/app': [
    'engine/api',
    'renderer/engine',
    'renderer/platform',
    'renderer/features',
    'renderer/ui',
    'renderer/lib',
  ],
}

/** Where `node:` may be written. */
export const nodeWorlds = ['engine/io/node/', 'engine/host/', 'engine/cli/', 'electron/main/']

/** folder -> npm packages it may import; a package nobody has placed is an error @type {Record<string, readonly string[]>} */
export const packages = {
  'engine/io': ['ipaddr.js'],
  'engine/host': ['hono', '@hono/node-server', 'ws', 'zod', 'parse-torrent'],
  'electron/main': ['electron', 'zod'],
  'electron/preload': ['electron'],
  'renderer/ui': ['react', '@base-ui/react', '@tanstack/react-virtual', 'lucide-react', 'react-resizable-panels'],
  'renderer/engine': ['react', '@reduxjs/toolkit'],
  'renderer/features': ['react', '@reduxjs/toolkit', 'react-redux', 'lucide-react'],
  'renderer/app': ['react', 'react-dom', '@reduxjs/toolkit', 'react-redux'],
}
