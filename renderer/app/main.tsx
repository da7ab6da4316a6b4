// First: what comes later may say otherwise.
import '#renderer/styles/tokens.css'
import '#renderer/styles/reset.css'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { Provider } from 'react-redux'
import { Connection } from '#renderer/engine/connection.ts'
import { connectionLost, connectionOpened } from '#renderer/engine/connection-slice.ts'
import { FramePump, type Soon } from '#renderer/engine/frame-pump.ts'
import { frameReceived } from '#renderer/engine/frame-received.ts'
import { currentWatch, onWatchChanged, setVisible } from '#renderer/engine/interest.ts'
import { forgetPieces } from '#renderer/engine/piece-maps.ts'
import { startSpeedHistory } from '#renderer/features/overview/speed-history.ts'
import { ServicesContext } from '#renderer/features/services.ts'
import { toastShown } from '#renderer/features/toasts/toasts-slice.ts'
import { electronPlatform } from '#renderer/platform/electron.ts'
import type { Platform } from '#renderer/platform/platform.ts'
import { webPlatform } from '#renderer/platform/web.ts'
import { UiProviders } from '#renderer/ui/providers.tsx'
import { App } from './app.tsx'
import { keepPreferences } from './preferences.ts'
import { createStore } from './store.ts'
import { followSystemTheme } from './theme.ts'
import { notifyOfNotices } from './notify.ts'

followSystemTheme()

const store = createStore()
const platform = await withMock(window.shell ? electronPlatform(window.shell) : webPlatform())

// A hidden page paints nothing, so there is no paint to wait for.
const soon: Soon = run => void (document.hidden ? setTimeout(run) : requestAnimationFrame(run))
const pump = new FramePump(soon, frame => {
  store.dispatch(frameReceived(frame))
  notifyOfNotices(platform, frame.notices)
})

const connection = new Connection(
  {
    connect: () => platform.connectEngine(),
    after: (ms, run) => void setTimeout(run, ms),
    onOpened: ({ appVersion }) => {
      forgetPieces()
      store.dispatch(connectionOpened({ appVersion }))
    },
    onLost: () => store.dispatch(connectionLost()),
    onFrame: frame => pump.receive(frame),
    onOutdated: () =>
      store.dispatch(toastShown('This page is older than the engine it talks to. Load it again.', 'error')),
  },
  currentWatch(),
)
onWatchChanged(watch => connection.watch(watch))
document.addEventListener('visibilitychange', () => setVisible(!document.hidden))
keepPreferences(store)
startSpeedHistory(store)
connection.start()

const root = document.getElementById('root')
if (!root) throw new Error('index.html has no #root')
createRoot(root).render(
  <StrictMode>
    <Provider store={store}>
      <ServicesContext value={{ engine: connection, platform }}>
        <UiProviders>
          <App />
        </UiProviders>
      </ServicesContext>
    </Provider>
  </StrictMode>,
)

/** `?mock=500` in development: invented torrents instead of an engine. The condition folds, so nothing of it is shipped. */
async function withMock(real: Platform): Promise<Platform> {
  if (!import.meta.env.DEV) return real
  const count = new URLSearchParams(location.search).get('mock')
  if (count === null) return real
  const { mockEngine } = await import('#renderer/engine/mock-engine.ts')
  return { ...real, connectEngine: async () => mockEngine(count === '' ? 30 : Number(count)) }
}
