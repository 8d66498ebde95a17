/** Mistakes in keys, mappings and rules, against the model's real columns and the live CRM: read, and nothing is planned. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { ProblemJson } from '../../runner/render-problems.ts'
import { type Changes, type MistakeProject, mistakeProject } from '../support/mistake-project.ts'
import { warehousesUnderTest } from '../support/warehouses.ts'

const SYNC = 'syncs/accounts.yml'
const OTHER = 'syncs/companies.yml'
const change = (from: string, to: string): Changes => ({ [SYNC]: [[from, to]] })

interface Mistake {
  code: string
  what: string
  changes: Changes
  /** The text in syncs/accounts.yml that is told. */
  at: string
  says: string | RegExp
  /** In the hint or the help. */
  instead: string
}

const keys: Mistake[] = [
  {
    code: 'E-KEY-MISSING',
    what: 'a key column that the model lacks',
    changes: change('primary_key: customer_id', 'primary_key: customer_idd'),
    at: 'customer_idd',
    says: 'model accounts has no column "customer_idd"',
    instead: 'did you mean "customer_id"?',
  },
  {
    code: 'E-MAP-COLUMN',
    what: 'a match column that the model lacks',
    changes: change('from: customer_id', 'from: client_number'),
    at: 'client_number',
    says: 'no column "client_number"',
    instead: 'known: customer_id, company_name, ltv',
  },
  {
    code: 'E-KEY-TYPE',
    what: 'a float as key',
    changes: change('primary_key: customer_id', 'primary_key: score'),
    at: 'score',
    says: /primary key column "score" has type double/i,
    instead: 'use a text or integer column',
  },
  {
    code: 'E-KEY-TYPE',
    what: 'a float as match column',
    changes: change('from: customer_id', 'from: score'),
    at: 'score',
    says: /match column "score" has type double/i,
    instead: 'cast(score as decimal(18, 0))',
  },
  {
    code: 'E-MAP-NOKEY',
    what: 'a match field that is not unique',
    changes: change('field: Customer_Id__c', 'field: Loose_Id__c'),
    at: 'Loose_Id__c',
    says: 'is not marked Unique',
    instead: 'set Unique on the field',
  },
  {
    code: 'E-MAP-NOKEY',
    what: 'a match field that is no External ID',
    changes: change('field: Customer_Id__c', 'field: Tier__c'),
    at: 'Tier__c',
    says: 'cannot be used as a key',
    instead: 'mark the field as External ID',
  },
]

const fields: Mistake[] = [
  {
    code: 'E-MAP-COLUMN',
    what: 'a mapped column that the model lacks',
    changes: change('from: ltv', 'from: ltvv'),
    at: 'ltvv',
    says: 'no column "ltvv"',
    instead: 'did you mean "ltv"?',
  },
  {
    code: 'E-MAP-UNKNOWN-FIELD',
    what: 'a field that the CRM lacks',
    changes: change('to: LTV__c', 'to: LTV__C'),
    at: 'LTV__C',
    says: 'Account has no field "LTV__C"',
    instead: 'did you mean "LTV__c"?',
  },
  {
    code: 'E-MAP-LABEL',
    what: 'a label',
    changes: change('to: LTV__c', 'to: Worth'),
    at: 'Worth',
    says: '"Worth" is a label; the API name is LTV__c',
    instead: 'write LTV__c',
  },
  {
    code: 'E-MAP-READONLY',
    what: 'a formula',
    changes: change('to: LTV__c', 'to: Health__c'),
    at: 'Health__c',
    says: 'Account.Health__c is computed by the CRM',
    instead: 'remove the mapping',
  },
  {
    code: 'E-MAP-PERMISSION',
    what: 'a field that this user may not edit',
    changes: change('to: Segment__c', 'to: Locked__c'),
    at: 'Locked__c',
    says: 'may not edit Account.Locked__c',
    instead: 'field-level security',
  },
  {
    code: 'E-MAP-TYPE',
    what: 'text for a number',
    changes: change('from: ltv', 'from: segment'),
    at: 'segment',
    says: /column "segment" is (VARCHAR|text), but Account.LTV__c is currency/,
    instead: 'cast(segment as decimal(18, 2))',
  },
  {
    code: 'E-MAP-FLOAT',
    what: 'a float',
    changes: change('from: ltv', 'from: score'),
    at: 'score',
    says: 'a float has no exact text',
    instead: 'cast(score as decimal(18, 2))',
  },
  {
    code: 'E-DATA-PICKLIST',
    what: 'a constant outside the picklist',
    changes: change(
      'to: Segment__c\n        from: segment\n        clear_when: cleared',
      'to: Tier__c\n        value: Gold+',
    ),
    at: 'Gold+',
    says: "not among the 3 values of the CRM's list",
    instead: 'Gold, Silver, Bronze',
  },
  {
    code: 'E-MAP-REQUIRED',
    what: 'a required field that nobody maps',
    changes: change('      - to: Name\n        from: company_name\n        write: on_create\n', ''),
    at: 'Account',
    says: 'Account.Name is required',
    instead: 'map Name',
  },
  {
    code: 'E-NULL-FLAG',
    what: 'a clear_when that is text',
    changes: change('clear_when: cleared', 'clear_when: company_name'),
    at: 'company_name',
    says: 'not boolean',
    instead: 'use sentinel:',
  },
]

