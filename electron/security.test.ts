import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'

const withoutComments = (text: string) => text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/(^|\s)\/\/.*$/gm, '$1')

const sources = readdirSync('electron', { recursive: true, encoding: 'utf8' })
  .filter(name => name.endsWith('.ts') && !/\.(test|config)\.ts$/.test(name))
  .map(name => ({ name, text: withoutComments(readFileSync(join('electron', name), 'utf8')) }))

/** Files of electron/ that contain `pattern`. */
const filesWith = (pattern: RegExp) => sources.filter(({ text }) => pattern.test(text)).map(({ name }) => name)

test.each([
  ['switches the sandbox off', /sandbox:\s*false|no-sandbox/],
  ['switches context isolation off', /contextIsolation:\s*false/],
  ['gives Node to a page', /nodeIntegration\w*:\s*true/],
  ['switches web security off', /webSecurity:\s*false|allowRunningInsecureContent/],
  ['allows webviews', /webviewTag:\s*true|<webview/],
  ['switches experiments on', /experimentalFeatures|enableBlinkFeatures/],
  ['loads from files or the network', /loadFile\(|file:\/\/\/|['"`]https?:\/\//],
  ['opens addresses with other programs', /openExternal\(/],
  ['reaches into pages', /executeJavaScript\(|insertCSS\(|\bremote\b/],
  ['takes over a protocol unasked', /setAsDefaultProtocolClient\(/],
])('nothing %s', (_, pattern) => {
  expect(filesWith(pattern)).toEqual([])
})

test.each([
  ['enables the sandbox for all', /app\.enableSandbox\(\)/, ['main/index.ts']],
  ['talks to ipcMain', /\bipcMain\b/, ['main/trusted-ipc.ts']],
  ['makes windows', /new BrowserWindow\(/, ['main/window.ts']],
  ['forbids webviews', /will-attach-webview/, ['main/window.ts']],
  ['forbids new windows', /setWindowOpenHandler\(\(\) => \(\{ action: 'deny' \}\)\)/, ['main/window.ts']],
  ['decides about permissions', /setPermission(Check|Request)Handler/, ['main/window.ts']],
])('one file %s', (_, pattern, files) => {
  expect(filesWith(pattern)).toEqual(files)
})
