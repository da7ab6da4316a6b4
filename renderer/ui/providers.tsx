import { CSPProvider } from '@base-ui/react/csp-provider'
import type { ReactElement } from 'react'
import { TooltipProvider } from './tooltip.tsx'

/** What the parts of this folder need around them, once. No style elements: the page's policy refuses them. */
export const UiProviders = ({ children }: { children: ReactElement }) => (
  <CSPProvider disableStyleElements>
    <TooltipProvider>{children}</TooltipProvider>
  </CSPProvider>
)
