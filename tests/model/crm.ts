/** What the CRM does with a request that reaches it, in whatever order requests do. */
import type { Protocol } from './protocol.ts'
import type { Message, World } from './state.ts'

export function applyMessage(world: World, message: Message, protocol: Protocol): void {
  message.status = 'answered'
  if (message.op === 'update') update(world, message.record, message, protocol)
  else if (protocol.uniqueKey && world.records.length > 0) {
    message.answer = 0
    update(world, 0, message, protocol)
  } else create(world, message, protocol)
  if (world.records.length > 1) world.violation ||= 'P-DUP: two records for one key'
}

function create(world: World, message: Message, protocol: Protocol): void {
  world.records.push({ version: message.version, token: protocol.fenceField ? message.token : 0 })
  message.answer = world.records.length - 1
  noteOrder(world, message.version, protocol)
}

function update(world: World, index: number, message: Message, protocol: Protocol): void {
  const record = world.records[index]
  if (record === undefined) return
  if (protocol.fenceField && message.token < record.token) {
    message.status = 'refused'
    return
  }
  record.version = message.version
  record.token = protocol.fenceField ? message.token : 0
  message.answer = index
  noteOrder(world, message.version, protocol)
}

function noteOrder(world: World, version: number, { regressionAllowed }: Protocol): void {
  if (version < world.newestApplied && !regressionAllowed) world.violation ||= 'P-REG: an older value after a newer one'
  world.newestApplied = Math.max(world.newestApplied, version)
}
