import { useEffect, useState } from 'react'

const NAMES = [
  'bg',
  'have',
  'heat-1',
  'heat-2',
  'heat-3',
  'heat-4',
  'heat-5',
  'down',
  'work',
  'error',
  'rule-strong',
  'control',
  'text-2',
  'well',
] as const

/** The tokens a canvas draws with, resolved for the theme in force. */
export type PieceColours = Readonly<Record<(typeof NAMES)[number], string>>

function readColours(): PieceColours {
  const style = getComputedStyle(document.documentElement)
  return Object.fromEntries(NAMES.map(name => [name, style.getPropertyValue(`--${name}`).trim()])) as PieceColours
}

/** Read again when the theme changes, by choice or by the system: a canvas does not follow CSS by itself. */
export function usePieceColours(): PieceColours {
  const [colours, setColours] = useState(readColours)
  useEffect(() => {
    const read = () => setColours(readColours())
    const observer = new MutationObserver(read)
    observer.observe(document.documentElement, { attributes: true, attributeFilter: ['data-theme', 'class'] })
    const queries = ['(prefers-color-scheme: dark)', '(forced-colors: active)'].map(query => matchMedia(query))
    for (const query of queries) query.addEventListener('change', read)
    return () => {
      observer.disconnect()
      for (const query of queries) query.removeEventListener('change', read)
    }
  }, [])
  return colours
}
