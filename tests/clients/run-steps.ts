import type { PreparedClient, Step } from './step.ts'
import { within } from './within.ts'

export interface StepResult {
  ask: string
  ok: boolean
  /** What came back, or what went wrong. */
  answer: string
  seconds: number
}

const DEFAULT_TIMEOUT_MS = 30_000

/** Every step runs, also after one has failed: later lines then show how far the damage goes. Results as they come. */
export async function runSteps(
  { steps, lanes = [] }: Pick<PreparedClient, 'steps' | 'lanes'>,
  report: (result: StepResult, position: number) => void,
): Promise<StepResult[]> {
  const results: StepResult[] = []
  const runLane = async (lane: readonly Step[]): Promise<void> => {
    for (const step of lane) {
      const result = await runStep(step)
      results.push(result)
      report(result, results.length)
    }
  }
  await runLane(steps)
  await Promise.all(lanes.map(runLane))
  return results
}

async function runStep(step: Step): Promise<StepResult> {
  const started = performance.now()
  const finish = (ok: boolean, answer: string): StepResult => ({
    ask: step.ask,
    ok,
    answer: oneLine(answer),
    seconds: (performance.now() - started) / 1000,
  })
  try {
    return finish(true, await within(step.timeoutMs ?? DEFAULT_TIMEOUT_MS, step.run()))
  } catch (error) {
    return finish(false, error instanceof Error ? error.message : String(error))
  }
}

function oneLine(text: string): string {
  const line = text.replace(/\s+/g, ' ').trim()
  return line.length <= 400 ? line : `${line.slice(0, 400)}…`
}
