import { useRef, useState } from 'react'
import type { TorrentId } from '#engine/api/ids.ts'
import { formatRate } from '#renderer/lib/format.ts'
import { parseRate } from '#renderer/lib/parse-rate.ts'
import { roundFigure } from '#renderer/lib/round-figure.ts'
import { Button } from '#renderer/ui/button.tsx'
import { TextField } from '#renderer/ui/field.tsx'
import { Form, FormRow } from '#renderer/ui/form.tsx'
import { Sheet } from '#renderer/ui/sheet.tsx'
import { useAttempt } from '../use-attempt.ts'

interface LimitsSheetProps {
  readonly ids: readonly TorrentId[]
  readonly title: string
  readonly down: number
  readonly up: number
  readonly onClose: () => void
}

const shown = (limit: number) => (limit === 0 ? 'No limit' : roundFigure(formatRate(limit)))
const HINT = 'Accepts 2.5M, 800K, 0 for none.'
const problemOf = (text: string) => (parseRate(text) === undefined ? `“${text}” is not a speed. Try 500K.` : undefined)

/** Speed limits of one torrent or many. */
export function LimitsSheet({ ids, title, down, up, onClose }: LimitsSheetProps) {
  const attempt = useAttempt()
  const first = useRef<HTMLInputElement>(null)
  const [downText, setDownText] = useState(shown(down))
  const [upText, setUpText] = useState(shown(up))
  const problems = [problemOf(downText), problemOf(upText)]
  const problem = problems.find(Boolean)
  const save = async () => {
    if (problem !== undefined) return
    // A field nobody touched shows a rounded figure: the exact limit stays.
    const value = (text: string, before: number) => (text === shown(before) ? before : (parseRate(text) ?? before))
    const limits = { down: value(downText, down), up: value(upText, up) }
    if (await attempt('torrents.setLimits', { ids, ...limits })) onClose()
  }
  return (
    <Sheet
      title="Speed limits"
      facts={title}
      width="small"
      onClose={onClose}
      initialFocus={first}
      actions={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button look="primary" unavailable={problem} onClick={() => void save()}>
            Set limits
          </Button>
        </>
      }
    >
      <Form onSubmit={() => void save()}>
        <FormRow label="Download" hint={problems[0] ?? HINT} isBad={problems[0] !== undefined}>
          <TextField
            label="Download limit"
            inputRef={first}
            value={downText}
            isBad={problems[0] !== undefined}
            onValue={setDownText}
            onFocus={event => event.target.select()}
          />
        </FormRow>
        <FormRow label="Upload" hint={problems[1] ?? HINT} isBad={problems[1] !== undefined}>
          <TextField
            label="Upload limit"
            value={upText}
            isBad={problems[1] !== undefined}
            onValue={setUpText}
            onFocus={event => event.target.select()}
          />
        </FormRow>
      </Form>
    </Sheet>
  )
}
