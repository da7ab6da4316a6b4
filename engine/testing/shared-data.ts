import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../../../shared/', import.meta.url))

/**
 * Path of a file in the folder of shared test data beside the checkout, or `undefined` where a clone stands alone.
 * Tests then skip, and say so: `test.skipIf(!path)`.
 */
export function sharedData(path: string): string | undefined {
  const full = root + path
  if (existsSync(full)) return full
  console.info(`skipped: ../shared/${path} is not beside this checkout`)
  return undefined
}
