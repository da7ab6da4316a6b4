import { useEffect, useRef, useState } from 'react'
import { ApiError } from '#engine/api/failures.ts'
import { formatCount } from '#renderer/lib/format.ts'
import { useEngine } from '../services.ts'
import { failureText } from '../use-attempt.ts'
import type { Inspection } from './add-plan.ts'
import { sourceOf, type AddRequest } from './add-requests.ts'

/** Reads each request once; nothing is created by that. */
export function useInspections(requests: readonly AddRequest[]): ReadonlyMap<string, Inspection> {
  const engine = useEngine()
  const [inspections, setInspections] = useState<ReadonlyMap<string, Inspection>>(new Map())
  const asked = useRef(new Set<string>())
  useEffect(() => {
    for (const { id } of requests) {
      const source = sourceOf(id)
      if (!source || asked.current.has(id)) continue
      asked.current.add(id)
      const settle = (inspection: Inspection) => setInspections(before => new Map(before).set(id, inspection))
      engine.call('torrents.inspect', { source }).then(
        preview => settle({ kind: 'ready', preview }),
        (error: unknown) => settle({ kind: 'failed', message: addFailureText(error) }),
      )
    }
  }, [engine, requests])
  return inspections
}

/** With the place in the file where reading stopped, unless the sentence says it already. */
export function addFailureText(error: unknown): string {
  const text = sentenceOf(error)
  if (!(error instanceof ApiError) || error.offset === undefined || /byte/i.test(text)) return text
  return `${text.replace(/\.$/, '')} (at byte ${formatCount(error.offset)})`
}

/** The parser speaks of bencode; people opened what they took for a torrent. */
function sentenceOf(error: unknown): string {
  const text = failureText(error)
  const isPlain = !(error instanceof ApiError) || !error.code.startsWith('BENCODE_') || /\.torrent/.test(text)
  if (!isPlain) return `This is not a .torrent file: ${text}`
  return text.charAt(0).toUpperCase() + text.slice(1)
}
