import { useCallback } from 'react'
import type { TorrentId } from '#engine/api/ids.ts'
import { detailsOpened } from '../commands/windows-slice.ts'
import { useAppDispatch } from '../services.ts'
import { useAttempt } from '../use-attempt.ts'
import { picked } from './selection-slice.ts'
import type { Remedy } from './status.ts'

/** What the button beside a problem does. */
export function useRemedy(): (id: TorrentId, does: Remedy['does']) => void {
  const dispatch = useAppDispatch()
  const attempt = useAttempt()
  return useCallback(
    (id, does) => {
      switch (does) {
        case 'edit-trackers':
        case 'choose-files':
          dispatch(picked({ id, mode: 'only', order: [] }))
          dispatch(detailsOpened(does === 'edit-trackers' ? 'trackers' : 'files'))
          return
        case 'resume':
        case 'recheck':
          void attempt(`torrents.${does}`, { ids: [id] })
      }
    },
    [dispatch, attempt],
  )
}
