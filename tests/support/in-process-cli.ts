/** The command line, run in this process with its own stdout, stderr, environment and folder. */
import { runCommandLine } from '../../runner/commands/run-command-line.ts'

export interface CliResult {
  exit: number
  stdout: string
  stderr: string
  /** The last line of stdout as JSON; an empty object when it is not JSON. */
  json: Readonly<Record<string, unknown>>
}

export interface CliPlace {
  cwd: string
  env?: Readonly<Record<string, string>>
}

export async function runCli(place: CliPlace, argv: readonly string[]): Promise<CliResult> {
  let stdout = ''
  let stderr = ''
  const replaced: Readonly<Record<string, unknown>> = {
    stdout: { write: (text: string) => (stdout += text), isTTY: false },
    stderr: { write: (text: string) => (stderr += text), isTTY: false, columns: 120 },
    env: { PATH: process.env.PATH, HOME: place.cwd, NO_COLOR: '1', ...place.env },
    cwd: () => place.cwd,
  }
  const own = new Proxy(process, { get: (target, name) => replaced[String(name)] ?? Reflect.get(target, name) })
  const exit = await runCommandLine(argv, { process: own, version: '0.0.0-test' })
  return { exit, stdout, stderr, json: lastJson(stdout) }
}

function lastJson(text: string): Readonly<Record<string, unknown>> {
  const last = text.trimEnd().split('\n').at(-1) ?? ''
  if (!last.startsWith('{')) return {}
  const value: unknown = JSON.parse(last)
  return typeof value === 'object' && value !== null ? { ...value } : {}
}
