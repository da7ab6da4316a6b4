import { join } from 'node:path'
import { app, MessageChannelMain, type WebFrameMain } from 'electron'
import { CHANNELS } from '#electron/api/channels.ts'
import type { Downward, Upward } from '#engine/api/messages.ts'
import { portTransport } from '#engine/api/port-transport.ts'
import { createEngine, nodeIo, type Engine } from '#engine/host/engine.ts'

/** The one engine of this process. It lives in no window: windows come and go, and ask for a connection. */
export async function startEngine(): Promise<Engine> {
  const io = nodeIo()
  const dataDir = join(app.getPath('userData'), 'engine')
  const engine = await createEngine({ io, dataDir, downloadFolder: app.getPath('downloads') })
  return {
    attach: transport => engine.attach(transport),
    async shutdown(options) {
      await engine.shutdown(options)
      await io.close()
    },
  }
}

/** Gives the page in `frame` one end of a new channel, and the engine the other. */
export function connect(engine: Engine, frame: WebFrameMain): void {
  const { port1, port2 } = new MessageChannelMain()
  engine.attach(portTransport<Downward, Upward>(port1))
  frame.postMessage(CHANNELS.enginePort, null, [port2])
}
