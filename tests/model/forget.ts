/** Sets aside what can make no difference any more, so that fewer worlds differ. */
import type { Protocol } from './protocol.ts'
import { type Message, newRunner, type Runner, type World } from './state.ts'

export function forget(world: World, protocol: Protocol): void {
  const { runners, messages, state } = world
  if (runners.length === 2 && (runners[0]?.epoch ?? 0) < (runners[1]?.epoch ?? 0)) runners.reverse()
  for (const runner of runners) forgetOfRunner(runner, protocol)
  for (const message of messages) forgetOfMessage(message, protocol)
  if (!state.unsettled) state.sent = 0
  if (protocol.regressionAllowed) world.newestApplied = 0
}

function forgetOfRunner(runner: Runner, { fenceField }: Protocol): void {
  if (!fenceField) runner.sends = 0
  if (runner.step !== 'release') return
  const { change, verdict, record, sends } = newRunner()
  Object.assign(runner, { change, verdict, record, sends })
}

/** Of a request that has had its effect only the answer is left; of others nobody waits for, not who sent them. */
function forgetOfMessage(message: Message, { fenceField }: Protocol): void {
  if (message.status !== 'underway') Object.assign(message, { op: 'create', version: 0, record: -1, token: 0 })
  if (!message.awaited) message.from = 0
  if (!fenceField) message.token = 0
}
