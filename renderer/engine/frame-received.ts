import { createAction } from '@reduxjs/toolkit'
import type { Frame } from '#engine/api/frame.ts'

/** The one action every engine slice listens to. Its `detail.pieces` is always null: piece maps live outside Redux. */
export const frameReceived = createAction<Frame>('engine/frameReceived')
