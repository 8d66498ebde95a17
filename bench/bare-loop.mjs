// The floor of delivering: post bodies that are already there, keep-alive, two at a time, look at nothing but the status.
import { readFileSync } from 'node:fs'
import { Agent, request } from 'node:http'

const [file, url] = process.argv.slice(2)
const requests = readFileSync(file, 'utf8')
  .trimEnd()
  .split('\n')
  .map((line) => JSON.parse(line))
const agent = new Agent({ keepAlive: true, maxSockets: 2 })

function post({ method, path, headers, body }) {
  return new Promise((resolve, reject) => {
    const out = request(
      `${url}${path}`,
      { method, agent, headers: { ...headers, 'content-length': Buffer.byteLength(body) } },
      (answer) => {
        answer.resume()
        answer.on('end', () =>
          answer.statusCode < 300 ? resolve() : reject(new Error(`${method} ${path}: ${answer.statusCode}`)),
        )
      },
    )
    out.on('error', reject)
    out.end(body)
  })
}

let next = 0
async function worker() {
  while (next < requests.length) {
    const mine = requests[next]
    next += 1
    await post(mine)
  }
}
await Promise.all([worker(), worker()])
agent.destroy()
