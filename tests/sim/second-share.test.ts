import { test } from 'vitest'
import { expectShare } from './expect-share.ts'

test('second 500 worlds: whatever fails, every promise holds, and all comes to rest', () => expectShare(1), 1_800_000)
