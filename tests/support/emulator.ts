import { createHash } from 'node:crypto'
import { type ControlClient, controlClient } from '../../emulator/core/control-client.ts'
import type { JournalEntry } from '../../emulator/core/journal.ts'
import { startEmulator } from '../../emulator/start.ts'

export interface TestEmulator {
  url: string
  controlUrl: string
  control: ControlClient
  close(): Promise<void>
}

/** Both emulated CRMs on free ports of this machine. */
export async function startTestEmulator(): Promise<TestEmulator> {
  const emulator = await startEmulator({ seed: 1 })
  return {
    url: emulator.url,
    controlUrl: emulator.controlUrl,
    control: controlClient(emulator.controlUrl),
    close: () => emulator.close(),
  }
}

export const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex')

/** A journal entry as `wire()` predicts it; the journal holds parsed bodies, which fragments without spaces survive. */
export function asWire(entry: JournalEntry): { method: string; path: string; bodyHash: string } {
  return { method: entry.method, path: entry.path, bodyHash: sha256(JSON.stringify(entry.body)) }
}
