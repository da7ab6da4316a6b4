import styles from './keys.module.css'

/** Key caps: ['Ctrl', 'F']. `bare` draws words without caps, for inside a field. */
export function Keys({ of, bare = false }: { of: readonly string[]; bare?: boolean }) {
  if (bare) return <kbd className={styles.bare}>{of.join(' ')}</kbd>
  return (
    <span className={styles.keys}>
      {of.map(key => (
        <kbd key={key}>{key}</kbd>
      ))}
    </span>
  )
}
