import { useRef, useState } from 'react'
import type { TorrentId } from '#engine/api/ids.ts'
import { plural } from '#renderer/lib/plural.ts'
import { Button } from '#renderer/ui/button.tsx'
import { TextField } from '#renderer/ui/field.tsx'
import { Form, FormRow } from '#renderer/ui/form.tsx'
import { Sheet } from '#renderer/ui/sheet.tsx'
import { useAppDispatch, useEngine } from '../services.ts'
import { toastShown } from '../toasts/toasts-slice.ts'
import { failureText } from '../use-attempt.ts'
import { parsePeers } from './parse-peers.ts'

const HINT = 'Address and port, as in 203.0.113.7:51413 or [2001:db8::7]:51413.'

export function AddPeerSheet({ id, onClose }: { id: TorrentId; onClose: () => void }) {
  const engine = useEngine()
  const dispatch = useAppDispatch()
  const field = useRef<HTMLInputElement>(null)
  const [text, setText] = useState('')
  const [refused, setRefused] = useState<string>()
  const { peers, problem } = parsePeers(text)
  const unavailable = text.trim() === '' ? 'Type an address first' : problem
  const said = refused ?? (text.trim() === '' ? undefined : problem)
  const add = async () => {
    if (unavailable !== undefined) return
    try {
      const { added } = await engine.call('torrent.addPeers', { id, peers })
      dispatch(toastShown(added === 0 ? 'That peer was known already' : `Added ${plural(added, 'peer', 'peers')}`))
      onClose()
    } catch (error) {
      setRefused(failureText(error))
    }
  }
  return (
    <Sheet
      title="Add a peer"
      width="small"
      onClose={onClose}
      initialFocus={field}
      actions={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button look="primary" unavailable={unavailable} onClick={() => void add()}>
            Add peer
          </Button>
        </>
      }
    >
      <Form onSubmit={() => void add()}>
        <FormRow label="Address" hint={said ?? HINT} isBad={said !== undefined}>
          <TextField
            label="Address and port of the peer"
            inputRef={field}
            value={text}
            isBad={said !== undefined}
            onValue={value => {
              setText(value)
              setRefused(undefined)
            }}
          />
        </FormRow>
      </Form>
    </Sheet>
  )
}
