import { controlListener } from './core/control-server.ts'
import { crmListener } from './core/crm-server.ts'
import { EmulatorState } from './core/emulator-state.ts'
import type { JournalOptions } from './core/journal.ts'
import { listen, stop } from './core/listen.ts'
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
}

export interface Emulator {
  url: string
  controlUrl: string
  port: number
  controlPort: number
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
  const crms = await listen(options.port ?? 0, crmListener({ state, onChange, signal: closing.signal }))
  const control = await listenOrStop(options.controlPort ?? 0, {
    crms,
    listener: controlListener({ state, onChange, onReset }),
  })
  return {
    url: `http://127.0.0.1:${crms.port}`,
    controlUrl: `http://127.0.0.1:${control.port}`,
    port: crms.port,
    controlPort: control.port,
    close: async () => {
      closing.abort()
      await Promise.all([stop(crms.server), stop(control.server)])
      keeper?.write()
    },
  }
}

type Listening = Awaited<ReturnType<typeof listen>>

async function listenOrStop(
  port: number,
  { crms, listener }: { crms: Listening; listener: Parameters<typeof listen>[1] },
): Promise<Listening> {
  try {
    return await listen(port, listener)
  } catch (error) {
    await stop(crms.server)
    throw error
  }
}

function openSnapshot(state: EmulatorState, file: string | undefined): SnapshotKeeper | undefined {
  if (file === undefined) return undefined
  const snapshot = readSnapshotFile(file)
  if (snapshot !== undefined) state.restore(snapshot)
  return new SnapshotKeeper(state, file)
}
