import type { Downward, Upward } from '#engine/api/messages.ts'
import type { Transport } from '#engine/api/transport.ts'

/** A file somebody picked, dropped or opened: its name for the eye, its bytes for the engine. */
export interface PickedFile {
  readonly name: string
  readonly bytes: Uint8Array
}

/** Something the system handed over: a double click on a .torrent, a link in the browser. */
export type OpenRequest =
  | { readonly kind: 'bytes'; readonly name: string; readonly bytes: Uint8Array }
  | { readonly kind: 'magnet'; readonly uri: string }
  | { readonly kind: 'url'; readonly url: string }

/** What differs between a window of the desktop and a page in a browser. */
export interface Platform {
  readonly kind: 'desktop' | 'web'
  /** A fresh pipe to the engine; called again after each loss. */
  connectEngine(): Promise<Transport<Upward, Downward>>
  /** .torrent files; empty when nothing was chosen. */
  pickTorrents(): Promise<readonly PickedFile[]>
  /** Absolute path, or null when nothing was chosen. Undefined as a method: there is no native picker, use our own. */
  pickFolder?: (current: string) => Promise<string | null>
  /** Undefined as a method: this computer is not the one that holds the files. */
  openPath?: (path: string) => Promise<void>
  reveal?: (path: string) => Promise<void>
  /** '' when there is none or it may not be read. */
  readClipboard(): Promise<string>
  writeClipboard(text: string): Promise<void>
  /** Those that came before the listener was set are delivered at once. */
  onOpenRequests(listener: (requests: readonly OpenRequest[]) => void): void
}
