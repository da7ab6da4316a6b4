// @ts-check
import { readFileSync, writeFileSync } from 'node:fs'
import { layers } from './layers.mjs'

const file = new URL('../docs/architecture.md', import.meta.url)

/** The table as a mermaid diagram; edges that follow from others are left out. */
export function drawLayers() {
  /** @type {(from: string, to: string, seen?: Set<string>) => boolean} */
  const reaches = (from, to, seen = new Set()) =>
    (layers[from] ?? []).some(next => next === to || (!seen.has(next) && (seen.add(next), reaches(next, to, seen))))
  const id = (/** @type {string} */ folder) => folder.replace('/', '_')
  const lines = ['```mermaid', 'flowchart TB']
  for (const [folder, below] of Object.entries(layers)) {
    lines.push(`  ${id(folder)}["${folder}"]`)
    for (const to of below) {
      if (!below.some(other => other !== to && reaches(other, to))) lines.push(`  ${id(folder)} --> ${id(to)}`)
    }
  }
  return [...lines, '```'].join('\n')
}

/** The document with the diagram in its place. */
export function withLayers() {
  const text = readFileSync(file, 'utf8')
  return text.replace(/(<!-- layers:begin -->)[\s\S]*(<!-- layers:end -->)/, `$1\n\n${drawLayers()}\n\n$2`)
}

if (process.argv[1]?.endsWith('draw-layers.mjs')) {
  writeFileSync(file, withLayers())
  console.log('docs/architecture.md: the diagram of layers is drawn')
}
