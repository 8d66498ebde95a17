import { controlListener } from './core/control-server.ts'
import { crmListener } from './core/crm-server.ts'
import { EmulatorState } from './core/emulator-state.ts'
import type { JournalOptions } from './core/journal.ts'
import { listen, stop } from './core/listen.ts'
import { selfSigned, type TlsPair } from './core/self-signed.ts'
import { readSnapshotFile } from './core/snapshot-file.ts'
import { SnapshotKeeper } from './core/snapshot-keeper.ts'
import { createHubspotCrm } from './hubspot/hubspot-crm.ts'
import { createSalesforceCrm } from './salesforce/salesforce-crm.ts'

export interface EmulatorOptions {
  /** Port of both CRMs; 0 or absent: any free one. */
  port?: number
  /** Port of the control plane; 0 or absent: any free one. */
  controlPort?: number
  /** Same seed, same calls: same ids. Default 1. */
  seed?: number
  /** Snapshot file: loaded at start if there is one; written after changes, after POST /reset and at close. */
  state?: string
  journal?: JournalOptions
  /** Both CRMs also over https: with a certificate of your own (PEM), or one made at start. */
  tls?: { port?: number; pair?: TlsPair }
}

export interface Emulator {
  url: string
  controlUrl: string
  port: number
  controlPort: number
  /** Where `tls` was asked for: the https address, and the certificate that clients must trust. */
  tls?: { url: string; port: number; cert: string }
  /** Cuts open connections and writes the snapshot file. */
  close(): Promise<void>
}

/** Starts both CRMs and the control plane on 127.0.0.1. Rejects if a port is taken or the snapshot file is unreadable. */
export async function startEmulator(options: EmulatorOptions = {}): Promise<Emulator> {
  const state = new EmulatorState({
    seed: options.seed ?? 1,
    crms: [createSalesforceCrm, createHubspotCrm],
    ...(options.journal === undefined ? {} : { journal: options.journal }),
  })
  const keeper = openSnapshot(state, options.state)
  const closing = new AbortController()
  const onChange = (): void => keeper?.changed()
  state.onChange = onChange
  const onReset = (): void => keeper?.write()
  const listener = crmListener({ state, onChange, signal: closing.signal })
  const servers: Listening['server'][] = []
  const open = async (...where: Parameters<typeof listen>): Promise<Listening> => {
    const listening = await listenOrStop(servers, where)
    servers.push(listening.server)
    return listening
  }
  const crms = await open(options.port ?? 0, listener)
  const control = await open(options.controlPort ?? 0, controlListener({ state, onChange, onReset }))
  const tls =
    options.tls === undefined ? {} : { tls: await openTls(options.tls, (port, pair) => open(port, listener, pair)) }
  return {
    url: `http://127.0.0.1:${crms.port}`,
    controlUrl: `http://127.0.0.1:${control.port}`,
    port: crms.port,
    controlPort: control.port,
    ...tls,
    close: async () => {
      closing.abort()
      await Promise.all(servers.map(stop))
      keeper?.write()
    },
  }
}

type Listening = Awaited<ReturnType<typeof listen>>

async function openTls(
  wanted: NonNullable<EmulatorOptions['tls']>,
  open: (port: number, pair: TlsPair) => Promise<Listening>,
): Promise<NonNullable<Emulator['tls']>> {
  const pair = wanted.pair ?? selfSigned(Date.now())
  const { port } = await open(wanted.port ?? 0, pair)
  return { url: `https://127.0.0.1:${port}`, port, cert: pair.cert }
}

async function listenOrStop(
  servers: readonly Listening['server'][],
  where: Parameters<typeof listen>,
): Promise<Listening> {
  try {
    return await listen(...where)
  } catch (error) {
    await Promise.all(servers.map(stop))
    throw error
  }
}

function openSnapshot(state: EmulatorState, file: string | undefined): SnapshotKeeper | undefined {
  if (file === undefined) return undefined
  const snapshot = readSnapshotFile(file)
  if (snapshot !== undefined) state.restore(snapshot)
  return new SnapshotKeeper(state, file)
}
