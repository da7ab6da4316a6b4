import { createSlice, nanoid, type PayloadAction } from '@reduxjs/toolkit'
import { frameReceived } from '#renderer/engine/frame-received.ts'

export interface ToastNote {
  readonly id: string
  readonly tone: 'plain' | 'error'
  readonly text: string
}

declare module '#renderer/engine/state.ts' {
  interface State {
    readonly toasts: readonly ToastNote[]
  }
}

/** More than these nobody reads; the oldest plain one goes first. */
const MOST = 3

const said = (state: readonly ToastNote[], note: ToastNote): readonly ToastNote[] => {
  // The same words again are one message.
  const others = state.filter(other => other.text !== note.text)
  const next = [...others, note]
  if (next.length <= MOST) return next
  const victim = next.find(other => other.tone === 'plain') ?? next[0]
  return next.filter(other => other !== victim)
}

export const toastsSlice = createSlice({
  name: 'toasts',
  initialState: [] as readonly ToastNote[],
  reducers: {
    toastShown: {
      prepare: (text: string, tone: ToastNote['tone'] = 'plain') => ({ payload: { id: nanoid(), tone, text } }),
      reducer: (state, { payload }: PayloadAction<ToastNote>) => said(state, payload),
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
        next = said(next, { id: `${seq}:${place}`, tone, text: notice.text })
      }
      if (finished.length > 1) {
        next = said(next, { id: `${seq}:finished`, tone: 'plain', text: `${finished.length} torrents finished` })
      }
      return next
    })
  },
})

export const { toastShown, toastDismissed } = toastsSlice.actions
