import { createSlice, nanoid, type PayloadAction } from '@reduxjs/toolkit'
import { plural } from '#renderer/lib/plural.ts'
import { frameReceived } from '#renderer/engine/frame-received.ts'

export interface ToastNote {
  readonly id: string
  readonly tone: 'plain' | 'error'
  readonly text: string
  /** Torrents that it says were added: several such notes become one. */
  readonly added?: number
}

declare module '#renderer/engine/state.ts' {
  interface State {
    readonly toasts: readonly ToastNote[]
  }
}

/** More than these nobody reads; the oldest plain one goes first. */
const MOST = 3

/** One after the other they are one piece of news. */
const together = (earlier: number, added: number): Pick<ToastNote, 'text' | 'added'> => ({
  added: earlier + added,
  text: `Added ${plural(earlier + added, 'torrent', 'torrents')}`,
})

const said = (state: readonly ToastNote[], note: ToastNote): readonly ToastNote[] => {
  // The same words again are one message.
  const others = state.filter(other => other.text !== note.text)
  const next = [...others, note]
  if (next.length <= MOST) return next
  const victim = next.find(other => other.tone === 'plain') ?? next[0]
  return next.filter(other => other !== victim)
}

/** @param name of the torrent, when it is one alone */
export const torrentsAdded = (added: number, name?: string) =>
  toastsSlice.actions.toastShown(`Added ${name ?? plural(added, 'torrent', 'torrents')}`, 'plain', added)

export const toastsSlice = createSlice({
  name: 'toasts',
  initialState: [] as readonly ToastNote[],
  reducers: {
    toastShown: {
      prepare: (text: string, tone: ToastNote['tone'] = 'plain', added = 0) => ({
        payload: { id: nanoid(), tone, text, ...(added > 0 && { added }) },
      }),
      reducer: (state, { payload }: PayloadAction<ToastNote>) => {
        const before = state.find(note => note.added !== undefined)
        if (payload.added === undefined || before?.added === undefined) return said(state, payload)
        const others = state.filter(note => note !== before)
        return said(others, { ...payload, ...together(before.added, payload.added) })
      },
    },
    toastDismissed: (state, { payload }: PayloadAction<string>) => state.filter(note => note.id !== payload),
  },
  extraReducers: builder => {
    builder.addCase(frameReceived, (state, { payload: { seq, notices } }): readonly ToastNote[] | void => {
      if (notices.length === 0) return
      const finished = notices.filter(notice => notice.kind === 'finished')
      let next: readonly ToastNote[] = state
      for (const [place, notice] of notices.entries()) {
        if (notice.kind === 'finished' && finished.length > 1) continue
        const tone = notice.kind === 'finished' ? 'plain' : 'error'
        const text = notice.kind === 'finished' ? `Finished ${notice.text}` : notice.text
        next = said(next, { id: `${seq}:${place}`, tone, text })
      }
      if (finished.length > 1) {
        next = said(next, { id: `${seq}:finished`, tone: 'plain', text: `${finished.length} torrents finished` })
      }
      return next
    })
  },
})

export const { toastShown, toastDismissed } = toastsSlice.actions
