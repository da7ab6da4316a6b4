import { app, type BrowserWindow } from 'electron'

/** @param fraction 0..1, or null for none */
export function showProgress(window: BrowserWindow | undefined, fraction: number | null): void {
  window?.setProgressBar(fraction ?? -1)
}

/** @param count 0 for none. A count stands on the icon on macOS and on some Linux docks. */
export function showBadge(count: number): void {
  app.setBadgeCount(count)
}
