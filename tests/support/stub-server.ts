import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'

export interface StubRequest {
  method: string
  path: string
  headers: Readonly<Record<string, string>>
  body: string
}

export interface StubServer {
  url: string
  requests: StubRequest[]
  /** TCP connections accepted so far. */
  connections(): number
  close(): Promise<void>
}

/** A server of a few lines: records every request, then lets the test answer. */
export async function stubServer(
  answer: (request: StubRequest, out: ServerResponse, incoming: IncomingMessage) => void,
): Promise<StubServer> {
  const requests: StubRequest[] = []
  const server = createServer(async (incoming, out) => {
    const chunks: Buffer[] = []
    for await (const chunk of incoming) chunks.push(chunk)
    const request = {
      method: incoming.method ?? '',
      path: incoming.url ?? '',
      headers: Object.fromEntries(Object.entries(incoming.headers).map(([name, value]) => [name, String(value)])),
      body: Buffer.concat(chunks).toString('utf8'),
    }
    requests.push(request)
    answer(request, out, incoming)
  })
  let connections = 0
  server.on('connection', () => {
    connections += 1
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  return {
    url: `http://127.0.0.1:${port}`,
    requests,
    connections: () => connections,
    close: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

export function json(out: ServerResponse, status: number, body: unknown, headers: Record<string, string> = {}): void {
  out.writeHead(status, { 'content-type': 'application/json', ...headers })
  out.end(JSON.stringify(body))
}
