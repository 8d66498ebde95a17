// Measured by hubspot.mjs: batches of companies through our destination, the same requests by a bare keep-alive loop, or the
// same rows by the typed methods of HubSpot's client. Prints seconds, calls, CPU per row and outcomes.
import { Agent, request } from 'node:http'

const [way, url, optionsText] = process.argv.slice(2)
const { batches, size = 100, concurrency, path = 'upsert', badEvery = 0, ids = [] } = JSON.parse(optionsText)
const NEVER = new AbortController().signal

function inputOf(row) {
  const bad = badEvery > 0 && row % badEvery === badEvery - 1
  const properties = { name: `Company ${row}`, segment: bad ? 'nonsense' : 'power', score: String(row) }
  if (path === 'update') return { objectWriteTraceId: `c${row}`, id: ids[row], properties }
  const key = `K-${row}`
  return {
    objectWriteTraceId: `c${row}`,
    id: key,
    idProperty: 'customer_key',
    properties: { customer_key: key, ...properties },
  }
}

const inputs = Array.from({ length: batches }, (_, batch) =>
  Array.from({ length: size }, (_, row) => inputOf(batch * size + row)),
)
const counts = {}

async function openOurs() {
  const { openDestination } = await import('../dist/runner/destination/registry.js')
  const { systemPorts } = await import('../dist/runner/ports.js')
  const { Secret } = await import('../dist/runner/project/secret.js')
  const settings = { base_url: url, access_token: new Secret('bench') }
  const target = { emulator: false, auth: 'access_token', settings }
  const connection = { name: 'hubspot', type: 'hubspot', targets: new Map(), at: { file: '', line: 1, column: 1 } }
  return openDestination({ connection, target, limits: { concurrency }, ports: systemPorts(), clientTag: 'bench' })
}

/** [what is sent, how]: everything that can be made beforehand is. */
async function ours() {
  const destination = await openOurs()
  const matchField = path === 'upsert' ? { matchField: 'customer_key' } : {}
  const writes = inputs.map((rows) => ({
    object: 'companies',
    path,
    ...matchField,
    changes: rows.map((input) => ({ changeId: input.objectWriteTraceId, body: JSON.stringify(input) })),
  }))
  const send = async (write) => {
    const { outcomes } = await destination.write(write, NEVER)
    for (const { status } of outcomes) counts[status] = (counts[status] ?? 0) + 1
  }
  return { items: writes, send, calls: () => destination.calls.writes }
}

function bare() {
  const agent = new Agent({ keepAlive: true, maxSockets: concurrency })
  const headers = {
    authorization: 'Bearer bench',
    'content-type': 'application/json',
    'accept-encoding': 'gzip,deflate',
  }
  let calls = 0
  const send = (body) =>
    new Promise((resolve, reject) => {
      calls += 1
      const length = { 'content-length': Buffer.byteLength(body) }
      const address = `${url}/crm/objects/2026-09/companies/batch/${path}`
      const out = request(address, { method: 'POST', agent, headers: { ...headers, ...length } }, (answer) => {
        answer.resume()
        answer.on('end', () => (answer.statusCode < 300 ? resolve() : reject(new Error(`status ${answer.statusCode}`))))
      })
      out.on('error', reject)
      out.end(body)
    })
  return { items: inputs.map((rows) => JSON.stringify({ inputs: rows })), send, calls: () => calls }
}

async function typed() {
  const { Client } = await import('@hubspot/api-client')
  const client = new Client({ accessToken: 'bench', basePath: url, numberOfApiCallRetries: 0 })
  let calls = 0
  const send = async (rows) => {
    calls += 1
    const { results } = await client.crm.companies.batchApi.upsert({ inputs: rows })
    counts.succeeded = (counts.succeeded ?? 0) + results.length
  }
  return { items: inputs, send, calls: () => calls }
}

const { items, send, calls } = await { ours, bare, typed }[way]()

async function worker(queue) {
  for (let next = queue.pop(); next !== undefined; next = queue.pop()) await send(next)
}

// Connections and compiled code first, where it does not disturb what is counted.
if (path === 'upsert' && size === 100) await Promise.all(items.slice(0, concurrency).map(send))
const callsBefore = calls()
const queue = [...items]
const started = performance.now()
const before = process.cpuUsage()
await Promise.all(Array.from({ length: concurrency }, () => worker(queue)))
const { user, system } = process.cpuUsage(before)
const seconds = (performance.now() - started) / 1000
const microsPerRow = (user + system) / (batches * size)
console.log(JSON.stringify({ seconds, microsPerRow, calls: calls() - callsBefore, counts }))
process.exit(0)
