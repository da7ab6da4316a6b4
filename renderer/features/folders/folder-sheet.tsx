import { CornerLeftUp, Folder } from 'lucide-react'
import { useEffect, useRef, useState } from 'react'
import type { Output } from '#engine/api/commands.ts'
import { Button } from '#renderer/ui/button.tsx'
import { CommitField } from '#renderer/ui/field.tsx'
import { Icon } from '#renderer/ui/icon.tsx'
import { Roving } from '#renderer/ui/roving.tsx'
import { Sheet } from '#renderer/ui/sheet.tsx'
import { useEngine } from '../services.ts'
import { failureText } from '../use-attempt.ts'
import styles from './folders.module.css'
import { folderName, folderProblem } from './paths.ts'

interface FolderSheetProps {
  readonly start: string
  readonly onChoose: (path: string) => void
  readonly onClose: () => void
}

/** Folders of the engine's computer, for a browser that cannot see them itself. */
export function FolderSheet({ start, onChoose, onClose }: FolderSheetProps) {
  const engine = useEngine()
  const [listing, setListing] = useState<Output<'folders.list'>>()
  const [problem, setProblem] = useState<string>()
  const list = useRef<HTMLDivElement>(null)
  const [path, setPath] = useState(start)
  useEffect(() => {
    let isWanted = true
    engine.call('folders.list', { path }).then(
      answer => {
        if (!isWanted) return
        setListing(answer)
        setProblem(undefined)
      },
      (error: unknown) => isWanted && setProblem(failureText(error)),
    )
    return () => {
      isWanted = false
    }
  }, [engine, path])
  const open = (next: string) => {
    list.current?.scrollTo({ top: 0 })
    setPath(next)
  }
  return (
    <Sheet
      title="Choose a folder"
      width="small"
      onClose={onClose}
      footnote={problem}
      actions={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button
            look="primary"
            unavailable={listing ? undefined : (problem ?? 'Reading the folder…')}
            onClick={() => listing && onChoose(listing.path)}
          >
            {listing ? `Save in ${folderName(listing.path)}` : 'Save here'}
          </Button>
        </>
      }
    >
      <div className={styles.path}>
        <CommitField label="Folder" value={listing?.path ?? start} check={folderProblem} onCommit={open} />
      </div>
      <div ref={list} className={styles.list}>
        <Roving role="group" label="Folders" orientation="vertical">
          {listing?.parent !== null && listing?.parent !== undefined && (
            <button type="button" className={styles.folder} onClick={() => open(listing.parent!)}>
              <Icon of={CornerLeftUp} />
              Up to {folderName(listing.parent)}
            </button>
          )}
          {listing?.folders.map(name => (
            <button key={name} type="button" className={styles.folder} onClick={() => open(join(listing.path, name))}>
              <Icon of={Folder} />
              <bdi>{name}</bdi>
            </button>
          ))}
        </Roving>
        {listing?.folders.length === 0 && <p className={styles.none}>No folders in here.</p>}
      </div>
    </Sheet>
  )
}

/** The separator of the engine's system, which is the one its own paths have. */
function join(path: string, name: string): string {
  const separator = path.includes('\\') && !path.startsWith('/') ? '\\' : '/'
  return path.endsWith(separator) ? path + name : path + separator + name
}