const rules: Mistake[] = [
  {
    code: 'E-MAP-COLUMN',
    what: 'a rule about a column that the model lacks',
    changes: change('- column: ltv', '- column: lvt'),
    at: 'lvt',
    says: 'no column "lvt"',
    instead: 'did you mean "ltv"?',
  },
  {
    code: 'E-SQL-WAREHOUSE',
    what: 'a rule that is no SQL',
    changes: change(`"segment <> ''"`, `"segment is is null"`),
    at: '"segment is is null"',
    says: /rule has_segment: .*syntax error/,
    instead: 'write one SQL condition',
  },
  {
    code: 'E-SQL-WAREHOUSE',
    what: 'a rule with a column that the model lacks',
    changes: change(`"segment <> ''"`, `"segmentt <> ''"`),
    at: `"segmentt <> ''"`,
    says: /rule has_segment: .*"?segmentt"?/,
    instead: 'segment',
  },
]

describe.each(warehousesUnderTest())('on $name, a mistake in a sync file', (under) => {
  let project: MistakeProject
  let drop: () => Promise<void>
  beforeAll(async () => {
    const { settings, drop: dropDatabase } = await under.settings()
    drop = dropDatabase
    project = await mistakeProject({ type: under.name, settings })
    await project.control.putSchema('salesforce', 'Account', {
      fields: [{ name: 'LTV__c', label: 'Worth', type: 'currency', precision: 18, scale: 2 }],
    })
  })
  afterAll(async () => {
    await project.close()
    await drop()
  })

  const nothingBegan = async (): Promise<void> => {
    const runs = await project.query('select count(*) from backfeed.sync_run')
    expect(runs).toEqual([['0']])
  }

  test.each([...keys, ...fields, ...rules])('$code: $what', async ({ code, changes, at, says, instead }) => {
    const changed = project.change(changes)
    const told = await changed.tell()
    expect(told.problems.map((problem) => problem.code)).toEqual([code])
    expect(told.exit).toBe(2)
    const [problem] = told.problems
    expect(problem).toMatchObject(changed.at(SYNC, at))
    expect(problem?.message).toMatch(says)
    expect(wordsOf(problem)).toContain(instead)
    await nothingBegan()
  })

  test('mistakes of two syncs and of several kinds are told in one list', async () => {
    const changed = project.change({
      [SYNC]: [
        ['from: ltv', 'from: ltvv'],
        ['to: Segment__c', 'to: Segmnt__c'],
        [`"segment <> ''"`, '"segment is is null"'],
      ],
      [OTHER]: [
        ['to: segment', 'to: segmentt'],
        ['from: company_name', 'from: company'],
      ],
    })
    const told = await changed.tell('plan')
    expect(told.exit).toBe(2)
    expect(told.problems.map(({ code, file, line, column }) => [code, { file, line, column }])).toEqual([
      ['E-MAP-COLUMN', changed.at(SYNC, 'ltvv')],
      ['E-MAP-UNKNOWN-FIELD', changed.at(SYNC, 'Segmnt__c')],
      ['E-SQL-WAREHOUSE', changed.at(SYNC, '"segment is is null"')],
      ['E-MAP-COLUMN', { ...changed.at(OTHER, 'company\n') }],
      ['E-MAP-UNKNOWN-FIELD', changed.at(OTHER, 'segmentt')],
    ])
    await nothingBegan()
  })

  test('E-MAP-OBJECT: an object that the CRM lacks, with what the other CRM says', async () => {
    const changed = project.change({
      [SYNC]: [['object: Account', 'object: Acount']],
      [OTHER]: [['to: segment', 'to: segmentt']],
    })
    const told = await changed.tell()
    expect(told).toMatchObject({
      exit: 2,
      problems: [
        { code: 'E-MAP-OBJECT', ...changed.at(SYNC, 'Acount'), hint: 'did you mean "Account"?' },
        { code: 'E-MAP-UNKNOWN-FIELD', ...changed.at(OTHER, 'segmentt') },
      ],
    })
    await nothingBegan()
  })

  test('W-NULL-SENTINEL: one that is a real value, or no value at all, is told once', async () => {
    const sentinel = (text: string): Changes => change('clear_when: cleared', `sentinel: ${text}`)
    const real = project.change(sentinel('core'))
    const told = await real.tell('plan')
    expect(told.exit).toBe(0)
    const { line, column } = real.at(SYNC, 'core')
    expect(told.stderr).toContain(`warning W-NULL-SENTINEL  ${SYNC}:${line}:${column}  `)
    expect(told.stderr).toContain('occurs in 50 % of 2 rows')
    expect(told.stderr.match(/^warning /gm)).toHaveLength(1)
    const never = await project.tell(sentinel('__CLEAR__'), ['plan'])
    expect(never.stderr).toContain('the sentinel of Segment__c occurs in none of 2 rows')
    const listed = await project.tell(
      {
        [SYNC]: [
          ['clear_when: cleared', 'sentinel: Gold'],
          ['to: Segment__c', 'to: Tier__c'],
        ],
      },
      ['plan'],
    )
    expect(listed.stderr).toContain('the sentinel of Tier__c is also one of the values Tier__c takes')
  })

  test('W-MAP-LENGTH as quarantine: a value that is too long waits with its reason', async () => {
    const told = await project.tell({ 'models/accounts.sql': [['  segment,', "  repeat('x', 50) as segment,"]] }, [
      'plan',
    ])
    expect(told.exit).toBe(0)
    expect(told.json).toMatchObject({ syncs: [{ quarantineByReason: { Segment__c_too_long: 1 } }, {}] })
  })
})

function wordsOf(problem: ProblemJson | undefined): string {
  return `${problem?.hint} ${problem?.help}`
}
