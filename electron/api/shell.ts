/**
 * What the desktop offers to the page, as `window.shell`. Absent in a browser. Everything here is narrow and named: the
 * page is sandboxed and cannot reach files, processes or Electron by any other way.
 */
export interface Shell {
  readonly platform: 'linux' | 'win32' | 'darwin'

  /**
   * Asks the engine for a connection. The answer is a `message` event on `window` with `source === window`,
   * `data === ENGINE_PORT` (channels.ts) and one MessagePort that carries `Upward` and `Downward`. Ask again when that
   * port closes, or after a reload.
   */
  connectEngine(): void

  /** Native dialog for .torrent files. Empty when cancelled. Too long or unreadable files arrive as `refused` open requests. */
  pickTorrents(): Promise<readonly TorrentFile[]>
  /** Native dialog for a folder, opened at `current`. Absolute path, or null when cancelled. */
  pickFolder(current: string): Promise<string | null>
  /** Shows a file or folder in the file manager. False when it does not exist. */
  reveal(path: string): Promise<boolean>
  /**
   * Opens a file or folder with the program that the user has chosen for it. `path` is absolute and exists. Refused
   * (false) for addresses and for whatever the system would run instead of show.
   */
  openPath(path: string): Promise<boolean>
  /** At most 64 KiB of text; '' when the clipboard holds none. Only in answer to something the user did. */
  readClipboardText(): Promise<string>

  /**
   * What the user opened from outside: command line, second start, file manager, magnet link. One listener. The first
   * call also says that the page is ready, so that what came before is delivered then, in order.
   */
  onOpenRequests(listener: (request: OpenRequest) => void): void

  /** 0..1 on the window's icon, null to take it away. Does nothing where the system has no such thing. */
  setProgress(fraction: number | null): void
  /** Count on the app's icon, 0 to take it away. */
  setBadge(count: number): void
  /** A system notification. Clicking it shows the window and tells `onNotificationClick` the id, if there is one. */
  notify(notification: { readonly title: string; readonly body: string; readonly id?: string }): void
  onNotificationClick(listener: (id: string) => void): void
  /** Native menus and dialogs follow; `prefers-color-scheme` in the page does too. */
  setTheme(theme: 'system' | 'light' | 'dark'): void
}

export interface TorrentFile {
  /** File name without its folder, for messages. */
  readonly name: string
  readonly bytes: Uint8Array
}

export type OpenRequest =
  | { readonly kind: 'bytes'; readonly name: string; readonly bytes: Uint8Array }
  | { readonly kind: 'magnet'; readonly uri: string }
  /** `reason` is a whole sentence for people. */
  | { readonly kind: 'refused'; readonly name: string; readonly reason: string }

declare global {
  interface Window {
    /** Set by the preload, in the desktop app only. */
    readonly shell?: Shell
  }
}
