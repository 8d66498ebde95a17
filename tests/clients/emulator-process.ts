/** The emulator as users start it: `backfeed emulator start`, in a process of its own, on ports the system chooses. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { REPOSITORY } from './repository.ts'

export interface EmulatorProcess {
  url: string
  controlUrl: string
  stop(): Promise<void>
}

const READY_WITHIN_MS = 20_000
const STOPPED_WITHIN_MS = 5_000

export async function startEmulatorProcess(): Promise<EmulatorProcess> {
  const cli = join(REPOSITORY, 'dist/runner/cli.js')
  const args = [cli, 'emulator', 'start', '--port', '0', '--control-port', '0']
  const child = spawn(process.execPath, args, { cwd: REPOSITORY, stdio: ['ignore', 'pipe', 'pipe'] })
  process.once('exit', () => child.kill())
  let complaints = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    complaints += text
  })
  try {
    const ready = await readyLine(child)
    return { url: text(ready, 'url'), controlUrl: text(ready, 'control_url'), stop: () => stop(child) }
  } catch (error) {
    await stop(child)
    throw new Error(`the emulator did not start: ${complaints}`, { cause: error })
  }
}

async function readyLine(child: ChildProcess): Promise<unknown> {
  if (child.stdout === null) throw new Error('the emulator has no output')
  const lines = createInterface({ input: child.stdout })
  const signal = AbortSignal.timeout(READY_WITHIN_MS)
  const ended = once(child, 'exit', { signal }).then(([code]) => {
    throw new Error(`the emulator ended with exit code ${String(code)}`)
  })
  const [line] = await Promise.race([once(lines, 'line', { signal }), ended])
  return JSON.parse(String(line))
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = once(child, 'exit')
  child.kill('SIGTERM')
  const timer = setTimeout(() => child.kill('SIGKILL'), STOPPED_WITHIN_MS)
  await ended
  clearTimeout(timer)
}

function text(value: unknown, key: string): string {
  const found = typeof value === 'object' && value !== null && key in value ? Reflect.get(value, key) : undefined
  if (typeof found !== 'string') throw new Error(`the emulator's first line has no ${key}`)
  return found
}
