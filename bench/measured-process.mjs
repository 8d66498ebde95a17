// Starts measured-run.mjs for a project and reads what it noted.
import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const script = fileURLToPath(new URL('./measured-run.mjs', import.meta.url))

/** Not spawnSync: the emulator's answers to this process, and the server's log, are read meanwhile. */
export async function measuredRun(folder, { options = [], args, env = {}, expect = [0] }) {
  const marksFile = join(folder, 'marks.json')
  const startedMs = performance.timeOrigin + performance.now()
  const child = spawn(process.execPath, [...nodeOptions(), script, ...options.map(String), '--', ...args], {
    cwd: folder,
    env: { ...process.env, ...env, BENCH_MARKS_FILE: marksFile },
  })
  const [out, err] = await Promise.all([textOf(child.stdout), textOf(child.stderr), ended(child)])
  const status = child.signalCode ?? child.exitCode
  if (!expect.includes(status))
    throw new Error(`${args.join(' ')} ended with ${status}\n${err.slice(-3000)}${out.slice(-1000)}`)
  const last = out.trimEnd().split('\n').at(-1)
  return { ...JSON.parse(readFileSync(marksFile, 'utf8')), startedMs, last: last === '' ? undefined : JSON.parse(last) }
}

/** BENCH_NODE_OPTIONS="--cpu-prof --cpu-prof-dir=…" profiles the measured process and not this one. */
function nodeOptions() {
  return (process.env.BENCH_NODE_OPTIONS ?? '').split(' ').filter((option) => option !== '')
}

async function textOf(stream) {
  let text = ''
  for await (const chunk of stream) text += chunk
  return text
}

function ended(child) {
  return new Promise((resolve) => child.once('close', resolve))
}
