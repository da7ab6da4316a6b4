import { classNames } from '#renderer/lib/class-names.ts'
import styles from './cut-name.module.css'

/** Characters at the end that never go: version and extension are there. */
const TAIL = 14

/** A name on one line; where it does not fit it loses its middle. The whole of it stays in tooltip and accessible name. */
export function CutName({ name, className }: { name: string; className?: string | undefined }) {
  const [head, tail] = cutPlace(name)
  return (
    <span className={classNames(styles.name, className)} title={name}>
      {tail === '' ? (
        <bdi>{head}</bdi>
      ) : (
        <>
          <bdi aria-hidden>{head}</bdi>
          <bdi aria-hidden>{tail}</bdi>
          {/* Two boxes would be read as two words. */}
          <span className={styles.whole}>{name}</span>
        </>
      )}
    </span>
  )
}

/** Where the part that stays begins: at a gap between words if one is near. Whole characters, never half a surrogate pair. */
export function cutPlace(name: string): readonly [head: string, tail: string] {
  const letters = Array.from(name)
  if (letters.length <= TAIL + 8) return [name, '']
  let from = letters.length - TAIL
  const gap = letters.slice(from, from + 5).findIndex(letter => /[ _-]/.test(letter))
  if (gap > 0) from += gap
  return [letters.slice(0, from).join(''), letters.slice(from).join('')]
}
