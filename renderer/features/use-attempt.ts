import { useCallback } from 'react'
import type { CommandName, Input } from '#engine/api/commands.ts'
import { useAppDispatch, useEngine } from './services.ts'
import { toastShown } from './toasts/toasts-slice.ts'

/** Words for people, whatever was thrown. */
export const failureText = (error: unknown) =>
  error instanceof Error && error.message !== '' ? error.message : 'It did not work, and nobody said why.'

/** Calls the engine and says in a toast what went wrong; true when nothing did. */
export function useAttempt(): <C extends CommandName>(command: C, input: Input<C>) => Promise<boolean> {
  const engine = useEngine()
  const dispatch = useAppDispatch()
  return useCallback(
    async (command, input) => {
      try {
        await engine.call(command, input)
        return true
      } catch (error) {
        dispatch(toastShown(failureText(error), 'error'))
        return false
      }
    },
    [engine, dispatch],
  )
}
