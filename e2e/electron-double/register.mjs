// @ts-check
/**
 * `node --import ./e2e/electron-double/register.mjs dist/node/main.js` runs the desktop app without Electron: the real
 * main code on a stand-in for `electron`, its windows real Chromium pages with the real preload in them.
 * What the double cannot show: sandbox, context isolation, native menus and dialogs, fuses, asar.
 */
import { register } from 'node:module'

register('./resolve.mjs', import.meta.url)
// As in Electron when it was given the main file on its command line.
Object.assign(process, { defaultApp: true })
