import { useEffect, useRef, type FocusEvent, type KeyboardEvent, type ReactNode } from 'react'

interface RovingProps {
  readonly role: 'toolbar' | 'navigation' | 'group'
  readonly label: string
  readonly orientation: 'horizontal' | 'vertical'
  readonly className?: string | undefined
  readonly region?: string
  readonly children: ReactNode
}

/** One tab stop for a row or column of buttons; arrows, Home and End walk among them. */
export function Roving({ role, label, orientation, className, region, children }: RovingProps) {
  const box = useRef<HTMLDivElement>(null)

  // Buttons come and go by themselves, so the stop is kept right from outside of them.
  useEffect(() => {
    const element = box.current
    if (!element) return undefined
    const settle = () => keepOneStop(buttonsOf(element))
    settle()
    const observer = new MutationObserver(settle)
    observer.observe(element, { childList: true, subtree: true })
    return () => observer.disconnect()
  }, [])

  const onFocus = (event: FocusEvent<HTMLElement>) => {
    const buttons = buttonsOf(event.currentTarget)
    const stop = buttons.find(button => button === event.target)
    if (stop) keepOneStop(buttons, stop)
  }
  const onKeyDown = (event: KeyboardEvent<HTMLElement>) => {
    if (event.altKey || event.ctrlKey || event.metaKey) return
    const [back, on] = orientation === 'vertical' ? ['ArrowUp', 'ArrowDown'] : ['ArrowLeft', 'ArrowRight']
    const buttons = buttonsOf(event.currentTarget).filter(button => button.offsetParent !== null)
    const here = buttons.indexOf(document.activeElement as HTMLElement)
    if (here < 0) return
    const places: Record<string, number> = { [back]: here - 1, [on]: here + 1, Home: 0, End: buttons.length - 1 }
    const place = places[event.key]
    if (place === undefined) return
    event.preventDefault()
    buttons[Math.max(0, Math.min(buttons.length - 1, place))]?.focus()
  }
  return (
    // oxlint-disable-next-line jsx-a11y/no-static-element-interactions -- it has a role, given by the caller
    <div
      ref={box}
      role={role}
      aria-label={label}
      {...(role === 'toolbar' && { 'aria-orientation': orientation })}
      className={className}
      data-region={region}
      onFocus={onFocus}
      onKeyDown={onKeyDown}
    >
      {children}
    </div>
  )
}

const buttonsOf = (element: HTMLElement) => [...element.querySelectorAll<HTMLElement>('button')]

function keepOneStop(buttons: readonly HTMLElement[], wanted?: HTMLElement): void {
  const stop =
    wanted ?? buttons.find(button => button.tabIndex === 0 && button.dataset['stop'] !== undefined) ?? buttons[0]
  for (const button of buttons) {
    button.tabIndex = button === stop ? 0 : -1
    if (button === stop) button.dataset['stop'] = ''
    else delete button.dataset['stop']
  }
}
