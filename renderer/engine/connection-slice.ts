import { createSlice, type PayloadAction } from '@reduxjs/toolkit'
import { frameReceived } from './frame-received.ts'

export interface ConnectionState {
  readonly phase: 'connecting' | 'open' | 'lost'
  /** True from the first frame on: before it an empty list means "not known yet". */
  readonly hasFrame: boolean
  readonly appVersion: string
}

declare module '#renderer/engine/state.ts' {
  interface State {
    readonly connection: ConnectionState
  }
}

const initialState: ConnectionState = { phase: 'connecting', hasFrame: false, appVersion: '' }

export const connectionSlice = createSlice({
  name: 'connection',
  initialState,
  reducers: {
    opened: (state, { payload }: PayloadAction<{ appVersion: string }>) => {
      state.phase = 'open'
      state.appVersion = payload.appVersion
    },
    lost: state => {
      state.phase = 'lost'
    },
  },
  extraReducers: builder => {
    builder.addCase(frameReceived, state => {
      state.hasFrame = true
    })
  },
})

export const { opened: connectionOpened, lost: connectionLost } = connectionSlice.actions
