import { EventEmitter } from 'node:events'
import { expect, test } from 'vitest'
import { watchSignals } from '../../../runner/commands/signals.ts'
import type { Signals } from '../../../runner/ports.ts'

function fakeProcess() {
  const emitter = new EventEmitter()
  const exits: number[] = []
  const source: Signals = {
    on: (name, listener) => emitter.on(name, listener),
    off: (name, listener) => emitter.off(name, listener),
    exit: (code) => exits.push(code),
  }
  return { emitter, exits, source }
}

test.each([
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const)('the first %s asks to stop, the second one stops', (name, code) => {
  const { emitter, exits, source } = fakeProcess()
  const said: string[] = []
  const watch = watchSignals(source, (signal) => said.push(signal))
  expect(watch.interruptedBy()).toBeUndefined()
  emitter.emit(name)
  expect({ aborted: watch.signal.aborted, by: watch.interruptedBy(), exits, said }).toEqual({
    aborted: true,
    by: code,
    exits: [],
    said: [name],
  })
  expect(watch.isAbort(watch.signal.reason)).toBe(true)
  expect(watch.isAbort(new TypeError('other'))).toBe(false)
  emitter.emit(name)
  expect(exits).toEqual([code])
})

test('an impatient SIGINT after a SIGTERM stops at once too', () => {
  const { emitter, exits, source } = fakeProcess()
  watchSignals(source, () => {})
  emitter.emit('SIGTERM')
  emitter.emit('SIGINT')
  expect(exits).toEqual([130])
})

test('a finished command no longer listens', () => {
  const { emitter, source } = fakeProcess()
  watchSignals(source, () => {}).stop()
  expect(emitter.listenerCount('SIGINT') + emitter.listenerCount('SIGTERM')).toBe(0)
})
