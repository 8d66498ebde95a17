import type { BulkRequest, BulkResult, BulkState } from '../../bulk.ts'
import { CallFailure } from '../../call-failure.ts'
import { crmAnswer } from '../../crm-problems.ts'
import { type BulkContext, callDownload, thrown } from './bulk-calls.ts'
import { CsvFault } from './csv-cursor.ts'
import { type CsvSource, csvPages } from './csv-pages.ts'
import { failedLine, succeededLine, unprocessedLine } from './result-line.ts'

export interface EndedJob {
  id: string
  request: BulkRequest
  state: BulkState
}

export interface DownloadContext extends BulkContext {
  /** Of the job, from the root. */
  jobPath: string
  signal: AbortSignal
}

interface ResultFile {
  name: 'successfulResults' | 'failedResults' | 'unprocessedrecords'
  /** Lines the job counted; fewer mean that the file was cut. */
  least: number
  open: CsvSource<BulkResult>['open']
}

/** The three files of an ended job. Their order is not that of the upload, so a line is known by its key alone. */
export async function* jobResults(context: DownloadContext, job: EndedJob): AsyncIterable<readonly BulkResult[]> {
  for (const file of resultFiles(job)) {
    const rows = yield* allPages(context, { name: file.name, open: file.open })
    if (rows < file.least) {
      throw crmAnswer(context.client.place(), `${rows} lines of ${file.name} where the job counted ${file.least}`)
    }
  }
}

function resultFiles({ request, state }: EndedJob): readonly ResultFile[] {
  const key = request.path === 'update' ? 'Id' : (request.matchField ?? '')
  const failed = state.failed ?? 0
  return [
    { name: 'successfulResults', least: (state.processed ?? 0) - failed, open: (header) => succeededLine(header, key) },
    { name: 'failedResults', least: failed, open: (header) => failedLine(header, key) },
    { name: 'unprocessedrecords', least: 0, open: (header) => unprocessedLine(header, key, state) },
  ]
}

export interface PagedFile<T> {
  name: string
  open: CsvSource<T>['open']
}

/**
 * One download of a job, whole: further pages by `Sforce-Locator` (documented for queries alone, followed wherever it is),
 * each with its header, each counted against `Sforce-NumberOfRecords` where that is given. Returns the number of rows.
 */
export async function* allPages<T>(context: DownloadContext, file: PagedFile<T>): AsyncGenerator<readonly T[], number> {
  let rows = 0
  let query: string | undefined = ''
  const seen = new Set<string>()
  while (query !== undefined) {
    const answer = await callDownload(context, `${context.jobPath}/${file.name}${query}`, context.signal)
    const here = yield* counted(context, { chunks: answer.chunks, open: file.open })
    const announced = answer.headers['sforce-numberofrecords']
    if (announced !== undefined && Number(announced) !== here) {
      throw crmAnswer(context.client.place(), `${here} of ${announced} records`)
    }
    rows += here
    query = nextPage(answer.headers['sforce-locator'])
    if (query !== undefined && seen.has(query)) throw crmAnswer(context.client.place(), 'the same page again')
    if (query !== undefined) seen.add(query)
  }
  return rows
}

function nextPage(locator: string | undefined): string | undefined {
  if (locator === undefined || locator === '' || locator === 'null') return undefined
  return `?locator=${encodeURIComponent(locator)}`
}

async function* counted<T>(context: DownloadContext, source: CsvSource<T>): AsyncGenerator<readonly T[], number> {
  try {
    return yield* csvPages(source)
  } catch (error) {
    if (error instanceof CsvFault) throw crmAnswer(context.client.place(), `a broken CSV file (${error.message})`)
    if (error instanceof CallFailure) return thrown(context.client, context, error)
    throw error
  }
}
