/** The local stand-in for both CRMs, as a process of its own; and the two control calls people type most. */
import { resolve } from 'node:path'
import { BackfeedError, ExitCode } from '../errors.ts'
import { writeAtomically } from '../output/write-atomically.ts'
import type { CommandContext } from './command.ts'
import { controlPlane } from './control-plane.ts'
import { finish } from './finish.ts'
import { readCrmFiles } from './read-crm-files.ts'

const DEFAULT_PORT = 4010
const DEFAULT_CONTROL_PORT = 4011

export async function runCommand(context: CommandContext): Promise<ExitCode> {
  switch (context.verb) {
    case 'emulator start':
      return start(context)
    case 'emulator reset':
      return reset(context)
    default:
      return load(context)
  }
}

/** One JSON line when ready, whatever `--output` says: scripts wait for it. Then runs until a signal. */
async function start(context: CommandContext): Promise<ExitCode> {
  const { args } = context
  const seed = args.number('seed')
  const state = args.text('state')
  const tlsPort = args.number('tls-port')
  const certFile = args.text('tls-cert')
  // The command layer is the only place where the runner's package may touch the emulator, and only lazily.
  const { startEmulator } = await import('../../emulator/start.ts')
  const emulator = await startEmulator({
    port: args.number('port') ?? DEFAULT_PORT,
    controlPort: args.number('control-port') ?? DEFAULT_CONTROL_PORT,
    ...(seed === undefined ? {} : { seed }),
    ...(tlsPort === undefined ? {} : { tls: { port: tlsPort } }),
    ...(state === undefined ? {} : { state: resolve(context.cwd, state) }),
  }).catch((error: unknown) => {
    throw portProblem(error) ?? error
  })
  const { url, controlUrl: control_url, tls } = emulator
  if (tls && certFile !== undefined) writeAtomically(resolve(context.cwd, certFile), tls.cert)
  const secure = tls === undefined ? {} : { tls_url: tls.url }
  context.console.json({ event: 'ready', url, control_url, ...secure, pid: process.pid })
  await new Promise<void>((done) => {
    if (context.signal.aborted) return done()
    context.signal.addEventListener('abort', () => done(), { once: true })
  })
  await emulator.close()
  return ExitCode.ok
}

function portProblem(error: unknown): BackfeedError | undefined {
  if (!(error instanceof Error) || !('code' in error)) return undefined
  if (error.code !== 'EADDRINUSE' && error.code !== 'EACCES' && error.code !== 'ERR_SOCKET_BAD_PORT') return undefined
  const port = 'port' in error ? ` ${String(error.port)}` : ''
  return new BackfeedError(
    {
      code: 'E-EMU-PORT',
      message: `port${port} cannot be opened (${error.code})`,
      help: 'an emulator may be running already; choose others with --port and --control-port (0: any free one)',
    },
    { cause: error },
  )
}

function controlOf(context: CommandContext) {
  const port = context.args.number('control-port') ?? DEFAULT_CONTROL_PORT
  return controlPlane(`http://127.0.0.1:${port}`, context)
}

async function reset(context: CommandContext): Promise<ExitCode> {
  await controlOf(context).call('POST', '/reset')
  return finish(context, { exit: ExitCode.ok, text: () => 'Emulator reset' })
}

async function load(context: CommandContext): Promise<ExitCode> {
  const batches = readCrmFiles(resolve(context.cwd, context.args.required('path')))
  const control = controlOf(context)
  let schemas = 0
  let records = 0
  for (const { crm, object, schema } of batches) {
    if (schema === undefined) continue
    await control.call('PUT', `/schema/${crm}/${encodeURIComponent(object)}`, schema)
    schemas += 1
  }
  for (const { crm, object, records: rows } of batches) {
    if (rows === undefined) continue
    await control.call('POST', `/records/${crm}/${encodeURIComponent(object)}`, rows)
    records += rows.length
  }
  const text = `Loaded ${schemas} ${schemas === 1 ? 'schema' : 'schemas'} and ${records} records`
  return finish(context, { exit: ExitCode.ok, facts: { schemas, records }, text: () => text })
}
