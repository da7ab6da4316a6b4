import { useCallback, useEffect, useState } from 'react'
import { addRequested } from '../add/add-requests.ts'
import { useAppDispatch, usePlatform } from '../services.ts'
import { filterCleared } from '../filters/filter-slice.ts'
import { picked } from '../torrents/selection-slice.ts'
import { toastShown } from '../toasts/toasts-slice.ts'
import { sourcesInFiles, sourcesInText } from './sources.ts'

/** What hangs over the window. While it hangs, browsers tell kinds and numbers, but neither names nor text. */
export interface Hover {
  readonly files: number
  readonly hasText: boolean
}

const TEXT = 'input, textarea, [contenteditable]'

/** Files, links and text that are dropped on the window or pasted into it; what the system opens with us. */
export function useIncoming(): Hover | null {
  const dispatch = useAppDispatch()
  const platform = usePlatform()
  const [hover, setHover] = useState<Hover | null>(null)

  const take = useCallback(
    async (files: readonly File[], text: string) => {
      const { sources, refused } = await sourcesInFiles(files)
      const all = [...sources, ...sourcesInText(text)]
      if (all.length > 0) dispatch(addRequested(all))
      for (const { name, reason } of refused.slice(0, 3)) dispatch(toastShown(`${name}: ${lower(reason)}`, 'error'))
      if (all.length + refused.length === 0 && text.trim() !== '')
        dispatch(toastShown('No link or hash in that text', 'error'))
    },
    [dispatch],
  )

  useEffect(() => {
    const over = (event: DragEvent) => {
      if (!event.dataTransfer) return
      event.preventDefault()
      event.dataTransfer.dropEffect = 'copy'
      const next = hoverOf(event.dataTransfer)
      setHover(before => (before?.files === next.files && before.hasText === next.hasText ? before : next))
    }
    const leave = (event: DragEvent) => {
      // Leaving the window, not one of its parts for another.
      if (event.relatedTarget === null) setHover(null)
    }
    const drop = (event: DragEvent) => {
      event.preventDefault()
      setHover(null)
      const { dataTransfer } = event
      if (!dataTransfer) return
      const text = dataTransfer.getData('text/uri-list') || dataTransfer.getData('text/plain')
      void take([...dataTransfer.files], dataTransfer.files.length > 0 ? '' : text)
    }
    const paste = (event: ClipboardEvent) => {
      const target = event.target instanceof Element ? event.target : document.body
      if (!event.clipboardData || target.closest(TEXT) || document.querySelector('[role=dialog], [role=alertdialog]'))
        return
      event.preventDefault()
      void take([...event.clipboardData.files], event.clipboardData.getData('text/plain'))
    }
    const onKeyDown = (event: KeyboardEvent) => {
      if (event.key === 'Escape') setHover(null)
    }
    window.addEventListener('dragover', over)
    window.addEventListener('dragleave', leave)
    window.addEventListener('drop', drop)
    window.addEventListener('paste', paste)
    window.addEventListener('keydown', onKeyDown)
    return () => {
      window.removeEventListener('dragover', over)
      window.removeEventListener('dragleave', leave)
      window.removeEventListener('drop', drop)
      window.removeEventListener('paste', paste)
      window.removeEventListener('keydown', onKeyDown)
    }
  }, [take])

  useEffect(() => {
    platform.onOpenRequests(request => {
      switch (request.kind) {
        case 'bytes':
          dispatch(addRequested([{ name: request.name, source: { kind: 'bytes', bytes: request.bytes } }]))
          break
        case 'magnet':
          dispatch(addRequested(sourcesInText(request.uri)))
          break
        case 'url':
          dispatch(addRequested(sourcesInText(request.url)))
          break
        case 'refused':
          dispatch(toastShown(request.reason, 'error'))
      }
    })
    platform.onNotificationClick(id => {
      dispatch(filterCleared())
      dispatch(picked({ id, mode: 'only', order: [] }))
    })
  }, [platform, dispatch])

  return hover
}

function hoverOf(transfer: DataTransfer): Hover {
  const items = [...transfer.items]
  const files = items.filter(item => item.kind === 'file').length
  const hasFiles = files > 0 || transfer.types.includes('Files')
  return { files: hasFiles ? Math.max(1, files) : 0, hasText: !hasFiles && items.some(item => item.kind === 'string') }
}

const lower = (sentence: string) => sentence.charAt(0).toLowerCase() + sentence.slice(1)
