import type { Notice } from '#engine/api/model.ts'
import type { Platform } from '#renderer/platform/platform.ts'

/** Told by the system only while nobody looks: who looks has the toasts. */
export function notifyOfNotices(platform: Platform, notices: readonly Notice[]): void {
  if (document.hasFocus()) return
  const finished = notices.filter(notice => notice.kind === 'finished')
  if (finished.length > 1) platform.notify({ title: `${finished.length} torrents finished`, body: '' })
  for (const { kind, id, text } of notices) {
    if (kind === 'finished' && finished.length > 1) continue
    const title = kind === 'finished' ? 'Finished' : 'Freshet needs you'
    platform.notify({ title, body: text, ...(id !== null && { id }) })
  }
}
