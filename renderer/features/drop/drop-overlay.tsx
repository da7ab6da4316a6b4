import { File, Link } from 'lucide-react'
import { plural } from '#renderer/lib/plural.ts'
import { Icon } from '#renderer/ui/icon.tsx'
import type { Hover } from './use-drop.ts'
import styles from './drop-overlay.module.css'

/** Over the whole window while something hangs above it: says what letting go will do. */
export function DropOverlay({ hover }: { hover: Hover }) {
  const { files } = hover
  return (
    <div className={styles.overlay}>
      <div className={styles.surface}>
        <h1>{files > 0 ? `Add ${plural(files, 'torrent file', 'torrent files')}` : 'Add what this text links to'}</h1>
        <p className={styles.line}>
          <Icon of={files > 0 ? File : Link} />
          {files > 0
            ? '.torrent files are read; others are named and left alone'
            : 'Magnet links, addresses, info-hashes'}
        </p>
        <p className={styles.hint}>You choose files and folder next. Esc cancels.</p>
      </div>
    </div>
  )
}
