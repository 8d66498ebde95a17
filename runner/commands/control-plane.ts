/** Calls to a running emulator's control port. The HTTP interface is fixed, so this works with any of its versions. */
import { BackfeedError } from '../errors.ts'
import type { Ports } from '../ports.ts'

export interface ControlPlane {
  /** @throws BackfeedError E-EMU-DOWN when nobody answers, E-EMU-CONTROL when the call is refused. */
  call(method: 'GET' | 'POST' | 'PUT' | 'DELETE', path: string, body?: unknown): Promise<unknown>
}

export function controlPlane(
  url: string,
  { ports, signal }: { ports: Pick<Ports, 'http'>; signal: AbortSignal },
): ControlPlane {
  return {
    async call(method, path, body) {
      const init: RequestInit = { method, signal }
      if (body !== undefined) {
        init.body = JSON.stringify(body)
        init.headers = { 'content-type': 'application/json' }
      }
      const response = await ports.http(url + path, init).catch((cause: unknown) => {
        if (signal.aborted) throw cause
        throw new BackfeedError(
          {
            code: 'E-EMU-DOWN',
            message: `no emulator answers at ${url}`,
            help: 'start one with `backfeed emulator start`, or name its port with --control-port',
          },
          { cause },
        )
      })
      const text = await response.text()
      if (!response.ok)
        throw new BackfeedError({
          code: 'E-EMU-CONTROL',
          message: `the emulator refused ${method} ${path} (${response.status}): ${text.slice(0, 300)}`,
          help: 'check the object and field names of the file',
        })
      return jsonOrText(text)
    },
  }
}

function jsonOrText(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}
