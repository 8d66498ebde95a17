/** Passes requests through to the emulator and keeps the bytes of each: the journal shows parsed bodies, a hash needs the bytes. */
import { createHash } from 'node:crypto'
import { createServer, request as send } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface RecordedRequest {
  method: string
  path: string
  sha256: string
}

export interface RecordingProxy {
  url: string
  requests: RecordedRequest[]
  close(): Promise<void>
}

/** Said in place of the real answer, after the request was applied. */
export type Replaced = (request: RecordedRequest) => { status: number; body: string } | undefined

export async function recordingProxy(target: string, replaced: Replaced = () => undefined): Promise<RecordingProxy> {
  const requests: RecordedRequest[] = []
  const server = createServer(async (incoming, out) => {
    const chunks: Buffer[] = []
    for await (const chunk of incoming) chunks.push(Buffer.from(chunk))
    const body = Buffer.concat(chunks)
    const { method = 'GET', url = '/', headers } = incoming
    const recorded = { method, path: url, sha256: createHash('sha256').update(body).digest('hex') }
    requests.push(recorded)
    const onward = send(
      `${target}${url}`,
      { method, headers: { ...headers, host: new URL(target).host } },
      (answer) => {
        const other = replaced(recorded)
        if (other === undefined) {
          out.writeHead(answer.statusCode ?? 502, answer.headers)
          answer.pipe(out)
          return
        }
        answer.resume()
        answer.on('end', () => out.writeHead(other.status, { 'content-type': 'text/html' }).end(other.body))
      },
    )
    onward.on('error', () => out.destroy())
    onward.end(body)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    requests,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
