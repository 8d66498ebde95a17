// The emulator in a process of its own, so that what is measured is the other side.
import { spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

const here = (path) => fileURLToPath(new URL(path, import.meta.url))
export const cli = here('../dist/runner/cli.js')

export async function startEmulator() {
  const child = spawn(process.execPath, [cli, 'emulator', 'start', '--port', '0', '--control-port', '0'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const [line] = await new Promise((resolve) => createInterface(child.stdout).once('line', (text) => resolve([text])))
  const ready = JSON.parse(line)
  return {
    url: ready.url,
    controlUrl: ready.control_url ?? ready.controlUrl,
    pid: child.pid,
    cpuMicros: () => cpuMicros(child.pid),
    stop: () => child.kill('SIGTERM'),
  }
}

/** CPU of all threads of a process, from Linux. A clock tick is 10 ms. */
function cpuMicros(pid) {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ')
  return (Number(fields[11]) + Number(fields[12])) * 10_000
}

/** A connection per call: this process stands still while it waits for the measured one, and kept ones die meanwhile. */
export function control(emulator, { method, path, body }) {
  return new Promise((resolve, reject) => {
    const out = request(`${emulator.controlUrl}${path}`, { method, agent: false }, async (answer) => {
      const chunks = []
      for await (const chunk of answer) chunks.push(chunk)
      const text = Buffer.concat(chunks).toString('utf8')
      if (answer.statusCode === 200) resolve(JSON.parse(text))
      else reject(new Error(`${method} ${path}: ${answer.statusCode} ${text.slice(0, 300)}`))
    })
    out.on('error', reject)
    out.end(body === undefined ? undefined : JSON.stringify(body))
  })
}

/** Runs a script to its end with the usage hook in it: peak memory, CPU, seconds, and what it printed. */
export function measured(script, args) {
  const folder = mkdtempSync(join(tmpdir(), 'backfeed-bench-'))
  const usageFile = join(folder, 'usage.json')
  const started = performance.now()
  try {
    const hook = here('./usage-hook.mjs')
    const done = spawnSync(process.execPath, ['--import', hook, here(script), ...args.map(String)], {
      encoding: 'utf8',
      env: { ...process.env, BENCH_USAGE_FILE: usageFile },
    })
    if (done.status !== 0) throw new Error(`${script} ${args.join(' ')}: ${done.status} ${done.stderr.slice(-3000)}`)
    const seconds = (performance.now() - started) / 1000
    return { ...JSON.parse(readFileSync(usageFile, 'utf8')), seconds, stdout: done.stdout }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
