// Measured by collections.mjs: batches of 200 through our destination, or the same requests by a bare keep-alive loop.
// Prints the seconds from the first request to the last answer; everything before is made beforehand.
import { Agent, request } from 'node:http'
import { change } from './bulk-rows.mjs'

const [way, url, batchesText, concurrencyText] = process.argv.slice(2)
const concurrency = Number(concurrencyText)
const NEVER = new AbortController().signal
const batches = Array.from({ length: Number(batchesText) }, (_, batch) =>
  Array.from({ length: 200 }, (_, row) => change(batch * 200 + row)),
)
const writeOf = (changes) => ({ object: 'Account', path: 'upsert', matchField: 'Customer_Id__c', changes })

async function openOurs() {
  const { openDestination } = await import('../dist/runner/destination/registry.js')
  const { systemPorts } = await import('../dist/runner/ports.js')
  const target = { emulator: true }
  return openDestination({
    connection: {
      name: 'salesforce',
      type: 'salesforce',
      targets: new Map([['bench', target]]),
      at: { file: '', line: 1, column: 1 },
    },
    target,
    emulatorUrl: url,
    limits: { concurrency },
    ports: systemPorts(),
    clientTag: 'bench',
  })
}

const destination = await openOurs()

async function ours(changes) {
  const { outcomes } = await destination.write(writeOf(changes), NEVER)
  for (const { status, code } of outcomes) if (status !== 'succeeded') throw new Error(`${status} ${code}`)
}

const agent = new Agent({ keepAlive: true, maxSockets: concurrency })
// What fetch asks for too: the CRM's own work must be the same.
const headers = {
  'accept-encoding': 'gzip, deflate',
  authorization: 'Bearer emulator',
  'content-type': 'application/json',
  'sforce-auto-assign': 'FALSE',
}

function bare({ method, path, body }) {
  return new Promise((resolve, reject) => {
    const length = { 'content-length': Buffer.byteLength(body) }
    const out = request(`${url}${path}`, { method, agent, headers: { ...headers, ...length } }, (answer) => {
      answer.resume()
      answer.on('end', () => (answer.statusCode < 300 ? resolve() : reject(new Error(`status ${answer.statusCode}`))))
    })
    out.on('error', reject)
    out.end(body)
  })
}

/** [what is posted, how]; the bare loop gets its requests ready-made. */
const [items, send] =
  way === 'backfeed' ? [batches, ours] : [batches.map((changes) => destination.wire(writeOf(changes))), bare]

async function worker(queue) {
  for (let next = queue.pop(); next !== undefined; next = queue.pop()) await send(next)
}

// Connections, login and compiled code first.
await Promise.all(items.slice(0, concurrency).map(send))
const queue = [...items]
const started = performance.now()
const before = process.cpuUsage()
await Promise.all(Array.from({ length: concurrency }, () => worker(queue)))
const { user, system } = process.cpuUsage(before)
const microsPerRow = (user + system) / (batches.length * 200)
console.log(JSON.stringify({ seconds: (performance.now() - started) / 1000, microsPerRow }))
agent.destroy()
await destination.close()
