/** Rows that must not travel, runs that would change too much, and a sync that somebody else is running. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type Changes, type MistakeProject, mistakeProject } from '../support/mistake-project.ts'
import { warehousesUnderTest } from '../support/warehouses.ts'

const ACCOUNTS = 'models/accounts.sql'
const SYNC = 'syncs/accounts.yml'
const LAST = 'as given(customer_id, company_name, ltv, segment, score, cleared)\n'
const guard = (line: string): Changes => ({ [SYNC]: [['max_creates: 1000', line]] })

describe.each(warehousesUnderTest())('on $name', (under) => {
  let project: MistakeProject
  let drop: () => Promise<void>
  beforeAll(async () => {
    const { settings, drop: dropDatabase } = await under.settings()
    drop = dropDatabase
    project = await mistakeProject({ type: under.name, settings })
  })
  afterAll(async () => {
    await project.close()
    await drop()
  })

  const placeOfValue = (changes: Changes, line: string) => {
    const { column, ...place } = project.change(changes).at(SYNC, line)
    return { ...place, column: column + line.indexOf(': ') + 2 }
  }
  const reasons = () =>
    project.query(
      "select distinct code, rule from backfeed_audit.quarantine where sync_name = 'accounts' order by 1, 2",
    )

  describe('rows with a mistake wait in quarantine and say why', () => {
    test.each([
      ['E-KEY-NULL', 'key_not_null', [["('QF-77802'", '(null']]],
      ['E-KEY-DUP', 'key_unique', [["'QF-77802'", "'ZW-77801'"]]],
      ['E-KEY-FOLD', 'match_unique', [["'QF-77802'", "'zw-77801'"]]],
      ['E-DATA-RULE', 'ltv_between', [['cast(12.00', 'cast(-12.00']]],
    ] as const)('%s', async (code, rule, model) => {
      const told = await project.tell({ [ACCOUNTS]: model }, ['plan', '-s', 'accounts'])
      expect(told).toMatchObject({ exit: 0, problems: [] })
      expect(told.json).toMatchObject({ syncs: [{ quarantineByReason: { [rule]: expect.any(Number) } }] })
      expect(await reasons()).toContainEqual([code, rule])
    })
  })

  describe('a guard stops the run before its first call', () => {
    test.each([
      ['E-BUDGET-CREATES', 'max_creates: 1', {}, 'creates is 2, the limit is 1', '--allow creates=2 --reason "…"'],
      [
        'E-BUDGET-QUARANTINED',
        'max_quarantined: 0',
        { [ACCOUNTS]: [["'QF-77802'", 'null']] },
        'quarantined is 1, the limit is 0',
        '--allow quarantined=1 --reason "…"',
      ],
      [
        'E-GUARD-EMPTY',
        'min_source_rows: 1',
        { [ACCOUNTS]: [[LAST, `${LAST}where 1 = 0\n`]] },
        'min_source_rows is 0, the limit is 1',
        '--allow empty=1 --reason "…"',
      ],
    ] as const)('%s', async (code, line, model, says, instead) => {
      const sync: Changes = { [SYNC]: [['max_quarantined: 100%\n      max_creates: 1000', line]] }
      const told = await project.tell({ ...sync, ...model }, ['run', '-s', 'accounts'])
      expect(told).toMatchObject({
        exit: 3,
        json: { status: 'refused' },
        problems: [{ code, ...placeOfValue(sync, line) }],
      })
      expect(told.problems[0]?.message).toContain(says)
      expect(told.stderr).toContain(`help: if this is meant: ${instead}`)
    })

    test('E-DATA-RULE: a rule with on_fail: fail, at the rule', async () => {
      const changes: Changes = {
        [SYNC]: [['        min: 0\n', '        min: 0\n        on_fail: fail\n']],
        [ACCOUNTS]: [['cast(12.00', 'cast(-12.00']],
      }
      const told = await project.tell(changes, ['run', '-s', 'accounts'])
      expect(told).toMatchObject({
        exit: 3,
        problems: [{ code: 'E-DATA-RULE', ...project.change(changes).at(SYNC, 'column: ltv') }],
      })
    })

    test('E-GUARD-EMPTY without the guard in the file: at the model', async () => {
      const told = await project.tell({ [ACCOUNTS]: [[LAST, `${LAST}where 1 = 0\n`]] }, ['run', '-s', 'accounts'])
      expect(told).toMatchObject({
        exit: 3,
        problems: [{ code: 'E-GUARD-EMPTY', ...project.change({}).at(SYNC, "accounts')") }],
      })
    })
  })

  describe('after a good run', () => {
    beforeAll(async () => {
      const first = await project.tellWrites(['run'])
      expect(first.exit).toBe(0)
      expect(await project.takeWrites()).toHaveLength(2)
    })
    beforeEach(() => project.control.clearJournal())

    test('E-GUARD-SHRINK: the model lost half of its rows', async () => {
      const half: Changes = { [ACCOUNTS]: [[LAST, `${LAST}where customer_id like 'Z%'\n`]] }
      const told = await project.tell({ ...half, ...guard('max_source_drop: 10%') }, ['run', '-s', 'accounts'])
      const place = placeOfValue(guard('max_source_drop: 10%'), 'max_source_drop: 10%')
      expect(told).toMatchObject({ exit: 3, problems: [{ code: 'E-GUARD-SHRINK', ...place }] })
      expect(told.stderr).toContain('--allow shrink=50% --reason "…"')
    })

    test('E-RUN-BUSY: another run holds the sync', async () => {
      const hold =
        "update backfeed.sync_lease set holder = 'other', run_id = 'run_other', expires_at = cast('2999-01-01' as timestamp)"
      await project.execute(`${hold} where resource like '%/accounts'`)
      const told = await project.tell({}, ['run', '-s', 'accounts'])
      expect(told).toMatchObject({ exit: 6, problems: [{ code: 'E-RUN-BUSY' }] })
      expect(told.problems[0]?.message).toMatch(
        /run run_other holds \w+\/accounts since 2\d{3}-.* UTC, until 2999-01-01 00:00:00 UTC/,
      )
      expect(told.stderr).toContain('help: wait for it to end')
      await project.execute('update backfeed.sync_lease set holder = null, expires_at = null')
      expect(await project.tell({}, ['run', '-s', 'accounts'])).toMatchObject({ exit: 0, problems: [] })
    })

    test('E-STATE-NEWER: the tables are of a newer Backfeed', async () => {
      await project.execute("insert into backfeed.sync_schema (version, tool_version) values (99, '9.9.9')")
      const told = await project.tell({})
      expect(told).toMatchObject({ exit: 2, requests: 0, problems: [{ code: 'E-STATE-NEWER' }] })
      expect(told.stderr).toContain('have version 99; this Backfeed knows version')
      expect(told.stderr).toContain('help: upgrade Backfeed')
      await project.execute('delete from backfeed.sync_schema where version = 99')
    })
  })
})
