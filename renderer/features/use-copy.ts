import { useCallback } from 'react'
import { useAppDispatch, usePlatform } from './services.ts'
import { toastShown } from './toasts/toasts-slice.ts'

/** Puts text on the clipboard and says so: "Copied magnet link". */
export function useCopy(): (text: string, what: string) => Promise<void> {
  const platform = usePlatform()
  const dispatch = useAppDispatch()
  return useCallback(
    async (text, what) => {
      try {
        await platform.writeClipboard(text)
        dispatch(toastShown(`Copied ${what}`))
      } catch {
        dispatch(toastShown(`The system did not let us copy the ${what}`, 'error'))
      }
    },
    [platform, dispatch],
  )
}
