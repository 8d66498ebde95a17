/** One real process of the runner: started with ports of the test, waited for, signalled by its pid. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { builtCli, cleanEnvironment, crashingCli } from '../../support/built-cli.ts'
import { tally } from './tally.ts'

export interface RunnerOptions {
  /** Dies by SIGKILL when this crash point is reached for the `nth` time (from 1). */
  crashAt?: string
  /** The same with SIGSTOP. */
  stopAt?: string
  nth?: number
  stopNth?: number
  /** How far the runner's clock is off. */
  clockSkewMs?: number
  /** As much time has passed, on the runner's clock and on the warehouse's. */
  laterMs?: number
  /** Cuts every wait of the runner, deadlines of requests among them. */
  longestSleepMs?: number
  /** Cuts pauses between polls and retries, which are shorter than this; the lab does unless it is 0. */
  hurryBelowMs?: number
  /** Crash points that are reached are written there. */
  trace?: string
  env?: NodeJS.ProcessEnv
  nodeArgs?: readonly string[]
  /** Runs before the program in a shell: `ulimit -f 100`. */
  shell?: string
  /** What users start instead of the test entry. */
  shipped?: boolean
}

export interface RunnerEnd {
  code: number | null
  signal: NodeJS.Signals | null
  stdout: string
  stderr: string
  /** The last line of stdout as JSON; empty when it is none. */
  json: Record<string, unknown>
}

export interface RunnerProcess {
  pid: number
  child: ChildProcess
  ended: Promise<RunnerEnd>
  kill(signal: NodeJS.Signals): void
}

const TEST_ARGUMENTS: readonly (readonly [keyof RunnerOptions, string])[] = [
  ['crashAt', '--crash-at'],
  ['stopAt', '--stop-at'],
  ['nth', '--nth'],
  ['stopNth', '--stop-nth'],
  ['clockSkewMs', '--clock-skew-ms'],
  ['laterMs', '--later-ms'],
  ['longestSleepMs', '--longest-sleep-ms'],
  ['hurryBelowMs', '--hurry-below-ms'],
  ['trace', '--trace'],
]

export async function startRunner(
  dir: string,
  argv: readonly string[],
  options: RunnerOptions = {},
): Promise<RunnerProcess> {
  const command = await commandOf(argv, options)
  const shell =
    options.shell === undefined ? command : ['bash', '-c', `${options.shell}; exec "$@"`, 'bash', ...command]
  const [program = '', ...args] = shell
  const env = cleanEnvironment({ NO_COLOR: '1', ...options.env })
  const child = spawn(program, args, { cwd: dir, env, stdio: ['ignore', 'pipe', 'pipe'] })
  const leave = () => child.kill('SIGKILL')
  process.once('exit', leave)
  const pid = child.pid
  if (pid === undefined) throw new Error(`${program} did not start`)
  const ended = endOf(child).finally(() => process.off('exit', leave))
  return { pid, child, ended, kill: (signal) => process.kill(pid, signal) }
}

async function commandOf(argv: readonly string[], options: RunnerOptions): Promise<string[]> {
  const node = [process.execPath, ...(options.nodeArgs ?? [])]
  if (options.shipped === true) return [...node, await builtCli(), ...argv]
  const own = TEST_ARGUMENTS.flatMap(([name, flag]) =>
    options[name] === undefined ? [] : [flag, String(options[name])],
  )
  return [...node, await crashingCli(), ...own, '--', ...argv]
}

async function endOf(child: ChildProcess): Promise<RunnerEnd> {
  const texts = { stdout: '', stderr: '' }
  for (const name of ['stdout', 'stderr'] as const)
    child[name]?.setEncoding('utf8').on('data', (text: string) => {
      texts[name] += text
    })
  const [code, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null]
  tally('runner processes')
  if (signal === 'SIGKILL') tally('killed')
  return { code, signal, ...texts, json: lastJson(texts.stdout) }
}

function lastJson(text: string): Record<string, unknown> {
  const last = text.trimEnd().split('\n').at(-1) ?? ''
  if (!last.startsWith('{')) return {}
  try {
    const value: unknown = JSON.parse(last)
    return typeof value === 'object' && value !== null ? { ...value } : {}
  } catch {
    // Whoever read it may have stopped in the middle of the line.
    return {}
  }
}
