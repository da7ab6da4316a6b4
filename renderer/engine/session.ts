import type { UnknownAction } from '@reduxjs/toolkit'
import type { SessionStats } from '#engine/api/model.ts'
import type { Settings } from '#engine/api/settings.ts'
import { frameReceived } from './frame-received.ts'

/** Null until the first frame. */
export type SessionState = SessionStats | null
export type SettingsState = Settings | null

declare module '#renderer/engine/state.ts' {
  interface State {
    readonly session: SessionState
    readonly settings: SettingsState
  }
}

export function sessionReducer(state: SessionState = null, action: UnknownAction): SessionState {
  return frameReceived.match(action) ? (action.payload.session ?? state) : state
}

export function settingsReducer(state: SettingsState = null, action: UnknownAction): SettingsState {
  return frameReceived.match(action) ? (action.payload.settings ?? state) : state
}
