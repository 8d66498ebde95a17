/** `npm run test:clients`: the emulator driven by clients that somebody else wrote. See README.md in this folder. */
import { controlClient } from '../../emulator/core/control-client.ts'
import { CACHE_FOLDER } from './client-cache.ts'
import { startEmulatorProcess } from './emulator-process.ts'
import { prepareJsforce } from './jsforce/prepare-jsforce.ts'
import { type Org, seedOrg } from './org.ts'
import { runSteps, type StepResult } from './run-steps.ts'
import { installSf } from './sf/install-sf.ts'
import { prepareSf } from './sf/prepare-sf.ts'
import { installSimpleSalesforce } from './simple-salesforce/install-simple-salesforce.ts'
import { prepareSimpleSalesforce } from './simple-salesforce/prepare-simple-salesforce.ts'
import { CannotBeHad, type PreparedClient } from './step.ts'

interface Client {
  name: string
  /** Starts the installation and returns at once; the result awaits it. */
  install(): (org: Org) => Promise<PreparedClient>
}

type Prepare = ReturnType<Client['install']>

interface Report {
  line: string
  failed: boolean
}

const out = (line: string): void => void process.stdout.write(`${line}\n`)

const CLIENTS: readonly Client[] = [
  client('jsforce', async () => undefined, prepareJsforce),
  client('simple-salesforce', installSimpleSalesforce, prepareSimpleSalesforce),
  client('sf', installSf, prepareSf),
]

function client<T>(
  name: string,
  install: () => Promise<T>,
  prepare: (org: Org, installed: T) => Promise<PreparedClient>,
): Client {
  return {
    name,
    install: () => {
      const installed = install()
      // Thrown where it is awaited, not at once as an unhandled rejection.
      installed.catch(() => undefined)
      return async (org) => prepare(org, await installed)
    },
  }
}

async function runClients(wanted: readonly Client[]): Promise<Report[]> {
  // All installations at once; what is ready runs meanwhile.
  const installing = wanted.map((one) => ({ name: one.name, prepare: one.install() }))
  const emulator = await startEmulatorProcess()
  const reports: Report[] = []
  try {
    out(`emulator on ${emulator.url}, clients in ${CACHE_FOLDER}`)
    for (const { name, prepare } of installing) {
      const org: Org = { url: emulator.url, control: controlClient(emulator.controlUrl) }
      await seedOrg(org)
      reports.push(await runClient(name, () => prepare(org)))
    }
  } finally {
    await emulator.stop()
  }
  return reports
}

async function runClient(name: string, prepare: () => ReturnType<Prepare>): Promise<Report> {
  let prepared: PreparedClient
  try {
    prepared = await prepare()
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    const cannot = error instanceof CannotBeHad
    const line = cannot ? `not run: ${name} (${reason})` : `${name}: could not start: ${reason}`
    out(`\n${line}`)
    return { line, failed: !cannot }
  }
  out(`\n${prepared.label}`)
  try {
    return reportOf(prepared.label, await runSteps(prepared, printStep))
  } finally {
    await prepared.close()
  }
}

function printStep({ ask, ok, answer, seconds }: StepResult, position: number): void {
  out(
    `${String(position).padStart(3)} ${ok ? 'ok    ' : 'FAILED'} ${seconds.toFixed(1).padStart(5)} s  ${ask}  ->  ${answer}`,
  )
}

function reportOf(label: string, results: readonly StepResult[]): Report {
  const passed = results.filter((result) => result.ok).length
  return { line: `${label}: ${passed} of ${results.length} steps`, failed: passed < results.length }
}

// So that the emulator and the commands under way end with this process: see the `exit` listeners.
process.once('SIGINT', () => process.exit(130)).once('SIGTERM', () => process.exit(143))

const known = CLIENTS.map(({ name }) => name)
const names = process.argv.slice(2)
const stranger = names.find((name) => !known.includes(name))
if (stranger !== undefined) {
  process.stderr.write(`no client '${stranger}'; there are ${known.join(', ')}\n`)
  process.exit(2)
}
const started = performance.now()
const reports = await runClients(CLIENTS.filter(({ name }) => names.length === 0 || names.includes(name)))
out(`\n${reports.map((report) => report.line).join('; ')}; ${((performance.now() - started) / 1000).toFixed(0)} s`)
// Not left to the event loop: a client that was given up on may hold a socket open.
process.exit(reports.some((report) => report.failed) ? 1 : 0)
