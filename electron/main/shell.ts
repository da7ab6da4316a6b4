import { realpath, stat } from 'node:fs/promises'
import { extname, isAbsolute } from 'node:path'
import { BrowserWindow, clipboard, dialog, nativeTheme, Notification, shell } from 'electron'
import { z } from 'zod'
import { CHANNELS } from '#electron/api/channels.ts'
import type { OpenRequest, TorrentFile } from '#electron/api/shell.ts'
import { readTorrent } from './open-requests.ts'
import { showBadge, showProgress } from './taskbar.ts'
import { handle, receive } from './trusted-ipc.ts'

const CLIPBOARD_CHARS = 64 * 1024
const path = z.string().min(1).max(32_768)

/** What some system would run, install or act upon when asked to "open" it. */
const RUNS = new Set(
  (
    '.action .app .appimage .appref-ms .bat .chm .cmd .com .command .cpl .deb .desktop .dmg .exe .gadget .hta .inf .inetloc ' +
    '.jar .js .jse .lnk .msc .msi .msix .msp .mst .pif .pkg .ps1 .psm1 .py .pyw .rb .reg .rpm .run .scf .scpt .scr .sct .service ' +
    '.settingcontent-ms .sh .terminal .tool .url .vb .vbe .vbs .webloc .workflow .ws .wsc .wsf .wsh .xbap'
  ).split(' '),
)

/** @param windowNow the window to speak for, if there is one @param refuse tells the page about a file that cannot be read */
export function offerShell(windowNow: () => BrowserWindow | undefined, refuse: (request: OpenRequest) => void): void {
  handle(CHANNELS.pickTorrents, z.undefined(), async () => {
    const files: TorrentFile[] = []
    for (const chosen of await pickTorrentPaths(windowNow())) {
      const request = await readTorrent(chosen)
      if (request.kind === 'bytes') files.push({ name: request.name, bytes: request.bytes })
      else refuse(request)
    }
    return files
  })
  handle(CHANNELS.pickFolder, path.or(z.literal('')), async (current): Promise<string | null> => {
    const properties = ['openDirectory' as const, 'createDirectory' as const, 'promptToCreate' as const]
    const options = { title: 'Choose a folder', defaultPath: current, properties }
    const window = windowNow()
    const { filePaths } = await (window ? dialog.showOpenDialog(window, options) : dialog.showOpenDialog(options))
    return filePaths[0] ?? null
  })
  handle(CHANNELS.reveal, path, async wanted => {
    if (!isAbsolute(wanted) || !(await stat(wanted).catch(() => undefined))) return false
    shell.showItemInFolder(wanted)
    return true
  })
  handle(CHANNELS.openPath, path, async wanted => {
    const harmless = await showablePath(wanted)
    return harmless !== undefined && (await shell.openPath(harmless)) === ''
  })
  handle(CHANNELS.readClipboardText, z.undefined(), async () => (await clipboard.readText()).slice(0, CLIPBOARD_CHARS))

  receive(CHANNELS.setProgress, z.number().min(0).max(1).nullable(), fraction => showProgress(windowNow(), fraction))
  receive(CHANNELS.setBadge, z.int().min(0), showBadge)
  receive(CHANNELS.setTheme, z.enum(['system', 'light', 'dark']), theme => {
    nativeTheme.themeSource = theme
  })
  receive(CHANNELS.notify, notification, given => notify(given, windowNow))
}

/** The system's dialog for .torrent files. Absolute paths; none when cancelled. */
export async function pickTorrentPaths(window: BrowserWindow | undefined): Promise<readonly string[]> {
  const properties = ['openFile' as const, 'multiSelections' as const]
  const filters = [
    { name: 'Torrent files', extensions: ['torrent'] },
    { name: 'All files', extensions: ['*'] },
  ]
  const options = { title: 'Add torrent files', properties, filters }
  const { filePaths } = await (window ? dialog.showOpenDialog(window, options) : dialog.showOpenDialog(options))
  return filePaths
}

/**
 * Where `wanted` really is, if opening it only shows it: a folder, or a file that no system runs. Links are followed
 * first, so that a harmless name cannot stand for something else.
 */
export async function showablePath(wanted: string): Promise<string | undefined> {
  if (!isAbsolute(wanted)) return undefined
  try {
    const real = await realpath(wanted)
    const found = await stat(real)
    if (RUNS.has(extname(real).toLowerCase())) return undefined
    if (found.isDirectory()) return real
    const mayRun = process.platform !== 'win32' && (found.mode & 0o111) !== 0
    return found.isFile() && !mayRun ? real : undefined
  } catch {
    return undefined
  }
}

const notification = z.object({
  title: z.string().max(300),
  body: z.string().max(1_000),
  id: z.string().max(200).optional(),
})

const visible = new Set<Notification>()

function notify({ title, body, id }: z.output<typeof notification>, windowNow: () => BrowserWindow | undefined): void {
  if (!Notification.isSupported()) return
  // Some Linux desktops read the text as markup, and torrents are named by strangers.
  const plain = process.platform === 'linux' ? body.replaceAll('<', '‹') : body
  const shown = new Notification({ title, body: plain })
  // Referred to until it closes: a collected notification forgets its listeners.
  visible.add(shown)
  shown.on('close', () => visible.delete(shown))
  shown.on('click', () => {
    const window = windowNow()
    window?.show()
    window?.focus()
    if (id !== undefined) window?.webContents.send(CHANNELS.notificationClick, id)
  })
  shown.show()
}
