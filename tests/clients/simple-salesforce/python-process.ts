/** The Python side of the suite: announces what it will ask, then runs one step per line of input. */
import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import type { Readable, Writable } from 'node:stream'
import { within } from '../within.ts'

export interface PythonProcess {
  asks: readonly string[]
  /** What came back of step `index`. Rejects with what Python raised. */
  run(index: number): Promise<string>
  close(): Promise<void>
}

export interface PythonOptions {
  program: string
  script: string
  env: Readonly<Record<string, string>>
}

const READY_WITHIN_MS = 20_000

export async function startPython({ program, script, env }: PythonOptions): Promise<PythonProcess> {
  const child = spawn(program, ['-u', script], {
    env: { ...withoutProxies(), ...env },
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const answers = async (): Promise<Record<string, unknown>> => {
    const { value, done } = await lines.next()
    if (done === true) throw new Error('Python has ended')
    return JSON.parse(value) as Record<string, unknown>
  }
  const close = (): Promise<void> => stop(child)
  try {
    const { asks } = await within(READY_WITHIN_MS, answers())
    if (!Array.isArray(asks)) throw new Error('Python did not say what it asks')
    return { asks: asks.map(String), run: (index) => exchange(child, answers, index), close }
  } catch (error) {
    await close()
    throw error
  }
}

type Child = ChildProcessByStdio<Writable, Readable, null>

async function exchange(child: Child, answers: () => Promise<Record<string, unknown>>, index: number): Promise<string> {
  child.stdin.write(`${index}\n`)
  let said = await answers()
  // The answer of a step that was given up on comes late.
  while (said.number !== index) said = await answers()
  const { answer, problem } = said
  if (typeof answer !== 'string') throw new Error(String(problem))
  return answer
}

async function stop(child: Child): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = once(child, 'exit')
  child.kill('SIGKILL')
  await ended
}

/** A proxy of this machine would not reach the emulator. */
function withoutProxies(): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(https?|all|no)_proxy$/i.test(name)))
}
