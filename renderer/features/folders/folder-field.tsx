import { ChevronDown, Folder, FolderOpen } from 'lucide-react'
import { useState } from 'react'
import { Button } from '#renderer/ui/button.tsx'
import { TextField } from '#renderer/ui/field.tsx'
import { Menu, MenuItem, MenuSeparator } from '#renderer/ui/menu.tsx'
import { useAppSelector, usePlatform } from '../services.ts'
import { FolderSheet } from './folder-sheet.tsx'
import styles from './folders.module.css'
import { selectRecentFolders } from './recent-folders.ts'

interface FolderFieldProps {
  readonly label: string
  readonly value: string
  readonly onValue: (path: string) => void
  readonly isBad?: boolean
  /** A whole path at once, from the list or a dialog; as `onValue` when absent. */
  readonly onPicked?: (path: string) => void
  readonly onLeave?: () => void
}

/** A path to type, folders used lately, and a way to look for one: the system's own dialog, or ours in a browser. */
export function FolderField({ label, value, onValue, isBad = false, onPicked = onValue, onLeave }: FolderFieldProps) {
  const platform = usePlatform()
  const recent = useAppSelector(selectRecentFolders)
  const [browses, setBrowses] = useState(false)
  const browse = async () => {
    if (!platform.pickFolder) return setBrowses(true)
    const chosen = await platform.pickFolder(value)
    if (chosen !== null) onPicked(chosen)
  }
  return (
    <>
      <TextField
        label={label}
        value={value}
        onValue={onValue}
        isBad={isBad}
        onBlur={onLeave}
        after={
          <Menu
            trigger={
              <Button look="plain" size="small" className={styles.more} icon={ChevronDown} hint="Other folders" />
            }
          >
            {recent.map(path => (
              <MenuItem key={path} icon={Folder} label={path} onRun={() => onPicked(path)} />
            ))}
            {recent.length > 0 && <MenuSeparator />}
            <MenuItem icon={FolderOpen} label="Browse…" onRun={() => void browse()} />
          </Menu>
        }
      />
      {browses && (
        <FolderSheet
          start={value}
          onChoose={path => {
            setBrowses(false)
            onPicked(path)
          }}
          onClose={() => setBrowses(false)}
        />
      )}
    </>
  )
}
