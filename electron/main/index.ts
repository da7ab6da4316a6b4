import { join } from 'node:path'
import { app, BrowserWindow, dialog } from 'electron'
import { z } from 'zod'
import { CHANNELS } from '#electron/api/channels.ts'
import { declareAppScheme, serveApp } from './app-protocol.ts'
import { connect, startEngine } from './engine-host.ts'
import { setMenu } from './menu.ts'
import { OpenRequests } from './open-requests.ts'
import { quitGracefully } from './quit.ts'
import { offerShell, pickTorrentPaths } from './shell.ts'
import { receive } from './trusted-ipc.ts'
import { createWindow, denyPermissions, guardAllContents } from './window.ts'

const dist = join(import.meta.dirname, '..')
const requests = new OpenRequests()
let window: BrowserWindow | undefined

app.enableSandbox()
declareAppScheme()
guardAllContents()
// A second start hands its arguments to the first and leaves.
if (app.requestSingleInstanceLock()) boot().catch(fail)
else app.exit(0)

async function boot(): Promise<void> {
  listenForRequests()
  await app.whenReady()
  denyPermissions()
  setMenu(() => void openTorrents())
  // The window paints while the engine reads its journal; neither waits for the other.
  const engine = startEngine()
  quitGracefully(app, hideWindows, async options => (await engine).shutdown(options))
  offerShell(
    () => window,
    request => window?.webContents.send(CHANNELS.openRequest, request),
  )
  receive(CHANNELS.connectEngine, z.undefined(), (_input, frame) => {
    engine.then(running => connect(running, frame)).catch(fail)
  })
  receive(CHANNELS.ready, z.undefined(), (_input, frame) =>
    requests.deliverTo(request => frame.send(CHANNELS.openRequest, request)),
  )
  await serveApp(join(dist, 'renderer'))
  showWindow()
  app.on('activate', showWindow)
  await engine
}

function listenForRequests(): void {
  requests.fromCommandLine(process.argv.slice(process.defaultApp ? 2 : 1), process.cwd())
  app.on('second-instance', (_event, argv, folder) => {
    requests.fromCommandLine(argv.slice(process.defaultApp ? 2 : 1), folder)
    showWindow()
  })
  app.on('open-file', (event, path) => {
    event.preventDefault()
    requests.open(path, '/')
  })
  app.on('open-url', (event, address) => {
    event.preventDefault()
    requests.open(address, '/')
  })
  app.on('window-all-closed', () => {
    if (process.platform !== 'darwin') app.quit()
  })
}

function showWindow(): void {
  if (!app.isReady()) return
  if (window) {
    if (window.isMinimized()) window.restore()
    window.show()
    window.focus()
    return
  }
  window = createWindow(join(dist, 'preload/preload.cjs'))
  // A page that loads anew has to say again that it is ready.
  window.webContents.on('did-start-loading', () => requests.hold())
  window.on('closed', () => {
    requests.hold()
    window = undefined
  })
}

async function openTorrents(): Promise<void> {
  showWindow()
  for (const path of await pickTorrentPaths(window)) requests.open(path, '/')
}

function hideWindows(): void {
  for (const open of BrowserWindow.getAllWindows()) open.hide()
}

/** Without an engine there is nothing to show: say why, and leave. */
function fail(error: unknown): void {
  dialog.showErrorBox('Freshet cannot start', error instanceof Error ? error.message : String(error))
  app.exit(1)
}
