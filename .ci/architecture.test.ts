import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path/posix'
import { expect, test } from 'vitest'
import { withLayers } from './draw-layers.mjs'
import { layers, nodeWorlds, packages } from './layers.mjs'

const folderOf = (path: string) => path.split('/').slice(0, 2).join('/')
const isFree = (path: string) =>
  /\.(test|contract|scenario|config)\.|\.d\.ts$|^engine\/(testing|scenarios|interop|fixtures)\/|^renderer\/[^/]+\.(ts|tsx)$/.test(
    path,
  )

const sources = ['engine', 'electron', 'renderer']
  .flatMap(top =>
    readdirSync(top, { recursive: true, encoding: 'utf8' }).map(name => join(top, name.replaceAll('\\', '/'))),
  )
  .filter(path => /\.(ts|tsx|mjs)$/.test(path) && !isFree(path))

const withoutComments = (text: string) => text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/(^|\s)\/\/.*$/gm, '$1')

/** What is wrong with this import, said so that the reader knows what to do; `undefined` if nothing is. */
function complaint(path: string, specifier: string): string | undefined {
  const from = folderOf(path)
  const allowed = layers[from]
  if (!allowed) return `${from} is not in .ci/layers.mjs`
  if (specifier.startsWith('.')) {
    return folderOf(join(dirname(path), specifier)) === from
      ? undefined
      : 'leave a folder by #engine/…, #renderer/…, not by ../'
  }
  if (specifier === '#manifest')
    return from === 'engine/host' ? undefined : 'take the version from engine/host/version.ts'
  if (specifier.startsWith('#')) {
    const to = folderOf(specifier.slice(1))
    return to === from || allowed.includes(to) ? undefined : `${from} may import ${allowed.join(', ') || 'nothing'}`
  }
  if (specifier.startsWith('node:')) {
    return nodeWorlds.some(world => path.startsWith(world)) ? undefined : 'take a port from engine/io instead'
  }
  const name = specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/')
  return packages[from]?.includes(name) ? undefined : `${name} has no place in ${from} (packages in .ci/layers.mjs)`
}

test('every import goes through a door of the house', () => {
  const broken = sources.flatMap(path =>
    Array.from(
      withoutComments(readFileSync(path, 'utf8')).matchAll(/(?:\bfrom|\bimport)\s*\(?\s*['"]([^'"]+)['"]/g),
      ([, specifier = '']) => {
        const problem = complaint(path, specifier)
        return problem ? [`${path}: '${specifier}': ${problem}`] : []
      },
    ).flat(),
  )
  expect(broken).toEqual([])
})

test('only the node worlds read the clock or throw dice by themselves', () => {
  const core = sources.filter(path => path.startsWith('engine/') && !nodeWorlds.some(world => path.startsWith(world)))
  const offenders = core.filter(path =>
    /\bDate\.now\(|\bnew Date\(\)|\bMath\.random\(|\bsetTimeout\(|\bsetInterval\(|\bBuffer\./.test(
      withoutComments(readFileSync(path, 'utf8')),
    ),
  )
  expect(offenders).toEqual([])
})

test('the table of layers has no cycle', () => {
  const visiting: string[] = []
  const visit = (folder: string): void => {
    expect(visiting, `cycle through ${folder}`).not.toContain(folder)
    visiting.push(folder)
    for (const below of layers[folder] ?? []) visit(below)
    visiting.pop()
  }
  for (const folder of Object.keys(layers)) visit(folder)
})

test('the diagram in docs/architecture.md is drawn from the table', () => {
  expect(readFileSync('docs/architecture.md', 'utf8'), 'run npm run docs:layers').toBe(withLayers())
})
