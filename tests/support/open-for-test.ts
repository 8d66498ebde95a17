import type { Destination } from '../../runner/destination/destination.ts'
import { openDestination } from '../../runner/destination/registry.ts'
import { type Ports, systemPorts } from '../../runner/ports.ts'
import type { Connection, ConnectionTarget } from '../../runner/project/project.ts'
import { Secret } from '../../runner/project/secret.ts'

export const NEVER = new AbortController().signal

/** Only for tests that wait for a deadline: shorter than any patience, longer than a busy machine needs for a request. */
const LONGEST_WAIT_MS = 1_500

/** Real time, except that no single wait is longer than that. */
export function impatientPorts(): Ports {
  const ports = systemPorts()
  const { clock } = ports
  const sleep: typeof clock.sleep = (ms, signal) => clock.sleep(Math.min(ms, LONGEST_WAIT_MS), signal)
  return { ...ports, clock: { ...clock, sleep } }
}

export interface OpenForTest {
  type: Connection['type']
  target: ConnectionTarget
  emulatorUrl?: string
  ports?: Ports
}

export function openForTest({
  type,
  target,
  emulatorUrl,
  ports = impatientPorts(),
}: OpenForTest): Promise<Destination> {
  return openDestination({
    connection: {
      name: type,
      type,
      targets: new Map([['test', target]]),
      at: { file: 'project.yml', line: 1, column: 1 },
    },
    target,
    ...(emulatorUrl === undefined ? {} : { emulatorUrl }),
    limits: { concurrency: 4, requestsPerSecond: 1_000 },
    ports,
    clientTag: 'backfeed/0.1.0',
  })
}

/** A target with credentials of its own, as a user writes it. */
export function realTarget(auth: string, settings: Readonly<Record<string, string>>): ConnectionTarget {
  const secret = /token|secret/
  const wrapped = Object.entries(settings).map(([name, value]) => [name, secret.test(name) ? new Secret(value) : value])
  return { emulator: false, auth, settings: Object.fromEntries(wrapped) }
}
