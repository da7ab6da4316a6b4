import { createContext, useContext } from 'react'
import { useDispatch, useSelector, useStore } from 'react-redux'
import type { Dispatch } from '@reduxjs/toolkit'
import type { EngineCalls } from '#renderer/engine/engine-calls.ts'
import type { State } from '#renderer/engine/state.ts'
import type { Platform } from '#renderer/platform/platform.ts'

export interface Services {
  readonly engine: EngineCalls
  readonly platform: Platform
}

export const ServicesContext = createContext<Services | undefined>(undefined)

export function useServices(): Services {
  const services = useContext(ServicesContext)
  if (!services) throw new Error('no ServicesContext above this component')
  return services
}

export const useEngine = () => useServices().engine
export const usePlatform = () => useServices().platform
export const useAppSelector = useSelector.withTypes<State>()
export const useAppDispatch = useDispatch.withTypes<Dispatch>()
export const useAppStore = () => useStore<State>()
