import { join } from 'node:path'
import { app, BrowserWindow, dialog, nativeTheme, session, type WebContents } from 'electron'
import { APP_URL, isAppUrl } from './app-protocol.ts'

/** `--bg` of the page's tokens: what is seen before the page has painted. */
const BACKGROUND = { light: '#FFFFFF', dark: '#1C1F24' }
/** A page that dies more often than this in a minute will die again. */
const RELOADS_A_MINUTE = 3

/** The main window, shown once it has something to show. Place and size come from last time. */
export function createWindow(preload: string): BrowserWindow {
  const window = new BrowserWindow({
    name: 'main',
    windowStatePersistence: true,
    title: 'Freshet',
    width: 1180,
    height: 760,
    minWidth: 640,
    minHeight: 420,
    show: false,
    autoHideMenuBar: true,
    backgroundColor: nativeTheme.shouldUseDarkColors ? BACKGROUND.dark : BACKGROUND.light,
    ...(process.platform === 'linux' && { icon: join(app.getAppPath(), 'assets/icon-256.png') }),
    webPreferences: {
      preload,
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
      webSecurity: true,
      webviewTag: false,
      // Its dictionaries would be fetched from the network.
      spellcheck: false,
    },
  })
  window.once('ready-to-show', () => window.show())
  // The engine names torrents in notifications and lists, never in the window's title.
  window.on('page-title-updated', event => event.preventDefault())
  reviveWhenGone(window)
  // Fails when the page loads anew before it was there; then that load counts.
  window.loadURL(APP_URL).catch((error: unknown) => console.error(error))
  return window
}

/** Downloads never notice when a page dies: the engine is elsewhere, so the page simply starts again. */
function reviveWhenGone(window: BrowserWindow): void {
  let deaths: number[] = []
  window.webContents.on('render-process-gone', (_event, details) => {
    if (details.reason === 'clean-exit') return
    const now = Date.now()
    deaths = [...deaths.filter(at => at > now - 60_000), now]
    if (deaths.length <= RELOADS_A_MINUTE) return window.webContents.reload()
    dialog.showErrorBox(
      'Freshet cannot show its window',
      `The window stopped ${deaths.length} times within a minute (${details.reason}). Downloads go on. Quit and start Freshet again to see them.`,
    )
  })
}

/** Holds for every page that is ever made, also for ones we did not mean to make. */
export function guardAllContents(): void {
  app.on('web-contents-created', (_event, contents) => guard(contents))
}

function guard(contents: WebContents): void {
  for (const event of ['will-navigate', 'will-redirect', 'will-frame-navigate'] as const) {
    contents.on(event as 'will-navigate', details => details.preventDefault())
  }
  contents.on('will-attach-webview', event => event.preventDefault())
  contents.setWindowOpenHandler(() => ({ action: 'deny' }))
}

/** The page gets no permission but to put text on the clipboard, which Chromium grants only to a user's own action. */
export function denyPermissions(): void {
  const { defaultSession } = session
  const isGranted = (permission: string, origin: string) =>
    permission === 'clipboard-sanitized-write' && isAppUrl(origin)
  defaultSession.setPermissionCheckHandler((_contents, permission, origin) => isGranted(permission, origin))
  defaultSession.setPermissionRequestHandler((_contents, permission, callback, details) =>
    callback(isGranted(permission, details.requestingUrl)),
  )
  defaultSession.setDevicePermissionHandler(() => false)
  // What the page itself made (an exported .torrent) may be saved; nothing is ever fetched.
  defaultSession.on('will-download', (event, item) => {
    if (!item.getURL().startsWith('blob:app://freshet/')) event.preventDefault()
  })
}
