import { useEffect, useState } from 'react'
import { Toast, ToastList } from '#renderer/ui/toast.tsx'
import { useAppDispatch, useAppSelector } from '../services.ts'
import { toastDismissed, type ToastNote } from './toasts-slice.ts'

const PLAIN_MS = 10_000

export function Toasts() {
  const notes = useAppSelector(state => state.toasts)
  return (
    <ToastList>
      {notes.map(note => (
        <TimedToast key={note.id} note={note} />
      ))}
    </ToastList>
  )
}

/** A plain message goes by itself; an error stays until it was read. */
function TimedToast({ note }: { note: ToastNote }) {
  const dispatch = useAppDispatch()
  const [isHeld, setHeld] = useState(false)
  const staysUntilRead = note.tone === 'error' || isHeld
  useEffect(() => {
    if (staysUntilRead) return undefined
    const timer = setTimeout(() => dispatch(toastDismissed(note.id)), PLAIN_MS)
    return () => clearTimeout(timer)
  }, [dispatch, note.id, staysUntilRead])
  return (
    <Toast tone={note.tone} text={note.text} onDismiss={() => dispatch(toastDismissed(note.id))} onHold={setHeld} />
  )
}
