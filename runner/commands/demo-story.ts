/**
 * The story of the demo, told with the verbs a user types: plan, run, run again, people at work in the CRM, the next day,
 * one row's history, the quarantine, the audit. Every claim is checked; a claim that does not hold fails the demo.
 */
import { relative } from 'node:path'
import { BackfeedError, ExitCode } from '../errors.ts'
import { renderTable } from '../output/table.ts'
import type { DemoStage } from './demo.ts'
import { type DemoCrm, demoCrm } from './demo-crm.ts'
import { countViews, editScores, type ScoreEdit } from './demo-warehouse.ts'

/** The customer whose history is shown: stale in the CRM, edited by a person, then changed again by the warehouse. */
const CUSTOMER = 'C-0005'
const PERSONS_EDIT = { Custom_Notes__c: 'Asked for a call on Friday', Phone: '+49 30 5550100', LTV__c: 1 }

/** C-0005 gets a new risk score; C-0088 had one out of range, which is mended. */
const NEXT_DAY: readonly ScoreEdit[] = [
  [CUSTOMER, 'risk_score', '12.25'],
  ['C-0088', 'risk_score', '14.50'],
  ['C-0100', 'ltv', '45100.00'],
]

interface Telling {
  stage: DemoStage
  crm: DemoCrm
}

export async function tellStory(stage: DemoStage): Promise<ExitCode> {
  const crm = demoCrm(stage.controlUrl, stage.context)
  const telling = { stage, crm }
  await setTheScene(telling)
  await planAndRun(telling)
  const secondRunWriteCalls = await runAgain(telling)
  await peopleAtWork(telling)
  await lookBack(telling)
  return conclude(telling, secondRunWriteCalls)
}

async function setTheScene({ stage, crm }: Telling): Promise<void> {
  chapter(stage, '1. Two sides: tables in DuckDB, people in Salesforce and HubSpot')
  const records = await crm.load()
  tell(
    stage,
    `A local Salesforce and HubSpot answer at ${stage.emulatorUrl}; they hold ${records} records that people work in.`,
  )
  await type(stage, ['build'])
}

async function planAndRun({ stage, crm }: Telling): Promise<void> {
  chapter(stage, '2. The plan: what would be sent, field by field, against the live CRM')
  await crm.takeWriteCalls()
  await type(stage, ['plan', '--sample', '4'])
  check((await crm.takeWriteCalls()) === 0, 'a plan writes nothing')
  chapter(stage, '3. The run sends exactly that')
  await type(stage, ['run'], ExitCode.rowFailures)
  const calls = await crm.takeWriteCalls()
  check(calls > 0, 'the first run writes')
  tell(
    stage,
    `${calls} write requests. HubSpot refused one row, which no plan can know; it is recorded, everything else went through, and the exit code is 1.`,
  )
}

async function runAgain({ stage, crm }: Telling): Promise<number> {
  chapter(stage, '4. Run again: the same data, nothing to send')
  await type(stage, ['run', '--quiet'])
  const calls = await crm.takeWriteCalls()
  check(calls === 0, 'the second run writes nothing')
  tell(stage, `${calls} write requests.`)
  return calls
}

async function peopleAtWork({ stage, crm }: Telling): Promise<void> {
  chapter(stage, '5. People work in the CRM, the warehouse moves on, and nobody loses anything')
  await crm.edit('salesforce', 'Account', [{ Customer_Id__c: CUSTOMER, ...PERSONS_EDIT }])
  tell(
    stage,
    `Somebody edits ${CUSTOMER} in Salesforce: a note (owned by the CRM), a phone number (not mapped), and the LTV (ours).`,
  )
  editScores(stage.dir, NEXT_DAY)
  tell(
    stage,
    `The scoring job runs: ${CUSTOMER} has another risk score, C-0100 another LTV, and C-0088's score is valid at last.`,
  )
  await type(stage, ['seed', '-s', 'customer_scores', '--quiet'])
  await type(stage, ['plan', '-s', 'salesforce_accounts'])
  await type(stage, ['run', '-s', 'salesforce_accounts', '--quiet'])
  await showSurvivors({ stage, crm })
}

async function showSurvivors({ stage, crm }: Telling): Promise<void> {
  const account = await crm.account(CUSTOMER)
  const rows = [...Object.entries(PERSONS_EDIT), ['Risk_Score__c', 12.25] as const].map(([field, wanted]) => {
    check(account[field] === wanted, `${field} of ${CUSTOMER} is ${String(wanted)}`)
    const kind = {
      Custom_Notes__c: 'owned by the CRM',
      Phone: 'not mapped',
      LTV__c: 'drift: the warehouse did not change it',
    }[field]
    return [field, String(account[field]), kind ?? 'sent by this run']
  })
  const columns = [{ title: `${CUSTOMER} in Salesforce` }, { title: 'value' }, { title: '' }]
  stage.context.console.print(renderTable(columns, rows, { style: stage.context.console.style, indent: '  ' }))
}

async function lookBack({ stage }: Telling): Promise<void> {
  chapter(stage, '6. What happened to one customer, field by field')
  await type(stage, ['history', 'row', 'salesforce_accounts', CUSTOMER])
  chapter(stage, '7. What was held back, and why')
  await type(stage, ['quarantine', 'ls', 'salesforce_accounts'])
  await type(stage, ['quarantine', 'ls', 'hubspot_contacts'])
  await type(stage, ['status'])
}

/** What adds up, and what only people make: approvals, pauses, phases of a rollout. */
const mayBeEmpty: readonly string[] = ['reconciliation', 'approvals', 'interventions', 'rollouts']

async function conclude({ stage }: Telling, secondRunWriteCalls: number): Promise<ExitCode> {
  chapter(stage, '8. The audit is yours: tables in the same warehouse')
  const views = await countViews(stage.context)
  const { console } = stage.context
  const rows = Object.entries(views).map(([view, count]): [string, number] => [`backfeed_audit.${view}`, count])
  console.print(
    renderTable([{ title: 'view' }, { title: 'rows', align: 'right' }], rows, { style: console.style, indent: '  ' }),
  )
  check(views.reconciliation === 0, 'reconciliation is empty')
  for (const [view, count] of Object.entries(views))
    check(count > 0 || mayBeEmpty.includes(view), `view ${view} has rows`)
  tell(stage, 'reconciliation lists what does not add up: it is empty.')
  const folder = relative(process.cwd(), stage.dir) || '.'
  tell(
    stage,
    `Next: cd ${folder}, then npx backfeed emulator start & and look around; npx backfeed --help has the verbs.`,
  )
  console.json({
    demo: 'ok',
    second_run_write_calls: secondRunWriteCalls,
    reconciliation_rows: views.reconciliation,
    views,
  })
  return ExitCode.ok
}

function chapter({ context }: DemoStage, title: string): void {
  context.console.print(`\n${context.console.style.bold(title)}`)
}

function tell({ context }: DemoStage, text: string): void {
  context.console.print(text)
}

/** A verb, shown as it would be typed. */
async function type(stage: DemoStage, argv: readonly string[], expected: ExitCode = ExitCode.ok): Promise<void> {
  tell(stage, stage.context.console.style.dim(`$ npx backfeed ${argv.join(' ')}`))
  const { exit } = await stage.verb(...argv)
  check(exit === expected, `backfeed ${argv[0]} ends with ${expected}, not ${exit}`)
}

function check(holds: boolean, claim: string): void {
  if (!holds) throw new BackfeedError({ code: 'E-DEMO', message: `the demo does not hold what it promises: ${claim}` })
}
