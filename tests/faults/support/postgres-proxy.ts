/**
 * Between the runner and Postgres: understands just enough of the wire protocol (version 3, without TLS) to know which command is on
 * its way and when the server has finished it, and loses the command or only its answer.
 */

import { once } from 'node:events'
import { connect, createServer, type Server, type Socket } from 'node:net'

export interface CommandRule {
  /** Of the command's text. */
  text: RegExp
  /** Counts matching commands from 1, from the moment the rule was added; absent: every one. */
  nth?: number
  /** before: the server never sees it. after: the server has done it, and the client never hears. Both end the connection. */
  lost: 'before' | 'after'
  /** Called at that moment, before the connection ends. */
  call?: () => void
}

export interface PostgresProxy {
  port: number
  /** Texts of all commands so far, in order. */
  commands: string[]
  add(rule: CommandRule): void
  /** Ends every connection and refuses new ones until `mend()`. */
  cut(): void
  mend(): void
  clear(): void
  close(): Promise<void>
}

interface Armed extends CommandRule {
  seen: number
}

export async function startPostgresProxy(upstreamPort: number): Promise<PostgresProxy> {
  const rules: Armed[] = []
  const commands: string[] = []
  const sockets = new Set<Socket>()
  let isCut = false
  const server: Server = createServer((client) => {
    if (isCut) return void client.destroy()
    const upstream = connect(upstreamPort, '127.0.0.1')
    for (const socket of [client, upstream]) {
      sockets.add(socket)
      socket.on('error', () => {})
      socket.on('close', () => {
        sockets.delete(socket)
        client.destroy()
        upstream.destroy()
      })
    }
    relay({ client, upstream, commands, take: (text) => take(rules, text) })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  const destroyAll = (): void => {
    for (const socket of sockets) socket.destroy()
  }
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    commands,
    add: (rule) => void rules.push({ ...rule, seen: 0 }),
    clear: () => void rules.splice(0),
    cut() {
      isCut = true
      destroyAll()
    },
    mend() {
      isCut = false
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        destroyAll()
      }),
  }
}

function take(rules: readonly Armed[], text: string): CommandRule | undefined {
  return rules.filter((rule) => {
    if (!rule.text.test(text)) return false
    rule.seen += 1
    return rule.nth === undefined || rule.nth === rule.seen
  })[0]
}

interface Relay {
  client: Socket
  upstream: Socket
  commands: string[]
  take: (text: string) => CommandRule | undefined
}

function relay({ client, upstream, commands, take: ruleFor }: Relay): void {
  let losing: CommandRule | undefined
  const fromClient = messages({ withoutType: 1 }, (message) => {
    const text = commandText(message)
    if (text !== undefined) {
      commands.push(text)
      losing ??= ruleFor(text)
    }
    if (losing?.lost === 'before') return end(losing)
    upstream.write(message)
  })
  // ReadyForQuery: whatever the command did is done.
  const fromServer = messages({ withoutType: 0 }, (message) => {
    if (losing === undefined) client.write(message)
    else if (message[0] === READY) end(losing)
  })
  client.on('data', fromClient)
  upstream.on('data', fromServer)

  function end(rule: CommandRule): void {
    rule.call?.()
    client.resetAndDestroy()
    upstream.destroy()
  }
}

const QUERY = 'Q'.charCodeAt(0)
const PARSE = 'P'.charCodeAt(0)
const READY = 'Z'.charCodeAt(0)

/** Of a simple query, or of a statement that is being prepared. */
function commandText(message: Buffer): string | undefined {
  if (message[0] === QUERY) return message.toString('utf8', 5, message.length - 1)
  if (message[0] !== PARSE) return undefined
  const nameEnd = message.indexOf(0, 5)
  return message.toString('utf8', nameEnd + 1, message.indexOf(0, nameEnd + 1))
}

/** Cuts a stream of bytes into messages; the first ones of a client have no type byte. */
function messages({ withoutType }: { withoutType: number }, each: (message: Buffer) => void): (bytes: Buffer) => void {
  let rest = Buffer.alloc(0)
  let plain = withoutType
  return (bytes) => {
    rest = Buffer.concat([rest, bytes])
    for (;;) {
      const at = plain > 0 ? 0 : 1
      if (rest.length < at + 4) return
      const size = rest.readInt32BE(at) + at
      if (rest.length < size) return
      const message = rest.subarray(0, size)
      rest = rest.subarray(size)
      plain = Math.max(0, plain - 1)
      each(message)
    }
  }
}
