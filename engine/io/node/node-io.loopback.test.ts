import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { filesContract, pieceDiskContract, tcpContract, udpContract, type World } from '../io.contract.ts'
import { createNodeIo } from './node-io.ts'

async function nodeWorld(): Promise<World> {
  const folder = await mkdtemp(join(tmpdir(), 'freshet-io-'))
  const io = createNodeIo({ cacheMiB: 16 })
  return {
    io,
    folder,
    address: '127.0.0.1',
    async end() {
      await io.close()
      await rm(folder, { recursive: true })
    },
  }
}

tcpContract(nodeWorld)
udpContract(nodeWorld)
filesContract(nodeWorld)
pieceDiskContract(nodeWorld)
