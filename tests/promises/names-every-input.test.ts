import { expect, test } from 'vitest'
import { liveProject, valuesModel } from '../support/live-project.ts'
import { sentRecords } from './small-sync.ts'

const SYNC = `version: 1
syncs:
  - name: people
    model: ref('people')
    primary_key: email
    destination: {connection: hubspot, object: contacts}
    mode: upsert
    match: {field: email, from: email, strategy: unique_property}
    fields:
      - {to: city, from: city}
    guards: {max_creates: 100%}
`

test('every HubSpot input has a trace id of its own, and a batch carries at most 100', async () => {
  const rows = Array.from({ length: 130 }, (_, n) => ({ email: `p${n}@acme.example`, city: n === 7 ? null : 'Berlin' }))
  const project = await liveProject({
    'models/people.sql': valuesModel({ email: 'varchar', city: 'varchar' }, rows),
    'syncs/people.yml': SYNC,
  })
  try {
    const result = await project.cli('run')
    expect(result.exit, result.stderr).toBe(0)
    const writes = await project.takeWrites()
    expect(writes.map((write) => sentRecords([write]).length)).toEqual([25, 100, 5])
    const inputs = sentRecords(writes)
    expect(new Set(inputs.map((input) => input.objectWriteTraceId)).size).toBe(130)
    // A null is absent: HubSpot would clear on an empty text.
    expect(inputs.find((input) => input.id === 'p7@acme.example')?.properties).toEqual({ email: 'p7@acme.example' })
  } finally {
    await project.close()
  }
})
