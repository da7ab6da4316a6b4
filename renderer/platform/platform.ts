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
  /** `reason` is a whole sentence for people. */
  | { readonly kind: 'refused'; readonly name: string; readonly reason: string }

/** What differs between a window of the desktop and a page in a browser. */
export interface Platform {
  readonly kind: 'desktop' | 'web'
  /** A fresh pipe to the engine; called again after each loss. */
  connectEngine(): Promise<Transport<Upward, Downward>>
  /** .torrent files; empty when nothing was chosen. */
  pickTorrents(): Promise<readonly PickedFile[]>
  /** Absolute path, or null when nothing was chosen. Undefined as a method: there is no native picker, use our own. */
  pickFolder?: (current: string) => Promise<string | null>
  /** False when the system would not. Undefined as a method: this computer is not the one that holds the files. */
  openPath?: (path: string) => Promise<boolean>
  reveal?: (path: string) => Promise<boolean>
  /** '' when there is none or it may not be read. */
  readClipboard(): Promise<string>
  writeClipboard(text: string): Promise<void>
  /** One listener; what came before it was set is delivered then. */
  onOpenRequests(listener: (request: OpenRequest) => void): void
  /** 0..1 on the window's icon, null to take it away. */
  setProgress(fraction: number | null): void
  /** Shown by the system; nothing where it cannot. */
  notify(notification: { readonly title: string; readonly body: string; readonly id?: string }): void
  onNotificationClick(listener: (id: string) => void): void
}
