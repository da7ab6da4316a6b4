import { lossyText } from '#engine/base/bytes.ts'
import { EngineError } from '#engine/base/errors.ts'
import { LIMITS } from '#engine/base/limits.ts'

/** An element of a router's XML: its name without prefix, its own text, trimmed, and what is inside. Attributes are left out. */
export interface XmlElement {
  readonly name: string
  readonly text: string
  readonly children: readonly XmlElement[]
}

interface OpenElement {
  readonly name: string
  readonly qualified: string
  text: string
  readonly children: XmlElement[]
}

const invalid = (message: string) =>
  new EngineError('GATEWAY_INVALID', 'network', `The router's answer is unreadable: ${message}`)

/**
 * The little of XML that routers need: elements and text. No document types, no entities but the five that every text
 * needs, nothing fetched, nothing expanded.
 * @param bytes at most `LIMITS.lan.xmlBytes`, UTF-8
 * @returns the root
 * @throws EngineError GATEWAY_INVALID (network)
 */
export function parseXml(bytes: Uint8Array): XmlElement {
  if (bytes.length > LIMITS.lan.xmlBytes) throw invalid(`${bytes.length} bytes`)
  const source = lossyText(bytes)
  const stack: OpenElement[] = []
  let root: XmlElement | undefined
  let count = 0
  let at = 0
  while (at < source.length) {
    const open = source.indexOf('<', at)
    const text = source.slice(at, open < 0 ? source.length : open)
    const inside = stack.at(-1)
    if (inside) inside.text += unescaped(text)
    if (open < 0) break
    if (source.startsWith('<?', open)) {
      at = endOf(source, '?>', open)
    } else if (source.startsWith('<!--', open)) {
      at = endOf(source, '-->', open + 4)
    } else if (source.startsWith('<![CDATA[', open)) {
      at = endOf(source, ']]>', open)
      if (inside) inside.text += source.slice(open + 9, at - 3)
    } else if (source[open + 1] === '!') {
      throw invalid('a document type')
    } else if (source[open + 1] === '/') {
      at = endOf(source, '>', open)
      const closed = stack.pop()
      if (!closed || source.slice(open + 2, at - 1).trim() !== closed.qualified) throw invalid('elements that cross')
      root = close(closed, stack) ?? root
    } else {
      if (root) throw invalid('more than one root')
      if (++count > LIMITS.lan.xmlElements) throw invalid('too many elements')
      at = endOfTag(source, open)
      const isEmpty = source[at - 2] === '/'
      const element = begin(source.slice(open + 1, at - (isEmpty ? 2 : 1)))
      if (isEmpty) root = close(element, stack) ?? root
      else if (stack.push(element) > LIMITS.lan.xmlDepth) throw invalid('elements that are too deep')
    }
  }
  if (!root || stack.length > 0) throw invalid('it ends too soon')
  return root
}

/** All elements of that name, at any depth, in their order. */
export function elementsNamed(root: XmlElement, name: string): XmlElement[] {
  const inside = root.children.flatMap(child => elementsNamed(child, name))
  return root.name === name ? [root, ...inside] : inside
}

/** The text of the first child of that name. */
export const childText = (element: XmlElement, name: string): string | undefined =>
  element.children.find(child => child.name === name)?.text

/** @param tag what is between the brackets */
function begin(tag: string): OpenElement {
  const qualified = /^[^\s/>"'=<]+/.exec(tag)?.[0]
  if (qualified === undefined) throw invalid('an element without a name')
  return { name: qualified.slice(qualified.indexOf(':') + 1), qualified, text: '', children: [] }
}

/** @returns the element when it is the root */
function close({ name, text, children }: OpenElement, stack: readonly OpenElement[]): XmlElement | undefined {
  const element = { name, text: text.trim(), children }
  const parent = stack.at(-1)
  if (!parent) return element
  parent.children.push(element)
  return undefined
}

/** Index behind the next `mark`. */
function endOf(source: string, mark: string, from: number): number {
  const at = source.indexOf(mark, from)
  if (at < 0) throw invalid('it ends too soon')
  return at + mark.length
}

/** Index behind the `>` that ends a tag: inside quotes it is a letter. */
function endOfTag(source: string, from: number): number {
  let quote = ''
  for (let at = from + 1; at < source.length; at++) {
    const char = source[at]!
    if (quote !== '') quote = char === quote ? '' : quote
    else if (char === '"' || char === "'") quote = char
    else if (char === '>') return at + 1
  }
  throw invalid('it ends too soon')
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&amp;': '&',
  '&lt;': '<',
  '&gt;': '>',
  '&quot;': '"',
  '&apos;': "'",
}

/** Others stay as they are written. */
const unescaped = (text: string): string => text.replace(/&(?:amp|lt|gt|quot|apos);/g, entity => ENTITIES[entity]!)

export const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')
