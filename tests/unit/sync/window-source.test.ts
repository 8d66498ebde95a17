import { beforeEach, expect, test, vi } from 'vitest'
import type { Batch, PlannedChange } from '../../../runner/sync/read-batches.ts'
import type { SyncRun } from '../../../runner/sync/sync-run.ts'
import { windowSource } from '../../../runner/sync/window-source.ts'

const planned: Batch[] = []
vi.mock('../../../runner/sync/read-batches.ts', () => ({
  async *batchesOf() {
    yield* planned
  },
}))

function batch(batchNo: number, removal?: 'delete'): Batch {
  const change: PlannedChange = {
    changeId: `change-${batchNo}`,
    rowNo: batchNo,
    rowKey: `key-${batchNo}`,
    crmId: null,
    body: '{}',
    payloadHash: 'hash',
    parent: null,
    ...(removal && { removal }),
  }
  return { batchNo, changes: [change] }
}

const numbers = (window: readonly Batch[]) => window.map(({ batchNo }) => batchNo)
const source = () => windowSource({} as SyncRun, planned.length)

beforeEach(() => {
  planned.length = 0
})

test('what was announced and not sent comes first in the next window, and nothing is left out', async () => {
  planned.push(...[1, 2, 3, 4, 5].map((batchNo) => batch(batchNo)))
  const windows = source()
  const first = await windows.next(4)
  windows.putBack(first.slice(2))
  expect([numbers(first), numbers(await windows.next(2)), numbers(await windows.next(9))]).toEqual([
    [1, 2, 3, 4],
    [3, 4],
    [5],
  ])
  expect(await windows.next(9)).toEqual([])
})

test('deletes wait for a window of their own, also behind batches that were put back', async () => {
  planned.push(batch(1), batch(2), batch(3, 'delete'))
  const windows = source()
  const first = await windows.next(9)
  expect(numbers(first)).toEqual([1, 2])
  windows.putBack(first.slice(1))
  expect(numbers(await windows.next(9))).toEqual([2])
  expect(numbers(await windows.next(9))).toEqual([3])
})
