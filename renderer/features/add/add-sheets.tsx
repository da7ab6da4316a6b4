import { useEffect, useRef, useState } from 'react'
import { useAppDispatch, useAppSelector, useEngine } from '../services.ts'
import { toastShown, torrentsAdded } from '../toasts/toasts-slice.ts'
import { AddMany } from './add-many.tsx'
import { AddOne } from './add-one.tsx'
import { addSettled, sourceOf, type AddRequest } from './add-requests.ts'
import { addFailureText, useInspections } from './use-inspections.ts'

/** What was dropped, pasted or opened: asked about in a sheet, or added at once where the settings say so. */
export function AddSheets() {
  const requests = useAppSelector(state => state.addRequests)
  const asks = useAppSelector(state => state.settings?.askOnAdd)
  // Before the settings came nobody knows whether to ask.
  if (requests.length === 0 || asks === undefined) return null
  return asks ? <Asking requests={requests} /> : <AddingAtOnce requests={requests} />
}

function Asking({ requests }: { requests: readonly AddRequest[] }) {
  const inspections = useInspections(requests)
  const dispatch = useAppDispatch()
  // A table that shrinks to its last problem stays a table.
  const [isMany, setMany] = useState(false)
  if (!isMany && requests.length > 1) setMany(true)
  const close = () => dispatch(addSettled(requests.map(request => request.id)))
  const [first] = requests
  if (isMany || !first) return <AddMany requests={requests} inspections={inspections} onClose={close} />
  return (
    <AddOne
      key={first.id}
      request={first}
      inspection={inspections.get(first.id) ?? { kind: 'reading' }}
      onClose={close}
    />
  )
}

function AddingAtOnce({ requests }: { requests: readonly AddRequest[] }) {
  const engine = useEngine()
  const dispatch = useAppDispatch()
  const begun = useRef(new Set<string>())
  useEffect(() => {
    const fresh = requests.filter(request => !begun.current.has(request.id))
    if (fresh.length === 0) return
    for (const { id } of fresh) begun.current.add(id)
    const addOne = async ({ id, name }: AddRequest) => {
      const source = sourceOf(id)
      if (!source) return undefined
      try {
        const { duplicate } = await engine.call('torrents.add', { source })
        return duplicate ? 'duplicate' : 'added'
      } catch (error) {
        dispatch(toastShown(`${name}: ${addFailureText(error)}`, 'error'))
        return undefined
      }
    }
    void Promise.all(fresh.map(addOne)).then(results => {
      const added = results.filter(result => result === 'added').length
      const duplicates = results.filter(result => result === 'duplicate').length
      const only = fresh.length === 1 ? fresh[0]?.name : undefined
      if (added > 0) dispatch(torrentsAdded(added, only))
      if (duplicates > 0) {
        dispatch(
          toastShown(only === undefined ? `${duplicates} were in the list already` : `${only} is in the list already`),
        )
      }
      dispatch(addSettled(fresh.map(request => request.id)))
    })
  }, [engine, dispatch, requests])
  return null
}
