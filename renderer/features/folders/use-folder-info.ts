import { useEffect, useState } from 'react'
import type { FolderInfo } from '#engine/api/commands.ts'
import { useEngine } from '../services.ts'

/** Somebody who types a path is not asked about at every letter. */
const ASK_AFTER_MS = 200

/** What the engine's computer says about a folder; undefined until it answers, and when it cannot. */
export function useFolderInfo(path: string): FolderInfo | undefined {
  const engine = useEngine()
  const [info, setInfo] = useState<{ readonly asked: string; readonly info: FolderInfo | undefined }>()
  useEffect(() => {
    if (path === '') return undefined
    let isWanted = true
    const timer = setTimeout(
      () => {
        engine.call('folders.info', { path }).then(
          answer => isWanted && setInfo({ asked: path, info: answer }),
          () => isWanted && setInfo({ asked: path, info: undefined }),
        )
      },
      info === undefined ? 0 : ASK_AFTER_MS,
    )
    return () => {
      isWanted = false
      clearTimeout(timer)
    }
    // oxlint-disable-next-line react/exhaustive-deps -- only the first question is asked at once
  }, [engine, path])
  return info?.asked === path ? info.info : undefined
}
