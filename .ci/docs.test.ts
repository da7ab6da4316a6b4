import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path/posix'
import { expect, test } from 'vitest'

const documents = [
  'README.md',
  'CONTRIBUTING.md',
  ...readdirSync('docs', { recursive: true, encoding: 'utf8' }).map(name => `docs/${name.replaceAll('\\', '/')}`),
].filter(path => path.endsWith('.md'))

test('every file that a document names is there', () => {
  const missing = documents.flatMap(path => {
    const text = readFileSync(path, 'utf8')
    const named = Array.from(
      text.matchAll(/`((?:engine|electron|renderer|e2e|scripts|docs|\.ci)\/[\w./-]+)`/g),
      ([, name = '']) => name,
    )
    const linked = Array.from(text.matchAll(/\]\((?!https?:|#)([^)#]+)\)/g), ([, name = '']) =>
      join(dirname(path), name),
    )
    return [...named, ...linked].filter(name => !existsSync(name)).map(name => `${path}: ${name}`)
  })
  expect(missing).toEqual([])
})
