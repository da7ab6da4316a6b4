import { useMemo } from 'react'

/** A length token in CSS pixels, for arithmetic that CSS cannot do. `fallback` where nothing is styled (tests). */
export function useToken(name: `--${string}`, fallback: number): number {
  return useMemo(() => {
    const value = Number.parseFloat(getComputedStyle(document.documentElement).getPropertyValue(name))
    return Number.isFinite(value) ? value : fallback
  }, [name, fallback])
}
