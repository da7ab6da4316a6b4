import type { Quantity } from '#renderer/lib/format.ts'
import styles from './quantity-text.module.css'

/** Figure and unit; the unit in a box of fixed width, so that the digits of a column line up. */
export function QuantityText({ of: [figure, unit], isSize = false }: { of: Quantity; isSize?: boolean }) {
  return (
    <>
      {figure}
      <span className={isSize ? styles.size : styles.rate}> {unit}</span>
    </>
  )
}
