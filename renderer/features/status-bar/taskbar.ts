import { useEffect } from 'react'
import type { State } from '#renderer/engine/state.ts'
import { STAT } from '#renderer/engine/stats.ts'
import { useAppSelector, usePlatform } from '../services.ts'

/** 0..1 of all that is being downloaded, by bytes and in hundredths; null when nothing is. */
function overallProgress(state: State): number | null {
  let left = 0
  let wanted = 0
  for (const { id, status, wantedSize } of Object.values(state.torrents.entities)) {
    if (status !== 'downloading') continue
    wanted += wantedSize
    left += state.stats[id]?.[STAT.left] ?? wantedSize
  }
  return wanted === 0 ? null : Math.floor((1 - left / wanted) * 100) / 100
}

/** Shows it on the window's icon. */
export function useTaskbarProgress(): void {
  const platform = usePlatform()
  const progress = useAppSelector(overallProgress)
  useEffect(() => platform.setProgress(progress), [platform, progress])
}
