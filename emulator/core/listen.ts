import { createServer, type RequestListener, type Server } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import type { TlsPair } from './self-signed.ts'

// Pooled client connections must not race with the server closing them: that would look like an injected fault.
const OPTIONS = { keepAliveTimeout: 120_000, requestTimeout: 0, headersTimeout: 120_000, maxHeaderSize: 128 * 1024 }

/** A loopback server. Rejects with the system's error (EADDRINUSE, EACCES) when the port cannot be had. */
export function listen(
  port: number,
  listener: RequestListener,
  tls?: TlsPair,
): Promise<{ server: Server; port: number }> {
  const server = tls === undefined ? createServer(OPTIONS, listener) : createTlsServer({ ...OPTIONS, ...tls }, listener)
  server.keepAliveTimeout = 120_000
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, '127.0.0.1', () => {
      server.off('error', reject)
      resolve({ server, port: (server.address() as AddressInfo).port })
    })
  })
}

/** Stops at once: open connections are cut, pending answers are lost. */
export function stop(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve())
    server.closeAllConnections()
  })
}
