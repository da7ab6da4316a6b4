import { useCallback } from 'react'
import { useAppDispatch, useAppSelector, useAppStore, useServices } from '../services.ts'
import { toastShown } from '../toasts/toasts-slice.ts'
import { failureText } from '../use-attempt.ts'
import { contextOf, type Command, type CommandContext } from './command.ts'
import { commandNamed } from './registry.ts'

/** The world as a command sees it at this moment; nothing is subscribed to. */
export function useCommandContext(): () => CommandContext {
  const store = useAppStore()
  const dispatch = useAppDispatch()
  const services = useServices()
  return useCallback(() => contextOf(store.getState(), dispatch, services), [store, dispatch, services])
}

/** Runs a command unless it is unavailable. What goes wrong is said in a toast. */
export function useRunCommand(): (command: Command) => void {
  const contextNow = useCommandContext()
  return useCallback(
    command => {
      const context = contextNow()
      if (command.unavailable?.(context) !== undefined) return
      const failed = (error: unknown) => context.dispatch(toastShown(failureText(error), 'error'))
      try {
        command.run(context)?.catch(failed)
      } catch (error) {
        failed(error)
      }
    },
    [contextNow],
  )
}

/** One command for a button: what it says about itself, again whenever that changes. */
export function useCommand(id: string) {
  const command = commandNamed(id)
  const services = useServices()
  const dispatch = useAppDispatch()
  const run = useRunCommand()
  const unavailable = useAppSelector(state => command.unavailable?.(contextOf(state, dispatch, services)))
  return { command, unavailable, run: useCallback(() => run(command), [run, command]) }
}
